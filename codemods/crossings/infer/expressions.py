"""Expressions: the type of each, children first."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer import calls, containers, diverted, sql
from codemods.crossings.infer.attributes import attribute, evaluated, iterated
from codemods.crossings.infer.statements import assign_target, condition, guessed
from codemods.crossings.infer.walker import EXPRESSIONS
from codemods.crossings.values import (
    REQUEST,
    UNKNOWN,
    Type,
    Value,
    ahead_of,
    cut,
    elements,
    joined_to,
    one,
    query,
    sequence,
    union,
)

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker

MAX_TEXT = 80
MAX_PARTS = 8
SHORTEST_SQL = 12


def _name(walker: Walker, node: Any) -> Type:
    return walker.lookup(node.id)


def _attribute(walker: Walker, node: Any) -> Type:
    return attribute(walker, walker.eval(node.value), node.attr, node)


def _constant(walker: Walker, node: Any) -> Type:
    value = node.value
    if not isinstance(value, str):
        return UNKNOWN
    if len(value) > SHORTEST_SQL and (found := sql.read_text(walker, node, value)):
        return found
    return one("L", value) if len(value) <= MAX_TEXT and " " not in value else UNKNOWN


def _joined(walker: Walker, node: Any) -> Type:
    texts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            texts.append(str(part.value))
        else:
            walker.writes_out(walker.eval(part.value), part.value)
            texts.append("?")
    return sql.read_text(walker, node, "".join(texts))


def _subscript(walker: Walker, node: Any) -> Type:
    base = walker.eval(node.value)
    key = walker.eval(node.slice)
    if not base and key == frozenset({("L", "request")}):
        return one(*REQUEST)
    is_slice = isinstance(node.slice, ast.Slice)
    found: set[Value] = set()
    for value in base:
        found |= _item(walker, value, key, node, is_slice=is_slice)
    return cut(frozenset(found))


def _item(walker: Walker, value: Value, key: Type, node: Any, *, is_slice: bool) -> Type:
    shape = value[0]
    if shape in "QRV":
        if is_slice:
            walker.found.extend(node, value[1])
            return query("V" if shape == "V" else "Q", value[1], joined_to(value), ahead_of(value))
        evaluated(walker, node, frozenset((value,)))
        walker.found.extend(node, value[1])
        return UNKNOWN if shape == "V" else one("I", value[1])
    if shape in "SP":
        return one("S", value[1]) if is_slice else value[1]
    if shape == "T":
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(index, int) and -len(value[1]) <= index < len(value[1]):
            part: Type = value[1][index]
            return part
        return union(value[1])
    if shape == "D":
        inner: Type = value[1]
        return inner
    if shape in "KA":
        return containers.entry(walker, value, key)
    return UNKNOWN


def _tuple(walker: Walker, node: Any) -> Type:
    parts = tuple(walker.eval(part) for part in node.elts)
    return one("T", parts) if any(parts) and len(parts) <= MAX_PARTS else UNKNOWN


def _list(walker: Walker, node: Any) -> Type:
    return sequence(union(walker.eval(part) for part in node.elts))


def _dict(walker: Walker, node: Any) -> Type:
    pairs: dict[str, Type] = {}
    inner: list[Type] = []
    for key, part in zip(node.keys, node.values, strict=True):
        type_ = walker.eval(part)
        if key is None:
            for value in type_:
                if value[0] == "K":
                    pairs |= dict(value[1])
            continue
        walker.eval(key)
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            if type_:
                pairs[key.value] = type_
        else:
            inner.append(type_)
    if pairs:
        return one("K", tuple(sorted(pairs.items(), key=lambda pair: pair[0])))
    merged = union(inner)
    return one("D", merged) if merged else UNKNOWN


def _comprehension(walker: Walker, node: Any) -> Type:
    walker.scopes.append({})
    for generator in node.generators:
        assign_target(walker, generator.target, iterated(walker, generator.iter))
        for test in generator.ifs:
            condition(walker, test)
    if isinstance(node, ast.DictComp):
        walker.eval(node.key)
        inner = walker.eval(node.value)
        found = one("D", inner) if inner else UNKNOWN
    else:
        found = sequence(walker.eval(node.elt))
    walker.scopes.pop()
    return found


def _bool(walker: Walker, node: Any) -> Type:
    return union(walker.eval(part) for part in node.values)


def _not(walker: Walker, node: Any) -> Type:
    type_ = walker.eval(node.operand)
    if isinstance(node.op, ast.Not):
        evaluated(walker, node.operand, type_)
        return UNKNOWN
    return type_


def _binary(walker: Walker, node: Any) -> Type:
    if isinstance(node.op, ast.Mod) and _is_text(node.left):
        walker.eval(node.left)
        given = walker.eval(node.right)
        parts = [part for value in given if value[0] == "T" for part in value[1]]
        walker.writes_out(union([given, *parts]), node.right)
        return UNKNOWN
    left, right = walker.eval(node.left), walker.eval(node.right)
    diverted.rows_misused(walker, left | right, node)
    return cut(left | right)


def _is_text(node: ast.expr) -> bool:
    """Tell whether a text is formatted, translated or not."""
    if isinstance(node, ast.Call) and node.args:
        return _is_text(node.args[0])
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _if(walker: Walker, node: Any) -> Type:
    condition(walker, node.test)
    return cut(walker.eval(node.body) | walker.eval(node.orelse))


def _compare(walker: Walker, node: Any) -> Type:
    walker.eval(node.left)
    for operator, part in zip(node.ops, node.comparators, strict=True):
        type_ = walker.eval(part)
        if isinstance(operator, (ast.In, ast.NotIn)):
            evaluated(walker, part, type_)
    return UNKNOWN


def _lambda(walker: Walker, node: Any) -> Type:
    walker.scopes.append({argument.arg: UNKNOWN for argument in node.args.args})
    walker.eval(node.body)
    walker.scopes.pop()
    return UNKNOWN


def _walrus(walker: Walker, node: Any) -> Type:
    type_ = walker.eval(node.value) or guessed(walker, node.target.id, node.value)
    assign_target(walker, node.target, type_)
    return type_


def _yield(walker: Walker, node: Any) -> Type:
    frame = walker.frames[-1]
    frame.yields = cut(frame.yields | walker.eval(node.value))
    return UNKNOWN


def _yield_from(walker: Walker, node: Any) -> Type:
    frame = walker.frames[-1]
    frame.yields = cut(frame.yields | iterated(walker, node.value))
    return UNKNOWN


def _value(walker: Walker, node: Any) -> Type:
    return walker.eval(node.value)


def _starred(walker: Walker, node: Any) -> Type:
    return elements(walker.eval(node.value))


EXPRESSIONS.update(
    {
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.Call: calls.call,
        ast.Constant: _constant,
        ast.JoinedStr: _joined,
        ast.Subscript: _subscript,
        ast.Tuple: _tuple,
        ast.List: _list,
        ast.Set: _list,
        ast.Dict: _dict,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.DictComp: _comprehension,
        ast.BoolOp: _bool,
        ast.UnaryOp: _not,
        ast.BinOp: _binary,
        ast.IfExp: _if,
        ast.Compare: _compare,
        ast.Lambda: _lambda,
        ast.NamedExpr: _walrus,
        ast.Yield: _yield,
        ast.YieldFrom: _yield_from,
        ast.Await: _value,
        ast.Starred: _starred,
    }
)
