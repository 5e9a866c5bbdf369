"""A column set through a diverted relation and saved at once becomes an operation."""

import pytest

from codemods.transforms import save_related
from tests.codemods.transforms.one_file import Rewriter

TOP = "from django.db import transaction\nfrom shop.models import Line, Order\n\n\n"


@pytest.fixture(scope="session")
def rewriter(project, graph, contexts):
    return Rewriter(project, graph, contexts)


def saved(rewriter, code, relation="shop.Line", name="product"):
    decided = {(relation, name): ""}
    text, proposal = rewriter.rewrite(save_related, TOP + code, service="goods", decided=decided)
    return text.removeprefix(TOP), proposal


LEFT_ALONE = {
    "only set": "def f(line: Line):\n    line.product.left = 1\n",
    "set and saved later": (
        "def f(line: Line):\n    line.product.left = 1\n    print()\n    line.product.save()\n"
    ),
    "two columns": (
        "def f(line: Line):\n    line.product.left = 1\n    line.product.name = 'x'\n"
        "    line.product.save()\n"
    ),
    "in a transaction": (
        "def f(line: Line):\n    with transaction.atomic():\n        line.product.left = 1\n"
        "        line.product.save()\n"
    ),
    "in a function that is one": (
        "@transaction.atomic\ndef f(line: Line):\n    line.product.left = 1\n"
        "    line.product.save()\n"
    ),
    "saved in part": (
        "def f(line: Line):\n    line.product.left = 1\n"
        "    line.product.save(update_fields=['left'])\n"
    ),
    "own relation": "def f(line: Line):\n    line.order.number = '1'\n    line.order.save()\n",
    "another row": (
        "def f(line: Line, other: Line):\n    line.product.left = 1\n    other.product.save()\n"
    ),
}


@pytest.mark.parametrize("code", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_is_left_alone(rewriter, code):
    after, proposal = saved(rewriter, code)
    assert after == code
    assert not proposal.changes


def test_the_column_is_changed_by_its_owner_and_read_anew(rewriter):
    after, proposal = saved(
        rewriter,
        "def f(line: Line, left: int):\n"
        "    if left:\n"
        "        # what is left\n"
        "        line.product.left = left - 1\n"
        "        line.product.save()\n",
    )
    assert after == (
        "def f(line: Line, left: int):\n"
        "    if left:\n"
        "        # what is left\n"
        "        people_client.update_product_by_id_setting_left("
        "id=line.product_id, left=left - 1)\n"
        "        line.product = people_client.get_product(id=line.product_id)\n"
    )
    assert [operation.verb for c in proposal.changes for operation in c.operations] == [
        "update",
        "get",
    ]


def test_a_clock_of_the_row_needs_its_save(rewriter):
    code = "def f(order: Order):\n    order.person.nickname = 'x'\n    order.person.save()\n"
    file = rewriter.file(TOP + code, decided={("shop.Order", "person"): ""})
    assert not save_related.propose(file).changes


def test_a_relation_that_stays_keeps_its_instance(rewriter):
    code = "def f(line: Line):\n    line.product.left = 1\n    line.product.save()\n"
    decided = {("shop.Line", "product"): "it stays"}
    file = rewriter.file(TOP + code, service="goods", decided=decided)
    assert not save_related.propose(file).changes
