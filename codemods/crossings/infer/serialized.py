"""What a serializer asks of a client's value, field by field, as REST framework reads rows.

    user = UserSerializer()      ─┐                     ┌─> its fields, and what those nest
    source="user.groups"          ├─> value of a served ┼─> its methods, given the value as `obj`
    UserSerializer(order.user)   ─┘   relation          └─> anything else: out of sight

What the value cannot give is a misuse at the field, or call, that asks.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.infer import diverted, roles
from codemods.crossings.values import Type, Value, elements, one, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.crossings.infer.walker import Walker
    from codemods.project.graph import Model

ALL = "__all__"
UNREADABLE = "?"
NO_PATHS = frozenset({ALL, UNREADABLE, "*", ""})
NESTED = "nested"
FRAMEWORKS = "rest_framework."
OF_FIELDS = frozenset(
    {"get_attribute", "get_value", "get_default", "get_queryset", "get_initial", "get_validators"}
)
ROW_AND_SELF = 2


def tell(walker: Walker, cls: str, path: str, inner: str) -> None:
    """Tell which serializer class a field of another nests."""
    walker.facts.tell(one("L", f"{path}={inner}"), "f", cls, NESTED)


def along(
    walker: Walker,
    labels: Iterable[str],
    path: str,
    nested: Iterable[str],
    node: ast.Call,
) -> None:
    """Read a declared field whose path goes through a served relation.

    `nested` are the classes that write what the path ends with.
    """
    for label in labels:
        value, names = _first_value(walker, label, path)
        if value is not None:
            for last in _walked(walker, value, names, node):
                _written(walker, last, tuple(nested), node, set())


def deep(walker: Walker, labels: Iterable[str], names: Iterable[str], node: ast.AST) -> None:
    """Record the served relations whose rows a `depth` writes with all that they have."""
    for label in labels:
        for name in sorted(_spelled_out(walker.graph.models.get(label), set(names))):
            value, rest = _first_value(walker, label, name)
            if value is not None and not rest:
                diverted.misused(walker, "serializer", value, node)


def given(walker: Walker, cls: str, node: ast.Call, types: Iterable[Type]) -> None:
    """Read what a serializer writes of a client's value, or of a list of them.

    Of a row too where the serializer's class names no model.
    """
    if roles.role(walker, cls) != "serializer":
        return
    rows = {
        inner
        for type_ in types
        for value in type_
        for inner in (value[1] if value[0] in "SP" else (value,))
        if inner[0] in "IU"
    }
    for row in sorted(rows, key=repr):
        if row[0] == "U":
            _fields(walker, cls, row, node, set())
        elif not roles.models_of(walker, cls):
            paths, nested = _told(walker, cls)
            for path in sorted(paths | nested.keys()):
                value, names = _first_value(walker, row[1], path)
                for last in _walked(walker, value, names, node) if value else ():
                    for inner in sorted(nested.get(path, ())):
                        _fields(walker, inner, last, node, set())


def listed_by(node: ast.expr | None, excluded: ast.expr | None, texts: set[str]) -> set[str]:
    """Return what a Meta's `fields` and `exclude` say: names, all, or what cannot be read."""
    if node is None:
        return {ALL} if excluded is not None else set()
    plain = (ast.List, ast.Tuple, ast.Set, ast.Constant, ast.BinOp, ast.Starred, ast.Attribute)
    parts = [node, *getattr(node, "elts", ())]
    return texts if all(isinstance(part, plain) for part in parts) else {*texts, UNREADABLE}


def _first_value(walker: Walker, label: str, path: str) -> tuple[Value | None, list[str]]:
    """Return the value of the first served relation on a path, and the names behind it."""
    names = path.split(".")
    for at, name in enumerate(names):
        model = walker.graph.models.get(label)
        field = model.fields.get(name) if model else None
        if field is None or not field.target or field.many:
            break
        if field.service is not None:
            return ("U", field.target, label, name), names[at + 1 :]
        label = field.target
    return None, []


