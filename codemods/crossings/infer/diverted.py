"""A client's value that stands for a row of a service: what reading it gives, what it cannot do.

A value carries columns, properties, methods without arguments and the relations inside its
service; reading those is no crossing. What only an instance can do is one, with the relation that
the value was read through.

Rows of a relation to many travel with a value where the project loads them ahead anyway: such a
relation is `carried`, and gives what stands for its manager.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.infer.following import LOOKS
from codemods.crossings.infer.instances import INSTANCE_READS, INSTANCE_WRITES
from codemods.crossings.values import QUERY, UNKNOWN, Type, Value, cut, one

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.crossings.infer.walker import Walker
    from codemods.project.graph import Model

LABEL = "model_label"
MAX_NESTING = 6
OF_EVERY_CLASS = frozenset({"pk", "DoesNotExist", "MultipleObjectsReturned"})
OF_ROWS = frozenset({"all", "count", "exists"})
CARRIED = "v"


def via(value: Value) -> str:
    """Return the relation a value was read through, as "orders.Order.user"; else ""."""
    return f"{value[2]}.{value[3]}" if value[2:] else ""


def is_supposed(value: Value) -> bool:
    """Tell a value that a query is supposed to give, once a client answers it."""
    return value[2:3] == (QUERY,)


def origins(type_: Type, depth: int = 0) -> Iterator[Value]:
    """Give each value of a supposed query that is anywhere in a type."""
    for value in type_:
        shape = value[0]
        if shape == "U":
            if is_supposed(value):
                yield value
        elif depth < MAX_NESTING:
            for part in _parts(value):
                yield from origins(part, depth + 1)


def _parts(value: Value) -> Iterable[Type]:
    shape = value[0]
    if shape in "SDHP":
        return (value[1],)
    if shape == "T":
        parts: tuple[Type, ...] = value[1]
        return parts
    if shape == "K":
        return [inner for _, inner in value[1]]
    return (value[2],) if shape in "BZ" else ()


def of_value(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read an attribute of a client's value."""
    model = walker.graph.models.get(value[1])
    if model is None:
        return UNKNOWN
    if node is not None:
        is_write = not isinstance(node.ctx, ast.Load)
        walker.reads_of(model.label, name, node, is_write=is_write)
        if is_write:
            misused(walker, "attribute-write", value, node)
            return UNKNOWN
    if found := _related(walker, model, value, name, node):
        return found
    member = model.members.get(name)
    if member is None:
        if node is not None and is_supposed(value) and not _is_carried(model, name):
            misused(walker, "lacks", value, node)
        return UNKNOWN
    if member.kind != "property":
        return one("B", member.name, frozenset((value,)))
    returned = walker.facts.get("r", member.name)
    if node is not None:
        if walker.facts.get("w", member.name):
            misused(walker, "method", value, node)
        _gives_rows(walker, value, returned, node)
    return valued(walker, value, returned)


def _is_carried(model: Model, name: str) -> bool:
    """Tell whether a value may have what is no relation and no member of the project's own."""
    library = model.library_members.get(name)
    return (
        name in OF_EVERY_CLASS
        or name in model.fields
        or name in model.attnames
        or (library is not None and library.needs == 0)
        or name.removeprefix("get_").removesuffix("_display") in model.fields
    )


def _gives_rows(walker: Walker, value: Value, returned: Type, node: ast.AST) -> None:
    """Record a member that gives querysets: a supposed value could only give what is in them."""
    if is_supposed(value) and any(each[0] in "QRGMV" for each in returned):
        misused(walker, "rows", value, node)


def _related(
    walker: Walker, model: Model, value: Value, name: str, node: ast.Attribute | None
) -> Type:
    """Follow a relation from a value: inside its service to a value, else to rows as always."""
    if rows := _carried(walker, model, value, name):
        return rows
    field = model.fields.get(name)
    if field is not None and field.target:
        if field.many or field.generic or not _inside(walker, model, field.target):
            return _rows(
                walker, value, field.target, name, node,
                "many-to-many" if field.many else "relation", is_many=field.many,
            )  # fmt: skip
        return one("U", field.target, *value[2:])
    reverse = model.accessors.get(name)
    if reverse is None:
        return UNKNOWN
    if not reverse.many and _inside(walker, model, reverse.model):
        return one("U", reverse.model, *value[2:])
    return _rows(walker, value, reverse.model, name, node, "reverse-relation", is_many=reverse.many)


def _carried(walker: Walker, model: Model, value: Value, name: str) -> Type:
    """Return the rows of a relation to many that travel with the value, if these do."""
    field, reverse = model.fields.get(name), model.accessors.get(name)
    target = field.target if field else reverse.model if reverse else None
    is_many = (field is not None and field.many) or (reverse is not None and reverse.many)
    if not target or not is_many or not _inside(walker, model, target):
        return UNKNOWN
    if not any(each.carried for each in (field, reverse) if each) and not walker.facts.get(
        CARRIED, model.label, name
    ):
        return UNKNOWN
    return one("P", one("U", target, *value[2:]))


def asked_of_rows(walker: Walker, value: Value, name: str, node: ast.AST) -> Type:
    """Read a method of rows that travel with a value: they have few of a queryset's."""
    if name not in OF_ROWS:
        rows_misused(walker, frozenset((value,)), node)
    return one(*value) if name == "all" else UNKNOWN


