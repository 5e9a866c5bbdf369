"""The whole flow over a project: discover, read in rounds, walk the templates, classify."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.crossings import discover, rounds
from codemods.crossings.infer.walker import Project, guesses, methods_by_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codemods.crossings.crossing import Crossing
    from codemods.crossings.facts import Definition
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph


@dataclass(frozen=True)
class Survey:
    """What was found, what could not be read, and how much was."""

    crossings: list[Crossing]
    problems: list[tuple[str, str]]
    files: int
    rounds: int


def subclasses(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Map each first-party class to the classes that inherit from it."""
    found: dict[str, list[str]] = {}
    for name, cls in sorted(graph.classes.items()):
        for base in cls.bases:
            if base in graph.classes:
                found.setdefault(base, []).append(name)
    return {name: tuple(names) for name, names in found.items()}


def survey(
    root: Path,
    graph: Graph,
    contexts: Contexts,
    digests: dict[str, str],
    template_digests: dict[str, str],
    *,
    processes: int | None = None,
    progress: Callable[[str, int, int], None] = lambda _step, _done, _total: None,
) -> Survey:
    """Find every crossing of a project."""
    from codemods.crossings import templates

    sources = discover.python_sources(graph, contexts, digests)
    pages = discover.template_sources(graph, contexts, template_digests)
    known: list[Project] = []

    def project_of(defined: dict[str, Definition]) -> Project:
        known.append(
            Project(
                graph,
                contexts,
                defined,
                subclasses(graph),
                guesses(graph),
                methods_by_name(defined),
            )
        )
        return known[0]

    reading = rounds.read_all(
        root, sources, project_of, processes=processes or os.cpu_count() or 1, progress=progress
    )
    progress("templates", 0, len(pages))
    walked, failed = templates.read_templates(root, known[0], pages, reading.facts)
    return Survey(
        sorted([*reading.crossings, *walked]),
        [*reading.problems, *failed],
        len(sources) + len(pages),
        reading.rounds,
    )
