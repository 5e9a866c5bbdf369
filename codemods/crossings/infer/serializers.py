"""What a serializer's class says: the models its fields offer, and those it reads to show a row."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings import lookups
from codemods.crossings.infer import choices, querysets, roles, serialized
from codemods.crossings.reads import TEXT
from codemods.crossings.values import one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.crossings.infer.walker import Walker
    from codemods.project.graph import Field

READ_ONLY = frozenset({"StringRelatedField", "ReadOnlyField", "SerializerMethodField"})
BY_KEY = frozenset({"PrimaryKeyRelatedField", "ManyRelatedField", "HyperlinkedRelatedField"})


def read_class(walker: Walker, node: ast.ClassDef, cls: str, labels: tuple[str, ...]) -> None:
    """Tell what a serializer offers and shows, by its declared fields and those of its Meta."""
    declared = dict(_declared(node))
    for name, call in declared.items():
        _tell_shown(walker, cls, labels, source_of(name, call), call)
        _read_nested(walker, call)
        for inner in nested_in(walker, call):
            serialized.tell(walker, cls, source_of(name, call), inner)
    metas = [each for each in node.body if isinstance(each, ast.ClassDef) and each.name == "Meta"]
    if not metas and (names := _shown_paths(declared)):
        walker.facts.tell(one("L", ",".join(sorted(names))), "f", cls, "fields")
    for meta in metas:
        _taken_over(walker, cls, node, meta, labels)
        for field in _own_fields(walker, meta, labels):
            if field.name not in declared and field.target:
                choices.tell(walker, cls, [field.target])
                if field.many:
                    linked = [field.target, *([field.through] if field.through else [])]
                    choices.tell(walker, cls, linked, choices.SHOWN)


def _read_nested(walker: Walker, call: ast.Call) -> None:
    """Read what a nested serializer does, wherever its class stands."""
    for inner in nested_in(walker, call):
        for told in walker.facts.get("f", inner, "fields"):
            for label in roles.models_of(walker, inner):
                for path in set(told[1].split(",")) - serialized.NO_PATHS:
                    reads_along(walker, label, path, call)


def _taken_over(
    walker: Walker, cls: str, node: ast.ClassDef, meta: ast.ClassDef, labels: tuple[str, ...]
) -> None:
    """Read what a Meta lists by `*Other.Meta.fields`, and tell all it lists to others."""
    listed = _set_in(meta, "fields")
    within = [listed] if listed is not None else meta.bases
    places = [
        part
        for top in within
        for part in ast.walk(top)
        if (_is_meta(part) if listed is None else _is_of_meta(part, "fields"))
    ]
    taken = {
        (name, place)
        for place in places
        for value in walker.eval(_owner(place))
        if value[0] == "C"
        for told in walker.facts.get("f", value[1], "fields")
        for name in told[1].split(",")
    }
    for name, place in sorted(taken, key=lambda pair: pair[0]):
        for label in labels:
            reads_along(walker, label, name, place)
    declared = dict(_declared(node))
    names = {*_texts(listed), *(name for name, _ in taken)} - declared.keys()
    names |= serialized.listed_by(listed, _set_in(meta, "exclude"), names)
    depth = _set_in(meta, "depth")
    if isinstance(depth, ast.Constant) and depth.value:
        serialized.deep(walker, labels, names, depth)
    if names := names | _shown_paths(declared):
        walker.facts.tell(one("L", ",".join(sorted(names))), "f", cls, "fields")


def _shown_paths(declared: dict[str, ast.Call]) -> set[str]:
    """Return the paths that declared fields read when a row is shown."""
    return {
        source_of(name, call)
        for name, call in declared.items()
        if class_name(call) != "SerializerMethodField"
    } - {"*"}


def _set_in(meta: ast.ClassDef, name: str) -> ast.expr | None:
    """Return what a class sets a name to."""
    for statement in meta.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in statement.targets
        ):
            return statement.value
    return None


def _is_meta(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "Meta"


def _is_of_meta(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name and _is_meta(node.value)


def _owner(node: ast.AST) -> ast.expr | None:
    """Return the class of `Class.Meta` and of `Class.Meta.fields`."""
    while isinstance(node, ast.Attribute) and node.attr in ("Meta", "fields"):
        node = node.value
    return node if isinstance(node, ast.expr) else None


def _declared(node: ast.ClassDef) -> Iterator[tuple[str, ast.Call]]:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value


def _own_fields(walker: Walker, meta: ast.ClassDef, labels: tuple[str, ...]) -> Iterator[Field]:
    """Yield the model's fields that a Meta lists and lets callers write."""
    lists = {
        target.id: statement.value
        for statement in meta.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    fixed = lists.get("read_only_fields")
    if isinstance(fixed, ast.Name) and fixed.id == "fields":
        return
    names, read_only = set(_texts(lists.get("fields"))), set(_texts(fixed))
    for label in labels:
        model = walker.graph.models[label]
        for field in model.fields.values():
            is_listed = field.name in names or ("__all__" in names and not field.inherited)
            if is_listed and field.name not in read_only:
                yield field


def _texts(node: ast.expr | None) -> Iterator[str]:
    for constant in ast.walk(node) if node is not None else ():
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
            yield constant.value


def source_of(name: str, call: ast.Call) -> str:
    """Return the path a declared field reads: its `source`, else its own name."""
    for keyword in call.keywords:
        value = keyword.value
        if (
            keyword.arg in ("source", "field_name", "name", "lookup_field")
            and isinstance(value, ast.Constant)
            and isinstance(value.value, str)
        ):
            return value.value
    return name


def class_name(call: ast.Call) -> str:
    """Return the last name of what is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def nested_in(walker: Walker, call: ast.Call) -> list[str]:
    """Return the serializer classes that a declared field nests."""
    return [
        value[1]
        for value in walker.eval(call.func)
        if value[0] == "C" and roles.role(walker, value[1]) == "serializer"
    ]


def _tell_shown(
    walker: Walker, cls: str, labels: tuple[str, ...], path: str, call: ast.Call
) -> None:
    nested = nested_in(walker, call)
    found = {label for inner in nested for label in choices.told(walker, inner, choices.SHOWN)}
    if class_name(call) not in BY_KEY:
        for label in labels:
            for step in lookups.steps(walker.graph, label, path.replace(".", "__")):
                if querysets.is_served(walker, step):
                    break
                found.add(step.target)
            first = walker.graph.models[label].accessors.get(path.split(".", maxsplit=1)[0])
            if first is not None:
                found.add(first.model)
    choices.tell(walker, cls, found, choices.SHOWN)


def declared_field(
    walker: Walker, labels: tuple[str, ...], path: str, call: ast.Call
) -> tuple[lookups.Step, ...]:
    """Return the relations that a declared field walks and no client's value serves.

    Takes note of what it reads on the way.
    """
    found: list[lookups.Step] = []
    if class_name(call) != "SerializerMethodField":
        serialized.along(walker, labels, path, nested_in(walker, call), call)
    is_value = "." in path or class_name(call) in READ_ONLY or bool(nested_in(walker, call))
    for label in labels:
        steps = lookups.steps(walker.graph, label, path.replace(".", "__"))
        is_text = class_name(call) == "StringRelatedField"
        reads_along(walker, label, path, call, is_text=is_text)
        for keyword in call.keywords:
            if keyword.arg == "slug_field" and isinstance(keyword.value, ast.Constant) and steps:
                walker.reads_of(steps[-1].target, str(keyword.value.value), call)
        for step in steps:
            if is_value and querysets.is_served(walker, step):
                break
            found.append(step)
    return tuple(found)


def reads_along(
    walker: Walker, label: str, path: str, node: ast.AST, *, is_text: bool = False
) -> None:
    """Take note of each attribute that a path reads; `is_text` when an instance is written out."""
    here: str | None = label
    for name in path.replace(".", "__").split("__"):
        model = walker.graph.models.get(here or "")
        if model is None:
            return
        walker.reads_of(model.label, name, node)
        field, reverse = model.fields.get(name), model.accessors.get(name)
        here = field.target if field else reverse.model if reverse else None
    if is_text and here:
        walker.reads_of(here, TEXT, node)


def shown(walker: Walker, cls: str, node: ast.AST) -> None:
    """Record what a serializer queries to show its rows, where its data is asked for."""
    for label in choices.told(walker, cls, choices.SHOWN):
        if walker.found.is_foreign(label) and not walker.found.has(node, label):
            walker.emit("library", node, label)