def _walked(walker: Walker, value: Value, names: Iterable[str], node: ast.AST) -> Iterator[Value]:
    """Read names one after the other, calling what can be called; give the values at the end."""
    here: Type = frozenset((value,))
    for name in names:
        place = _place(name, node)
        read = {
            each: diverted.of_value(walker, each, name, place) for each in here if each[0] == "U"
        }
        here = union(
            [
                *(_given_by(walker, each, found, node) for each, found in read.items()),
                *(diverted.asked_of_rows(walker, v, name, node) for v in here if v[0] == "P"),
            ]
        )
    rows = elements(frozenset(each for each in here if each[0] == "P"))
    yield from sorted((each for each in here | rows if each[0] == "U"), key=repr)


def _given_by(walker: Walker, value: Value, read: Type, node: ast.AST) -> Type:
    found: set[Value] = set()
    for each in read:
        if each[0] != "B":
            found.add(each)
            continue
        if walker.facts.get("w", each[1]):
            diverted.misused(walker, "method", value, node)
        found |= diverted.valued(walker, value, walker.facts.get("r", each[1]))
    return frozenset(found)


def _place(name: str, node: ast.AST) -> ast.Attribute:
    """Return the attribute that REST framework reads, as if it stood where its field does."""
    read = ast.Attribute(value=ast.Name(id="_", ctx=ast.Load()), attr=name, ctx=ast.Load())
    return ast.copy_location(read, node)


def _written(
    walker: Walker, value: Value, nested: tuple[str, ...], node: ast.Call, seen: set[object]
) -> None:
    """Read how a field writes a value: by the classes it nests, or as REST framework's own do."""
    for inner in nested:
        _fields(walker, inner, value, node, seen)
    if nested:
        return
    callee = walker.eval(node.func)
    if not callee or any(v[0] == "X" and not v[1].startswith(FRAMEWORKS) for v in callee):
        diverted.misused(walker, "escape", value, node)
    for keyword in node.keywords:
        is_text = isinstance(keyword.value, ast.Constant)
        if keyword.arg in ("slug_field", "lookup_field") and is_text:
            name = str(keyword.value.value)  # type: ignore[attr-defined]
            diverted.of_value(walker, value, name, _place(name, node))


def _fields(walker: Walker, cls: str, value: Value, node: ast.AST, seen: set[object]) -> None:
    """Read each field of a serializer from a value, and tell its methods that they get one."""
    if (cls, value) in seen:
        return
    seen.add((cls, value))
    for owner in roles.lookup_order(walker, cls):
        _methods(walker, owner, value)
    paths, nested = _told(walker, cls)
    if UNREADABLE in paths:
        diverted.misused(walker, "serializer", value, node)
    for path in sorted(_spelled_out(walker.graph.models.get(value[1]), paths | nested.keys())):
        for last in _walked(walker, value, path.split("."), node):
            for inner in sorted(nested.get(path, ())):
                _fields(walker, inner, last, node, seen)


def _told(walker: Walker, cls: str) -> tuple[set[str], dict[str, set[str]]]:
    """Return the paths that a serializer and its bases read, and the classes that write some."""
    paths: set[str] = set()
    nested: dict[str, set[str]] = {}
    for owner in roles.lookup_order(walker, cls):
        for told in walker.facts.get("f", owner, "fields"):
            paths.update(told[1].split(","))
        for told in walker.facts.get("f", owner, NESTED):
            path, _, inner = told[1].partition("=")
            nested.setdefault(path, set()).add(inner)
    return paths, nested


def _spelled_out(model: Model | None, paths: set[str]) -> set[str]:
    names = paths - NO_PATHS
    if ALL in paths and model is not None:
        names |= model.fields.keys()
    return names


def _methods(walker: Walker, cls: str, value: Value) -> None:
    """Tell the methods of a serializer, or of a field, that they are given a client's value."""
    for method in walker.project.of_class.get(cls, ()):
        definition, short = walker.project.definitions[method], method.rpartition(".")[2]
        is_asked = short == "to_representation" or (
            short.startswith("get_") and short not in OF_FIELDS
        )
        if is_asked and len(definition.parameters) == ROW_AND_SELF:
            walker.facts.tell(frozenset((value,)), "p", method, definition.parameters[1])
