"""Joins of diverted relations that no ids can stand for: why each stays, and what a person can do.

Sorting, columns, annotations and aggregates need the other table's values in the database; an
admin's and a filter set's paths are read by a library that builds the query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.chain_edits import method, receiver, text
from codemods.transforms.change import Refusal
from codemods.transforms.joins_found import NAME, reaches
from codemods.transforms.key_paths import model_around
from codemods.transforms.lookup_calls import rows_of
from codemods.transforms.prefetch_classes import models_of_class
from codemods.transforms.prefetch_paths import meeting
from codemods.transforms.tree import named, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codemods.transforms.source import SourceFile

QUERYING = {
    "order_by": (
        "rows are sorted by a column of the service",
        "sort the rows read, by the value's attribute; for pages, keep a copy of the column here",
    ),
    "values": (
        "a column of the service is read in the same query",
        'read "{column}" instead, then ask the client for all of those ids at once',
    ),
    "values_list": (
        "a column of the service is read in the same query",
        'read "{column}" instead, then ask the client for all of those ids at once',
    ),
    "distinct": ("rows are told apart by a column of the service", 'name "{column}"'),
}
COMPUTING = frozenset({"F", "Count", "Sum", "Avg", "Max", "Min", "StringAgg", "Lower", "Upper"})
COMPUTED = (
    "the database computes with a column of the service",
    'group by "{column}", and ask the client for the values of those ids at once',
)
ADMIN = {
    "search_fields": (
        "the admin searches in a column of the service",
        "override get_search_results() to filter by ids: queryset | rows.filter({column}__in=...)",
    ),
    "list_filter": (
        "the admin filters by a column of the service",
        "write a SimpleListFilter whose queryset() filters by {column}__in ids from the client",
    ),
    "ordering": (
        "the admin sorts by a column of the service",
        'sort by "{column}", or keep a copy of the column here',
    ),
    "list_display": (
        "the admin shows a column of the service",
        "show a method that reads the relation's value, and load it ahead in get_queryset()",
    ),
}
FILTERSET = (
    "a library builds the join from a path that it is given",
    "give the filter method=..., which filters by {column}__in ids from the client",
)


def refusals(file: SourceFile) -> Iterator[Refusal]:
    """Give each string that names a column beyond a diverted relation, with why it stays."""
    yield from _queries(file)
    yield from _classes(file)


def _queries(file: SourceFile) -> Iterator[Refusal]:
    for call in file.find(cst.Call):
        name = method(call)
        base = receiver(call) if name in QUERYING else None
        label = rows_of(file, base) if base is not None else None
        for arg in call.args if label is not None and not file.is_served(label) else ():
            if refusal := _named(file, label or "", arg.value, QUERYING[name]):
                yield refusal
        callee = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
        if isinstance(callee, cst.Name) and callee.value in COMPUTING and call.args:
            label = model_around(file, call) if text(call.args[0].value) else None
            refusal = _named(file, label, call.args[0].value, COMPUTED) if label else None
            if refusal is not None:
                yield refusal


def _named(
    file: SourceFile, label: str, node: cst.BaseExpression, said: tuple[str, str]
) -> Refusal | None:
    """Return a refusal for a string that reaches beyond a diverted relation of a model."""
    path = text(node)
    met = meeting(file.graph, file.relations, label, path.lstrip("-^=@$")) if path else None
    if met is None or not reaches(file, met):
        return None
    field = file.graph.models[met.relation[0]].fields[met.relation[1]]
    column = f"{met.through.removesuffix(field.name)}{field.attname}"
    reason, suggestion = said
    return Refusal(node, NAME, reason, suggestion.format(column=column))


def _classes(file: SourceFile) -> Iterator[Refusal]:
    for definition in file.find(cst.ClassDef):
        yield from _filters(file, definition)
        labels: list[str] | None = None
        for name, elements in _options(definition):
            labels = models_of_class(file, definition) if labels is None else labels
            for element in elements:
                named = (_named(file, label, element.value, ADMIN[name]) for label in labels)
                yield from (refusal for refusal in named if refusal is not None)


def _options(definition: cst.ClassDef) -> Iterator[tuple[str, Sequence[cst.BaseElement]]]:
    """Give the lists of paths among an admin's options."""
    for name, value in named(definition.body):
        if name in ADMIN and isinstance(value, (cst.Tuple, cst.List)):
            yield name, value.elements


def _filters(file: SourceFile, definition: cst.ClassDef) -> Iterator[Refusal]:
    label = _filtered(file, definition)
    for arg in within(definition.body) if label else ():
        if isinstance(arg, cst.Arg) and arg.keyword and arg.keyword.value == "field_name":
            refusal = _named(file, label or "", arg.value, FILTERSET)
            if refusal is not None:
                yield refusal


def _filtered(file: SourceFile, definition: cst.ClassDef) -> str | None:
    """Return the model that a class's `Meta` names; None without one outside the service."""
    for meta in definition.body.body:
        if not isinstance(meta, cst.ClassDef) or meta.name.value != "Meta":
            continue
        for name, given in named(meta.body):
            value = file.certain(given) if name == "model" else None
            if value is not None and value[0] == "M" and not file.is_served(value[1]):
                return str(value[1])
    return None
