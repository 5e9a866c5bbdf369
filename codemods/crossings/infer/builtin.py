"""Python's own functions: which run a queryset, and what comes out of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.infer import (
    apply,
    loading,
)
from codemods.crossings.infer.attributes import (
    attribute,
    evaluated,
)
from codemods.crossings.values import (
    UNKNOWN,
    Type,
    elements,
    one,
    sequence,
    union,
)

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker


SEQUENCE_MAKERS = frozenset(
    {"list", "tuple", "set", "sorted", "reversed", "frozenset", "iter", "chain"}
)

CONSUMERS = SEQUENCE_MAKERS | {
    "len",
    "bool",
    "any",
    "all",
    "sum",
    "dict",
    "map",
    "filter",
    "max",
    "min",
    "next",
    "enumerate",
    "zip",
}


WRITERS = frozenset({"str", "repr", "print", "format", "force_str", "smart_str", "escape"})


def builtin(walker: Walker, name: str, node: ast.Call) -> Type:
    """Call a name that is not the project's: a builtin, or something unknown."""
    if name == "isinstance":
        for argument in node.args[:1]:
            walker.eval(argument)
        return UNKNOWN
    if name == "get_model":
        return loading.get_model(walker, node)
    types = apply.arguments(walker, node)
    for argument, type_ in zip(node.args, types, strict=False):
        _taken(walker, name, argument, type_)
    if name == "getattr" and len(node.args) > 1:
        return _getattr(walker, node, types)
    if name == "dict":
        pairs = {k.arg: walker.known(k.value) for k in node.keywords if k.arg}
        given = tuple(sorted((k, t) for k, t in pairs.items() if t))
        return one("K", given) if given else UNKNOWN
    return _shaped(name, types) if types else UNKNOWN


def _taken(walker: Walker, name: str, argument: ast.expr, type_: Type) -> None:
    """Record what a builtin does to an argument: runs it, writes it out, or sets it."""
    if name in CONSUMERS:
        evaluated(walker, argument, type_)
    elif name in WRITERS:
        walker.writes_out(type_, argument)
    elif name == "setattr":
        walker.hands(argument, "written")


def _shaped(name: str, types: list[Type]) -> Type:
    """Return what comes out of a builtin that takes things apart or gathers them."""
    first = elements(types[0])
    if name in SEQUENCE_MAKERS:
        return sequence(union(elements(t) for t in types))
    if name in ("next", "max", "min"):
        return union([first, *types[1:]])
    if name == "enumerate":
        return sequence(one("T", (UNKNOWN, first)))
    if name == "zip":
        return sequence(one("T", tuple(elements(t) for t in types)))
    if name == "filter":
        return sequence(elements(types[-1]))
    if name == "type":
        return frozenset(("M" if v[0] == "I" else "C", v[1]) for v in types[0] if v[0] in "IO")
    return UNKNOWN


def _getattr(walker: Walker, node: ast.Call, types: list[Type]) -> Type:
    name = node.args[1]
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return UNKNOWN
    place = ast.Attribute(
        value=node.args[0], attr=name.value, ctx=ast.Load(), lineno=node.lineno,
        col_offset=node.col_offset, end_lineno=node.end_lineno, end_col_offset=node.end_col_offset,
    )  # fmt: skip
    return attribute(walker, types[0], name.value, place) | (union(types[2:]))
