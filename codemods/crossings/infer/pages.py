"""What the framework queries for a class that is a page: a generic view's rows, an admin's form."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.cascades import deleted_with
from codemods.crossings.infer import choices, roles
from codemods.crossings.values import reach_of

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker
    from codemods.crossings.values import Type

LISTS = ("MultipleObjectMixin", "ListModelMixin")
ROWS = (*LISTS, "SingleObjectMixin", "RetrieveModelMixin", "UpdateModelMixin")
DELETES = ("DeletionMixin", "DestroyModelMixin")


def anchor(node: ast.ClassDef) -> ast.AST:
    """Return a stand-in for `class Name`, where what a whole class does is recorded."""
    start, end = node.col_offset, node.col_offset + len("class ") + len(node.name.encode())
    return ast.Name(
        id=node.name, ctx=ast.Load(), lineno=node.lineno, end_lineno=node.lineno,
        col_offset=start, end_col_offset=end,
    )  # fmt: skip


def view(walker: Walker, node: ast.ClassDef, cls: str) -> None:
    """Record what a generic view's own machinery queries besides its model."""
    order = [name.rpartition(":")[2] for name in roles.lookup_order(walker, cls)]
    place = anchor(node)
    if any(mixin in order for mixin in ROWS):
        reached = {label for value in roles.rows_of(walker, cls) for label in reach_of(value)}
        for name in ("serializer_class", "filterset_class"):
            for value in roles.class_value(walker, cls, name):
                if value[0] == "C":
                    reached |= set(choices.told(walker, value[1], choices.SHOWN))
        for label in sorted(reached):
            walker.emit("view", place, label)
    if any(mixin in order for mixin in DELETES):
        for label in roles.models_of(walker, cls, through_subclasses=False):
            for other in deleted_with(walker.graph, label):
                walker.emit("cascade", place, other, access="write")


def admin(walker: Walker, node: ast.ClassDef, cls: str) -> None:
    """Record the models whose rows the form of an admin page offers, its inlines' included."""
    place = anchor(node)
    for label in _offered(walker, cls):
        walker.emit("admin", place, label)
    for inline in roles.class_value(walker, cls, "inlines"):
        parts = inline[1] if inline[0] == "T" else [inline[1]] if inline[0] == "S" else []
        for value in frozenset().union(*parts):
            for label in _offered(walker, value[1]) if value[0] == "C" else ():
                walker.emit("admin", place, label)


def _offered(walker: Walker, cls: str) -> tuple[str, ...]:
    """Return the models of other rows that an admin's form has selects for."""
    left_out = _texts(roles.class_value(walker, cls, "exclude"))
    listed = _texts(
        roles.class_value(walker, cls, "fieldsets") or roles.class_value(walker, cls, "fields")
    )
    found: set[str] = set()
    for label in roles.models_of(walker, cls, through_subclasses=False):
        for field in walker.graph.models[label].fields.values():
            is_shown = field.name not in left_out and (not listed or field.name in listed)
            if field.target and is_shown and not field.generic:
                found.add(field.target)
    return tuple(sorted(found))


def _texts(type_: Type) -> set[str]:
    found: set[str] = set()
    for value in type_:
        if value[0] == "L":
            found.add(value[1])
        elif value[0] in "STK":
            parts = value[1] if value[0] == "T" else [value[1]]
            for part in [pair[1] for pair in value[1]] if value[0] == "K" else parts:
                found |= _texts(part)
    return found
