"""Paths that end at a relation into the service, or at its key: they end at the id column as well.

`user__pk=1` is `user_id=1`, `user__in=user_ids` is `user_id__in=user_ids`, `user__isnull=True` is
`user_id__isnull=True`, and `Count("order__user")` counts `"order__user_id"`: the SQL is the same,
for Django itself asks the column. With the column named, the relation is not needed for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.chain_edits import text
from codemods.transforms.handing import LISTED, hand_keys, hand_list, hand_plain
from codemods.transforms.key_types import relation
from codemods.transforms.links import Unsupported
from codemods.transforms.lookup_calls import rows_of
from codemods.transforms.prefetch_paths import meeting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.transforms.source import SourceFile

COMPARING = frozenset({"exact", "gt", "gte", "lt", "lte"})
EXPRESSIONS = frozenset({"F", "Count", "Max", "Min"})
QUERYING = frozenset({"annotate", "aggregate", "alias", "filter", "exclude", "update"})


@dataclass(frozen=True, slots=True)
class End:
    """Where a path ends: the id `column` by its whole path, the relation's `target`.

    `is_key` tells that the path names the key behind the relation; `operator` is "" without one.
    """

    column: str
    target: str
    is_key: bool
    operator: str


def end_of(file: SourceFile, label: str, path: str) -> End | None:
    """Return where a path through a relation into the service ends, if the id column has it."""
    met = meeting(file.graph, dict.fromkeys(file.relations, ""), label, path)
    field = relation(file, *met.relation) if met is not None else None
    target = file.graph.models.get(field.target or "") if field is not None else None
    if met is None or field is None or target is None or target.pk is None:
        return None
    is_key = met.beyond.partition("__")[0] in ("pk", target.pk)
    if is_key and target.fields[target.pk].target:
        return None
    operator = met.beyond.partition("__")[2] if is_key else met.beyond
    return End(
        f"{met.through.removesuffix(field.name)}{field.attname}", target.label, is_key, operator
    )


def keyword(file: SourceFile, label: str, arg: cst.Arg) -> str:
    """Return what a lookup is by the id column, its value as it is; "" to leave it."""
    path = arg.keyword.value if arg.keyword is not None else ""
    end = end_of(file, label, path) if "__" in path else None
    if end is None or not (end.is_key or end.operator):
        return ""
    operator = end.operator or "exact"
    try:
        if operator == "in" and end.is_key:
            hand_list(file, arg.value)
        elif operator == "in":
            if hand_keys(file, arg.value, end.target) != LISTED:
                return ""
        elif operator == "isnull" or (end.is_key and operator in COMPARING):
            hand_plain(file, arg.value)
        else:
            return ""
    except Unsupported:
        return ""
    return f"{end.column}__{operator}".removesuffix("__exact")


def texts(file: SourceFile) -> Iterator[tuple[cst.SimpleString, str]]:
    """Give the strings in F() and aggregates that name a relation or its key, with the column."""
    for call in file.find(cst.Call):
        name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
        first = call.args[0].value if call.args else None
        if not isinstance(name, cst.Name) or name.value not in EXPRESSIONS:
            continue
        path = text(first) if isinstance(first, cst.SimpleString) else None
        label = model_around(file, call, is_named=True) if path else None
        end = end_of(file, label, path) if label and path else None
        if end is not None and not end.operator and isinstance(first, cst.SimpleString):
            yield first, end.column


def model_around(file: SourceFile, call: cst.Call, *, is_named: bool = False) -> str | None:
    """Return the model, outside the service, of the query that an expression is a part of.

    With `is_named`, only when it has a name of its own there: without one an annotation is called
    after the path it names.
    """
    inner: cst.CSTNode = call
    around = file.parent(call)
    while isinstance(around, (cst.Arg, cst.Call, cst.BinaryOperation)):
        if isinstance(around, cst.Call) and isinstance(around.func, cst.Attribute):
            label = rows_of(file, around.func.value)
            if label is not None:
                is_query = around.func.attr.value in QUERYING
                has_name = isinstance(inner, cst.Arg) and inner.keyword is not None
                is_meant = is_query and (has_name or not is_named)
                return label if is_meant and not file.is_served(label) else None
        inner, around = around, file.parent(around)
    return None
