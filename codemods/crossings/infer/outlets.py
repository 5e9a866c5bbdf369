"""Where supposed values would go out of sight, by the kind of expression that they are in."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer.diverted import origins
from codemods.crossings.infer.following import OF_CONTAINERS, is_followed
from codemods.crossings.values import UNKNOWN, Type

if TYPE_CHECKING:
    from codemods.crossings.infer.supposed import SupposingWalker

MAX_TUPLE = 8


def _call(walker: SupposingWalker, node: Any, type_: Type) -> None:
    """Check each argument of a call that has supposed values in it, and what it is called on."""
    function = node.func
    callees = walker.last(function)
    for value in callees:
        if value[0] in "FB" and any(True for _ in origins(walker.facts.get("r", value[1]))):
            walker.facts.tell(frozenset((("W", "called"),)), "c", value[1])
    base = walker.last(function.value) if isinstance(function, ast.Attribute) else UNKNOWN
    if isinstance(function, ast.Attribute):
        _asked(walker, base, function.attr, node)
        if not base:
            _unseen(walker, function.attr, node)
    for argument in (*node.args, *node.keywords):
        inner = argument.value if isinstance(argument, (ast.keyword, ast.Starred)) else argument
        given = walker.last(inner)
        if any(True for _ in origins(given)) and not is_followed(
            walker, node, argument, given, base, callees
        ):
            walker.leaves(given, inner)
    walker.keep_lazy(node, type_)


def _asked(walker: SupposingWalker, base: Type, name: str, node: ast.Call) -> None:
    """Check a method of a list or a dict: a list has not all that a queryset has."""
    for value in base:
        known = OF_CONTAINERS.get(value[0])
        if known is None or not any(True for _ in origins(frozenset((value,)))):
            continue
        is_counted = name == "count" and value[0] in "ST" and bool(node.args)
        if name not in known and not is_counted:
            walker.leaves(frozenset((value,)), node, "rows")


def _unseen(walker: SupposingWalker, name: str, node: ast.AST) -> None:
    """Record that a method called so, on what nobody knows, may be one that gives values."""
    for method in walker.project.methods_called.get(name, ()):
        walker.leaves(walker.facts.get("r", method), node)


def _reference(walker: SupposingWalker, node: Any, type_: Type) -> None:
    """Check a function that is handed on instead of called, and what is asked of a list."""
    for value in type_:
        if value[0] in "FB":
            walker.leaves(walker.facts.get("r", value[1]), node)
    if isinstance(node, ast.Attribute):
        base = walker.last(node.value)
        lists = frozenset(value for value in base if value[0] in "SDTP")
        walker.leaves(lists, node, "rows")
        if not base and isinstance(node.ctx, ast.Load):
            _unseen(walker, node.attr, node)


def _lambda(walker: SupposingWalker, node: Any, _type: Type) -> None:
    walker.leaves(walker.last(node.body), node)


def _dict(walker: SupposingWalker, node: Any, type_: Type) -> None:
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            walker.leaves(walker.last(key), key)
        is_text = isinstance(key, ast.Constant) and isinstance(key.value, str)
        if not is_text and any(each[0] == "K" for each in type_):
            walker.leaves(walker.last(value), value)


def _dict_comprehension(walker: SupposingWalker, node: Any, _type: Type) -> None:
    walker.leaves(walker.last(node.key), node.key)


def _tuple(walker: SupposingWalker, node: Any, _type: Type) -> None:
    if len(node.elts) > MAX_TUPLE:
        for part in node.elts:
            walker.leaves(walker.last(part), part)


def _binary(walker: SupposingWalker, node: Any, _type: Type) -> None:
    if isinstance(node.op, (ast.BitOr, ast.BitAnd, ast.BitXor)):
        for side in (node.left, node.right):
            lists = frozenset(value for value in walker.last(side) if value[0] == "S")
            walker.leaves(lists, side, "rows")


def _yielded(walker: SupposingWalker, node: Any, _type: Type) -> None:
    if node.value is not None:
        walker.returned(node.value)


CHECKS: dict[type, Any] = {
    ast.Call: _call,
    ast.Name: _reference,
    ast.Attribute: _reference,
    ast.Lambda: _lambda,
    ast.Dict: _dict,
    ast.DictComp: _dict_comprehension,
    ast.Tuple: _tuple,
    ast.BinOp: _binary,
    ast.Yield: _yielded,
    ast.YieldFrom: _yielded,
}
