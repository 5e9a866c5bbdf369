"""A saga's stub is Python that undoes what was done when a step fails."""

import pytest

from codemods.crossings.crossing import Crossing
from codemods.errors import CodemodsError
from codemods.rewrite import saga


def crossing(kind, target, line, expression, access):
    return Crossing(
        "shop/orders/services.py", line, 5, line, 9, kind, "orders", target, "", "", access,
        "high", "place", expression,
    )  # fmt: skip


FOUND = [
    crossing("transaction", "users", 7, "atomic over orders, stock-room, users", "transaction"),
    crossing("query-write", "users", 9, 'User.objects.create(name="""x""")', "write"),
]


def test_steps_are_undone_in_reverse_when_one_fails():
    text = saga.stub(FOUND, "shop/orders/services.py:7")
    names: dict = {}
    exec(compile(text, "saga.py", "exec"), names)
    assert "at line 9: User.objects.create" in text
    done: list[str] = []
    names["STEPS"][:] = [
        (lambda _s, n=n: done.append(n) if n < 2 else 1 / 0, lambda _s, n=n: done.append(-n))
        for n in (0, 1, 2)
    ]
    with pytest.raises(ZeroDivisionError):
        names["run"](names["State"]())
    assert done == [0, 1, -2, -1, 0]


def test_own_context_comes_first():
    text = saga.stub(FOUND, "shop/orders/services.py")
    order = [text.index(f"def write_{name}") for name in ("orders", "stock_room", "users")]
    assert order == sorted(order)


def test_a_place_without_one_is_told_with_those_there_are():
    with pytest.raises(CodemodsError, match=r"Listed: shop/orders/services.py:7\."):
        saga.stub(FOUND, "shop/orders/services.py:8")
