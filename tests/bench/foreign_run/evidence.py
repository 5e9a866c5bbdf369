"""What a copy's source shows and what its tests ran, joined: the ground for every figure."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from codemods.crossings.crossing import Crossing
from codemods.project import contexts as contexts_file
from codemods.project import load, sources
from codemods.trace import records
from codemods.trace.access import accesses
from codemods.trace.merge import Merged, merge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph
    from codemods.trace.access import Access
    from tests.bench.foreign_run.workplace import Workplace

_FIELDS = {field.name for field in fields(Crossing)}


@dataclass(frozen=True)
class Evidence:
    """The static crossings of a tree, the accesses that its tests made, and the two joined."""

    crossings: tuple[Crossing, ...]
    accesses: tuple[Access, ...]
    merged: Merged
    contexts: Contexts


def look(place: Workplace, crossings: list[dict[str, Any]], trace: Path) -> Evidence:
    """Join the crossings that `codemods map --json` printed with a trace of the same tree."""
    digests = sources.digest_files(place.root, sources.walk(place.root, (".py",)))
    graph = graph_of(place, digests)
    contexts = contexts_file.load(place.contexts, graph)
    found = tuple(crossing_of(row) for row in crossings)
    recorded = records.load(trace)
    return Evidence(
        found,
        accesses(recorded, graph, contexts),
        merge(found, recorded, graph, contexts, digests),
        contexts,
    )


def graph_of(place: Workplace, digests: dict[str, str] | None = None) -> Graph:
    """Return the model graph of a copy, read in the environment that its code runs in."""
    with _as_environment(place.environment()):
        return load.load_graph(
            place.root,
            settings=sources.find_settings(place.root, place.settings),
            python=place.python,
            digests=digests or {},
            cache=None,
        )


def crossing_of(row: dict[str, Any]) -> Crossing:
    """Return a crossing from its JSON."""
    return Crossing(**{name: value for name, value in row.items() if name in _FIELDS})


@contextlib.contextmanager
def _as_environment(env: dict[str, str]) -> Iterator[None]:
    """Let children that are started meanwhile see another environment; no thread runs here."""
    mine = dict(os.environ)
    os.environ.clear()
    os.environ.update(env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(mine)