def rows_misused(walker: Walker, type_: Type, node: ast.AST) -> None:
    """Record a use of such rows that only a queryset, or a manager, can serve."""
    for value in type_:
        for inner in value[1] if value[0] == "P" else ():
            misused(walker, "many-to-many", inner, node)


def rows_given(walker: Walker, node: ast.Call, callee: Type) -> None:
    """Record such rows given to what is not the project's own, and may want a queryset."""
    is_own = bool(callee) and all(value[0] in "FBC" for value in callee)
    if is_own or (isinstance(node.func, ast.Name) and node.func.id in LOOKS):
        return
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        inner = argument.value if isinstance(argument, ast.Starred) else argument
        rows_misused(walker, walker.arguments.get(id(inner), UNKNOWN), inner)


def _inside(walker: Walker, model: Model, target: str) -> bool:
    return walker.contexts.of_label(model.label) == walker.contexts.of_label(target)


def _rows(
    walker: Walker,
    value: Value,
    target: str,
    name: str,
    node: ast.Attribute | None,
    kind: str,
    *,
    is_many: bool,
) -> Type:
    if node is not None:
        walker.emit(kind, node, target, via=via(value) if target_is_served(walker, value) else "")
        if is_many or kind == "reverse-relation":
            _reached_back(walker, value, kind, name, target, node)
    return one("R", target, value[1], name) if is_many else one("I", target)


def _reached_back(
    walker: Walker, value: Value, kind: str, name: str, target: str, node: ast.Attribute
) -> None:
    """Record related rows that a value cannot give: only a diverted relation has its other side.

    Where the relation read through is known already from the crossing itself, that is enough.
    """
    is_told = walker.found.is_foreign(target) and _inside(
        walker, walker.graph.models[value[1]], target
    )
    reverse = walker.graph.models[value[1]].accessors.get(name)
    field = walker.graph.models[reverse.model].fields.get(reverse.field) if reverse else None
    is_diverted = field is not None and not field.many and bool(field.service)
    if not is_diverted and (is_supposed(value) or not is_told):
        misused(walker, kind, value, node)


def target_is_served(walker: Walker, value: Value) -> bool:
    """Tell whether the value's own model is another context's than the file's."""
    return walker.found.is_foreign(value[1])


def called(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record a method called on a value that only an instance can do."""
    walker.reads_of(value[1], name, node.func, is_write=name in INSTANCE_WRITES)
    if name in INSTANCE_WRITES:
        walker.wrote(value[1])
    if name in INSTANCE_WRITES or name in INSTANCE_READS:
        misused(walker, "instance-write", value, node)
        return
    model = walker.graph.models.get(value[1])
    member = model.members.get(name) if model else None
    if node.args or node.keywords or (member and walker.facts.get("w", member.name)):
        misused(walker, "method", value, node)
    if member is not None:
        _gives_rows(walker, value, walker.facts.get("r", member.name), node)
    elif is_supposed(value) and not (model and _is_carried(model, name)):
        misused(walker, "lacks", value, node)


def misused(walker: Walker, kind: str, value: Value, node: ast.AST) -> None:
    """Record a use of a value that only an instance can serve, wherever the code stands."""
    access = "write" if kind in ("attribute-write", "instance-write") else "read"
    walker.found.add_to(
        walker.contexts.of_label(value[1]), kind, node, value[1],
        function=walker.function, access=access, via=via(value),
    )  # fmt: skip


def given_to_form(walker: Walker, node: ast.Call) -> None:
    """Record a value handed over as the `instance` that a form or serializer is to edit."""
    for keyword in node.keywords:
        if keyword.arg == "instance":
            for value in walker.known(keyword.value):
                if value[0] == "U":
                    misused(walker, "form", value, keyword.value)


def handed(
    walker: Walker, labels: Iterable[str], name: str | None, type_: Type, node: ast.expr
) -> None:
    """Record a value given to a relation that is not diverted: Django takes only an instance."""
    values = [value for value in type_ if value[0] == "U"]
    for label in labels if values and name else ():
        field = walker.graph.models[label].fields.get(name or "")
        if field is None or not field.target or field.many or field.service:
            continue
        for value in values:
            if walker.contexts.of_label(value[1]) == walker.contexts.of_label(field.target):
                misused(walker, "construct", value, node)


def linked(walker: Walker, type_: Type, node: ast.expr) -> None:
    """Record a value given to `add`, `remove` or `set`: Django takes only an instance or a key."""
    for value in type_:
        if value[0] == "U":
            misused(walker, "many-to-many", value, node)


def valued(walker: Walker, value: Value, type_: Type) -> Type:
    """Return what a member of a value gives: instances inside its service become values too."""
    owner = walker.contexts.of_label(value[1])
    return cut(
        frozenset(
            ("U", inner[1], *value[2:])
            if inner[0] == "I" and walker.contexts.of_label(inner[1]) == owner
            else inner
            for inner in type_
        )
    )


def instance_of(walker: Walker, cls: str) -> Type:
    """Return the value that an instance of a generated class is; unknown for any other class."""
    for value in walker.facts.get("a", cls, LABEL):
        if value[0] == "L" and value[1] in walker.graph.models:
            return one("U", value[1])
    return UNKNOWN
