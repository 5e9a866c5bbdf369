"""What deleting a row does elsewhere: the models that `on_delete` and link tables touch."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.project.graph import Graph

NO_QUERY = frozenset({"DO_NOTHING", None})


def deleted_with(graph: Graph, label: str) -> tuple[str, ...]:
    """Return the labels of the models that Django queries or writes when a row is deleted."""
    return _index(graph).get(label, ())


@lru_cache(maxsize=4)
def _index(graph: Graph) -> dict[str, tuple[str, ...]]:
    pointing: dict[str, list[tuple[str, str | None]]] = {}
    for model in graph.models.values():
        if model.proxy_for is not None:
            continue  # its rows are those of the model that it stands for
        for field in model.fields.values():
            if field.target and not field.many and not field.generic:
                pointing.setdefault(field.target, []).append((model.label, field.on_delete))
            elif field.type == "GenericRelation" and field.target:
                pointing.setdefault(model.label, []).append((field.target, "CASCADE"))
    return {
        label: _closure(model.proxy_for or label, pointing) for label, model in graph.models.items()
    }


def _closure(label: str, pointing: dict[str, list[tuple[str, str | None]]]) -> tuple[str, ...]:
    found: set[str] = set()
    waiting = [label]
    while waiting:
        for origin, on_delete in pointing.get(waiting.pop(), ()):
            if on_delete not in NO_QUERY and origin not in found:
                found.add(origin)
                if on_delete == "CASCADE":
                    waiting.append(origin)
    return tuple(sorted(found - {label}))
