"""Writes stay where they are inside a transaction, and anywhere in a request that is one."""

from dataclasses import replace

import pytest

from codemods.transforms import create, delete_row, save_row
from tests.codemods.transforms.one_file import Rewriter

TOP = (
    "from celery import shared_task\nfrom django.db import transaction\n"
    "from goods.models import Product\n\n\n"
)
MADE = "def f():\n    Product.objects.create(name='x')\n"
SAVED = "def f(pk):\n    row = Product.objects.get(pk=pk)\n    row.name = 'x'\n    row.save()\n"
DELETED = "def f(pk):\n    row = Product.objects.get(pk=pk)\n    row.delete()\n"
WRITES = {"create": (create, MADE), "save": (save_row, SAVED), "delete": (delete_row, DELETED)}


@pytest.fixture(scope="session")
def rewriters(project, graph, contexts):
    """One project as it is, and one whose requests are transactions."""
    return {
        is_atomic: Rewriter(project, replace(graph, atomic_requests=is_atomic), contexts)
        for is_atomic in (False, True)
    }


def reasons(rewriter, transform, code, path="shop/extra.py"):
    file = rewriter.file(TOP + code, path=path, service="goods", decided={})
    return [each.reason for each in transform.propose(file).refusals]


@pytest.mark.parametrize(("transform", "code"), WRITES.values(), ids=WRITES)
def test_a_request_that_is_a_transaction_keeps_what_it_writes(rewriters, transform, code):
    told = "ATOMIC_REQUESTS makes one transaction of the request that writes it"
    assert told in reasons(rewriters[True], transform, code)
    assert told not in reasons(rewriters[False], transform, code)


OUTSIDE = {
    "a command": (MADE, "shop/management/commands/make.py"),
    "a task": (f"@shared_task(name='make')\n{MADE}", "shop/extra.py"),
    "a view that asks not to be": (f"@transaction.non_atomic_requests\n{MADE}", "shop/extra.py"),
}


@pytest.mark.parametrize(("code", "path"), OUTSIDE.values(), ids=OUTSIDE)
def test_what_begins_outside_of_a_request_is_no_part_of_it(rewriters, code, path):
    assert reasons(rewriters[True], create, code, path) == []


def test_a_block_is_a_transaction_wherever_it_is(rewriters):
    inside = MADE.replace("    Product", "    with transaction.atomic():\n        Product")
    for rewriter in rewriters.values():
        [reason] = reasons(rewriter, create, inside, "shop/management/commands/make.py")
        assert reason == "a transaction that spans contexts writes it"
