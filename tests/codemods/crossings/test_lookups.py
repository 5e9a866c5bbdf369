"""`__` paths: which relations they follow, and where the local key column is enough."""

import pytest

from codemods.crossings.lookups import steps


@pytest.mark.parametrize(
    ("label", "path", "expected"),
    [
        ("shop.Order", "number", []),
        ("shop.Order", "number__icontains", []),
        ("shop.Order", "nonsense__person", []),
        ("shop.Order", "person", [("people.Person", False)]),
        ("shop.Order", "person__pk", [("people.Person", False)]),
        ("shop.Order", "person__id__in", [("people.Person", False)]),
        ("shop.Order", "person__in", [("people.Person", False)]),
        ("shop.Order", "person__nickname__iexact", [("people.Person", True)]),
        ("shop.Order", "-person__nickname", [("people.Person", True)]),
        ("shop.Line", "order__person", [("shop.Order", True), ("people.Person", False)]),
        ("shop.Line", "wanted_by", [("people.Person", False)]),
        ("shop.Line", "wanted_by__id__in", [("people.Person", False)]),
        ("shop.Line", "wanted_by__nickname", [("people.Person", True)]),
        ("people.Person", "orders__number", [("shop.Order", True)]),
        ("people.Person", "wishes__product", [("shop.Line", True), ("goods.Product", False)]),
        ("goods.Tag", "products__lines", [("goods.Product", True), ("shop.Line", True)]),
    ],
)
def test_steps(graph, label, path, expected):
    assert [(step.target, step.joins) for step in steps(graph, label, path)] == expected


def test_a_many_to_many_step_knows_its_link_table(graph):
    (there,) = steps(graph, "shop.Line", "wanted_by")
    (back,) = steps(graph, "people.Person", "wishes")
    assert there.through == back.through == "shop.Line_wanted_by"
