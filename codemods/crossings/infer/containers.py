"""Calls on dicts, lists and forms' data, which hold what matters."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.infer import (
    apply,
    choices,
    library,
    roles,
)
from codemods.crossings.values import (
    UNKNOWN,
    Type,
    Value,
    cut,
    elements,
    one,
    sequence,
    union,
)

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker


ALIKE = frozenset("OCFM")


def container_call(walker: Walker, value: Value, name: str, node: ast.Call) -> Type:
    """Read a call on a dict, a list, a form's data, or a task."""
    types = apply.arguments(walker, node)
    shape = value[0]
    if shape == "F":
        return apply.task(walker, value, node)
    if shape in "KA" and name in ("get", "pop", "setdefault") and node.args:
        keys = walker.known(node.args[0])
        if name == "setdefault" and types[1:]:
            _set(walker, node, {k[1]: types[1] for k in keys if k[0] == "L"}, value)
        return union([entry(walker, value, keys), *types[1:2]])
    if shape == "D":
        return _of_dict(value[1], name)
    if shape == "K" and name in ("values", "items"):
        merged = union(pair[1] for pair in value[1])
        keys = frozenset(("L", pair[0]) for pair in value[1])
        return sequence(one("T", (cut(keys), merged)) if name == "items" else merged)
    if shape == "K" and name in ("update", "copy"):
        return _update(walker, value, node, types)
    return _of_list(walker, value, name, node, types) if shape == "S" else UNKNOWN


def _of_dict(inner: Type, name: str) -> Type:
    if name in ("get", "pop", "setdefault"):
        return inner
    if name == "values":
        return sequence(inner)
    return sequence(one("T", (UNKNOWN, inner))) if name == "items" else UNKNOWN


def _of_list(walker: Walker, value: Value, name: str, node: ast.Call, types: list[Type]) -> Type:
    if name in ("append", "add", "insert", "extend") and types:
        _grow(walker, node, elements(types[-1]) if name == "extend" else types[-1])
    elif name in ("pop", "popleft"):
        popped: Type = value[1]
        return popped
    elif name in ("copy", "union", "intersection", "difference"):
        return one(*value)
    return UNKNOWN


def _update(walker: Walker, value: Value, node: ast.Call, types: list[Type]) -> Type:
    pairs = dict(value[1])
    for type_ in types:
        for other in type_:
            if other[0] == "K":
                pairs |= dict(other[1])
    for keyword in node.keywords:
        if keyword.arg:
            pairs[keyword.arg] = walker.known(keyword.value)
    return _set(walker, node, pairs, value)


def _set(walker: Walker, node: ast.Call, pairs: dict[str, Type], value: Value) -> Type:
    """Bind the variable that holds a dict with known keys to what it holds now."""
    held: dict[str, Type] = dict(value[1]) if value[0] == "K" else {}
    new = one("K", tuple(sorted((k, t) for k, t in (held | pairs).items() if t)))
    function = node.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        walker.scopes[-1][function.value.id] = new
    return new


def entry(walker: Walker, value: Value, key: Type) -> Type:
    """Return an entry by its key; any of them by an unknown one, when all are of one shape."""
    names = [name[1] for name in key if name[0] == "L"]
    if names or value[0] != "K":
        return union(item(walker, value, name) for name in names)
    shapes = {inner[0] for _, type_ in value[1] for inner in type_}
    return (
        union(type_ for _, type_ in value[1]) if len(shapes) == 1 and shapes <= ALIKE else UNKNOWN
    )


def _grow(walker: Walker, node: ast.Call, added: Type) -> None:
    function = node.func
    if not added or not isinstance(function, ast.Attribute):
        return
    if isinstance(function.value, ast.Name):
        name = function.value.id
        walker.scopes[-1][name] = cut(walker.lookup(name) | sequence(added))
    elif isinstance(function.value, ast.Attribute):
        library.remember(walker, function.value, sequence(added))


def item(walker: Walker, value: Value, name: str) -> Type:
    """Return an entry of a dict with known keys, or of a form's or serializer's data."""
    if value[0] == "K":
        pairs: dict[str, Type] = dict(value[1])
        return pairs.get(name, UNKNOWN)
    cls = value[1]
    found: set[Value] = set()
    for declared in choices.field_named(walker, cls, name):
        if declared[0] == "E":
            rows = choices.rows(declared)
            is_many = declared[1].startswith("choices:")
            found |= rows if is_many else {("I", row[1]) for row in rows}
    if not found:
        for label in roles.models_of(walker, cls):
            field = (
                walker.graph.models[label].fields.get(name)
                if label in walker.graph.models
                else None
            )
            if field is not None and field.target:
                found.add(("S", one("I", field.target)) if field.many else ("I", field.target))
    return frozenset(found)
