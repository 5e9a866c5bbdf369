"""Where the database has to walk a relation: lookups, loading ahead, pages of the framework.

    "user__email" on Order ─> Walk(orders.Order, user, ...)         from the row that holds the key
    "orders__status" on User ─> Walk(orders.Order, user, is_reverse)     from the row it refers to

A lookup by the key alone walks nothing. Each tells the relation by where it is declared as a field,
so a severed one is known to be wanted still by whoever names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.crossings import lookups

if TYPE_CHECKING:
    import ast

    from codemods.crossings.infer.walker import Walker
    from codemods.crossings.values import Type, Value

ON_ROWS = frozenset({"select_related", "list_select_related", "select_for_update"})
IN_ORDER = frozenset({"order_by", "ordering", "earliest", "latest", "get_latest_by"})
BY_UPDATE = "update() by an instance"


@dataclass(frozen=True, slots=True, order=True)
class Walk:
    """`text` at a line makes `label`.`name` be walked; `how` is the method or attribute it is for.

    `needs_row` tells that the other row is read, not only the relation named; `is_last` that the
    text ends with the relation.
    """

    path: str
    line: int
    label: str
    name: str
    how: str
    text: str
    needs_row: bool = True
    is_last: bool = False
    is_reverse: bool = False


def given(
    walker: Walker, labels: tuple[str, ...], method: str, keyword: ast.keyword, type_: Type
) -> None:
    """Take note of `update(user=user)`: Django takes an instance only for a foreign key."""
    name = keyword.arg or ""
    for label in labels if method == "update" else ():
        model = walker.graph.models.get(label)
        if model and name in model.fields and any(value[0] in "IU" for value in type_):
            walker.walks.add(
                Walk(walker.source.path, keyword.lineno, label, name, BY_UPDATE, name, is_last=True)
            )


def tell_inner(walker: Walker, labels: tuple[str, ...], free: list[Value], how: str) -> None:
    """Take note of what conditions within an expression name, such as `Count(filter=paid)`."""
    for label in labels:
        for value in free:
            for text, path, line, *_ in value[1]:
                _tell(walker, label, text, (path, line), how)


def tell(walker: Walker, label: str, text: str, node: ast.AST, how: str) -> None:
    """Take note of each relation that a lookup from a model names, the key's own column apart."""
    _tell(walker, label, text, (walker.source.path, node.lineno), how)  # type: ignore[attr-defined]


def _tell(walker: Walker, label: str, text: str, place: tuple[str, int], how: str) -> None:
    parts = text.lstrip("-+").split("__")
    for at, step in enumerate(lookups.steps(walker.graph, label, text)):
        reverse = walker.graph.models[step.origin].query_names.get(step.field)
        if reverse is not None and step.field not in walker.graph.models[step.origin].fields:
            key, is_reverse = (reverse.model, reverse.field), True
        else:
            key, is_reverse = (step.origin, step.field), False
        walk = Walk(
            *place, *key, how, text,
            needs_row=step.joins, is_last=at + 1 == len(parts), is_reverse=is_reverse,
        )  # fmt: skip
        walker.walks.add(walk)
