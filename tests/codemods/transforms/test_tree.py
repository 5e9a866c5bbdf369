"""Reading a tree without libcst's own visits: it must tell what libcst tells."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import (
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    QualifiedNameProvider,
    ScopeProvider,
)

from codemods.transforms import tree
from codemods.transforms.tree import Reading, Tree, children, named, within

ROOT = Path(__file__).parents[3]
EVERY_KIND = '''\
# a comment first

from __future__ import annotations
import a.b, typing as t  # beside
from os import (path as p, sep)
from .near import *
from typing import cast, Literal

@a.deco(1)
class Row(a.Base, metaclass=Meta):
    """Words."""
    kind: "Late[int]" = 1
    other: Literal["x"]

    def __str__(self): return f"{self.kind}"

    async def read(self, one, /, two: int = 3, *rest, key: str = "k", **more) -> "Row":
        async with a.b() as held, p(held) as (x, y):
            yield await held
        async for each in x:
            each.total += one if two else (not three)
        return

def outer(*, late=None):
    global counted
    def inner():
        nonlocal late
        late = counted = f"{late!r:>{width}} {late=} é" "more" + 1j + 2.5
        return lambda v, *w: [i for i in v if i for j in w], {k: 1 for k in v}
    try:
        del late[1:2, ...], counted
        assert (n := late), "no"
    except (ValueError, t.Any) as error:
        raise error from None
    else:
        x = y = {*a, 1}; z, *_ = {**a, "b": 2}
    finally:
        cast("Row", late)
    while x < y <= z and x is not y or x not in z:
        if x: break
        elif y:
            continue
        else: print(x @ y, -x, x ** y, x[0][::2], sep="")
    for i, j in (x): k = i
    else:
        (yield from x)
    match x:
        case {"a": 1, **rest} | [1, *_] | Row(kind=2) as whole if whole: ...
        case _: return inner
    with (open(x) as f):
        return {one
                for one
                in f}  # the end
'''


def texts() -> list[str]:
    return [
        EVERY_KIND,
        EVERY_KIND.replace("\n", "\r\n"),
        "try:\n    pass\nexcept* Group:\n\tpass",
        "",
        "# only words",
        (ROOT / "codemods/transforms/peers.py").read_text(),
        (ROOT / "monolith/orders/admin.py").read_text(),
    ]


@pytest.fixture(scope="module", params=range(7))
def read(request: pytest.FixtureRequest) -> tuple[MetadataWrapper, Tree]:
    wrapper = MetadataWrapper(cst.parse_module(texts()[request.param]), unsafe_skip_copy=True)
    return wrapper, Tree(wrapper.module)


def test_every_node_has_the_children_that_libcst_gives_it(read):
    class Seen(cst.CSTVisitor):
        def on_visit(self, node: cst.CSTNode) -> bool:
            nodes.append(node)
            return True

    nodes: list[cst.CSTNode] = []
    read[1].module.visit(Seen())
    assert [*map(id, within(read[1].module))] == [*map(id, nodes)]
    assert all([*map(id, children(n))] == [*map(id, n.children)] for n in nodes)


def test_nodes_stand_where_libcst_says_and_in_its_order(read):
    wrapper, found = read
    parents, positions = wrapper.resolve(ParentNodeProvider), wrapper.resolve(PositionProvider)
    assert [*map(id, found.nodes())] == [*map(id, parents)]
    assert all(found.parent(node) is parent for node, parent in parents.items())
    for node, at in positions.items():
        assert found.span(node) == (at.start.line, at.start.column, at.end.line, at.end.column)


def test_names_mean_what_libcst_says(read):
    wrapper, found = read
    for node, names in wrapper.resolve(QualifiedNameProvider).items():
        if type(node) not in tree.LAYOUT:
            told = names() if callable(names) else names
            assert found.names(node) == {name.name for name in told}


def test_scopes_hold_what_libcst_says(read):
    wrapper, found = read
    pairs = {
        id(scope): (scope, found.scope(node))
        for node, scope in wrapper.resolve(ScopeProvider).items()
        if scope is not None and node in wrapper.resolve(PositionProvider)
        and type(node) not in tree.LAYOUT
    }  # fmt: skip
    assert {id(own) for _, own in pairs.values()} == set(map(id, found.scopes()))
    for scope, own in pairs.values():
        assert type(scope) is type(own)
        assert assigned(scope) == assigned(own)
        assert sorted(id(a.node) for a in scope.accesses) == sorted(
            id(a.node) for a in own.accesses
        )


def assigned(scope: object) -> list[tuple[str, int, list[int]]]:
    return sorted(
        (each.name, id(getattr(each, "node", None)), sorted(id(r.node) for r in each.references))
        for each in scope.assignments  # type: ignore[attr-defined]
    )


def test_a_node_of_another_tree_is_nowhere():
    found, other = Tree(cst.parse_module("a = b")), cst.parse_expression("b")
    assert found.parent(other) is found.scope(other) is None
    assert found.names(other) == frozenset()
    with pytest.raises(KeyError):
        found.span(other)


def test_a_reading_visitor_sees_every_node_once_and_goes_where_it_wants():
    class Names(Reading):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[str] = []

        def visit_Name(self, node: cst.Name) -> None:  # noqa: N802
            self.found.append(node.value)

        def visit_Lambda(self, _node: cst.Lambda) -> bool:  # noqa: N802
            return False

        def leave_Call(self, _original_node: cst.Call) -> None:  # noqa: N802
            self.found.append(")")

    names, module = Names(), cst.parse_module("a(b.c, lambda x: y)\nd = e")
    assert module.visit(names) is module
    assert names.found == ["a", "b", "c", ")", "d", "e"]


def test_only_what_one_name_is_given_is_named():
    module = cst.parse_module("a = 1\nb.c = 2\nd = e = 3\nclass F:\n    g = 4\nh: int = 5")
    assert [(name, value.value) for name, value in named(module)] == [("a", "1"), ("g", "4")]
