"""Where a `__` path, as select_related and prefetch_related take it, meets a diverted relation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codemods.project.graph import Graph, Model
    from codemods.transforms.relations import Relation


@dataclass(frozen=True, slots=True)
class Meeting:
    """A path that reaches a diverted relation.

    `before` is what comes before it ("order" of "order__user__profile", or ""), `through` the
    path up to and with it ("order__user"), `beyond` the rest ("profile", or "").
    """

    relation: Relation
    before: str
    through: str
    beyond: str


def meeting(
    graph: Graph, relations: Mapping[Relation, str], label: str, path: str
) -> Meeting | None:
    """Return where a path from a model first walks a diverted relation; None if it does not."""
    here = label
    parts = path.split("__")
    for index, part in enumerate(parts):
        model = graph.models.get(here)
        if model is None:
            return None
        if relations.get((here, part)) == "":
            return Meeting(
                (here, part),
                "__".join(parts[:index]),
                "__".join(parts[: index + 1]),
                "__".join(parts[index + 1 :]),
            )
        target = follow(model, part)
        if target is None:
            return None
        here = target
    return None


def follow(model: Model, name: str) -> str | None:
    """Return the model that a relation of either direction leads to, by either of its names."""
    field = model.fields.get(name)
    if field is not None:
        return field.target
    reverse = model.accessors.get(name) or model.query_names.get(name)
    return reverse.model if reverse else None
