"""A saga's stub is a saga, of steps that are to be filled in."""

import pytest

from codemods.crossings.crossing import Crossing
from codemods.errors import CodemodsError
from codemods.rewrite import saga
from strangler.client.saga import definition


def crossing(kind, target, line, expression, access):
    return Crossing(
        "shop/orders/services.py", line, 5, line, 9, kind, "orders", target, "", "", access,
        "high", "place", expression,
    )  # fmt: skip


FOUND = [
    crossing("transaction", "users", 7, "atomic over orders, stock-room, users", "transaction"),
    crossing("query-write", "users", 9, 'User.objects.create(name="""x""")', "write"),
]


def test_it_is_a_saga_with_a_step_for_each_context(monkeypatch):
    monkeypatch.setattr(definition, "_sagas", {})
    text = saga.stub(FOUND, "shop/orders/services.py:7")
    names: dict = {}
    exec(compile(text, "saga.py", "exec"), names)
    assert "at line 9: User.objects.create" in text
    steps = definition.saga_of("place").steps
    assert names["PLACE"].steps is steps
    assert [(step.name, step.is_local) for step in steps] == [
        ("orders", True), ("stock_room", False), ("users", False),
    ]  # fmt: skip
    assert steps[2].do is names["write_users"]
    assert steps[2].undo is names["undo_users"]


def test_own_context_comes_first():
    text = saga.stub(FOUND, "shop/orders/services.py")
    order = [text.index(f"def write_{name}") for name in ("orders", "stock_room", "users")]
    assert order == sorted(order)


def test_a_place_without_one_is_told_with_those_there_are():
    with pytest.raises(CodemodsError, match=r"Listed: shop/orders/services.py:7\."):
        saga.stub(FOUND, "shop/orders/services.py:8")
