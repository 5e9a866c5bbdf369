"""Walk `order__user__email` over the model graph: which models a lookup reaches, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.project.graph import Graph


@dataclass(frozen=True, slots=True)
class Step:
    """One relation followed: the model it starts from, the one it reaches, the field's name.

    `joins` is False when only the local key column is needed.
    """

    origin: str
    target: str
    field: str
    joins: bool
    many: bool
    through: str | None = None


@lru_cache(maxsize=100_000)
def steps(graph: Graph, label: str, path: str) -> tuple[Step, ...]:
    """Return the relations that a `__` path follows from a model; empty for its own columns."""
    found: list[Step] = []
    parts = path.lstrip("-+").split("__")
    here = label
    for index, part in enumerate(parts):
        model = graph.models.get(here)
        if model is None:
            break
        field = model.fields.get(part)
        if field is not None and field.target:
            rest = parts[index + 1] if index + 1 < len(parts) else ""
            joins = _needs_row(graph, field.target, rest)
            found.append(
                Step(here, field.target, part, joins=joins, many=field.many, through=field.through)
            )
            here = field.target
        elif (reverse := model.query_names.get(part)) is not None:
            through = link_table(graph, reverse.model, reverse.field)
            found.append(
                Step(here, reverse.model, part, joins=True, many=reverse.many, through=through)
            )
            here = reverse.model
        else:
            break
    return tuple(found)


def link_table(graph: Graph, label: str, name: str) -> str | None:
    """Return the model of the rows that link a many-to-many field, seen from either end."""
    model = graph.models.get(label)
    if model is None:
        return None
    if field := model.fields.get(name):
        return field.through
    if reverse := model.accessors.get(name):
        return link_table(graph, reverse.model, reverse.field)
    return None


def _needs_row(graph: Graph, target: str, rest: str) -> bool:
    """Tell whether the next part of a path reads the related row, not merely its key."""
    model = graph.models.get(target)
    if model is None or not rest or rest in ("pk", model.pk):
        return False
    return rest in model.fields or rest in model.attnames or rest in model.query_names
