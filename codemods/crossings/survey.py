"""The whole flow over a project: discover, read in rounds, walk the templates, classify.

`survey` finds the crossings. `survey_typed` tells besides what the expressions of chosen files
are, which attributes are used of other contexts' instances, and what functions do to their
parameters: what a rewrite needs. Both read the project as it is on disk, or as an overlay has it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.crossings import discover, rounds
from codemods.crossings.infer.walker import Project, guesses, methods_by_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from codemods.crossings.crossing import Crossing
    from codemods.crossings.facts import Definition, Key
    from codemods.crossings.infer.typed import FileTypes, Span
    from codemods.crossings.reads import Read
    from codemods.crossings.values import Type
    from codemods.crossings.walks import Walk
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph


@dataclass(frozen=True)
class Survey:
    """What was found, what could not be read, and how much was."""

    crossings: list[Crossing]
    problems: list[tuple[str, str]]
    files: int
    rounds: int


@dataclass(frozen=True)
class Typed:
    """A survey with what a rewrite needs besides.

    `files` maps the path of each wanted file to its types. `reads` are of the whole project.
    `written` and `escaping` are parameters, as ("module:Qualname", name): those whose instance the
    function changes, saves or deletes, and those that it returns or hands to code that cannot be
    seen. `definitions` are all functions and classes of the project, by "module:Qualname". `walks`
    are the relations that the database has to walk.
    """

    survey: Survey
    files: dict[str, FileTypes]
    reads: frozenset[Read]
    written: frozenset[tuple[str, str]]
    escaping: frozenset[tuple[str, str]]
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    walks: frozenset[Walk] = frozenset()


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
    digests: Mapping[str, str],
    template_digests: Mapping[str, str],
    *,
    processes: int | None = None,
    progress: Callable[[str, int, int], None] = lambda _step, _done, _total: None,
) -> Survey:
    """Find every crossing of a project."""
    typed = survey_typed(
        root, graph, contexts, digests, template_digests, processes=processes, progress=progress
    )
    return typed.survey


def survey_typed(
    root: Path,
    graph: Graph,
    contexts: Contexts,
    digests: Mapping[str, str],
    template_digests: Mapping[str, str],
    *,
    wanted: Callable[[list[Crossing]], Collection[str]] = lambda _crossings: (),
    overlay: Mapping[str, str | None] | None = None,
    supposed: Mapping[str, Mapping[Span, Type]] | None = None,
    processes: int | None = None,
    progress: Callable[[str, int, int], None] = lambda _step, _done, _total: None,
    readers: rounds.Readers | None = None,
) -> Typed:
    """Find every crossing of a project, and what its code is and does.

    Args:
        root: the folder that paths are relative to.
        graph: the project's models; a diverted relation is one whose field names a service.
        contexts: who owns what.
        digests: the Python files to read, by path.
        template_digests: the templates to read, by path.
        wanted: picks the Python files whose types are kept, from the crossings of all of them.
        overlay: texts to read instead of files, by path; None for a file that is gone.
        supposed: what to take some places for, by path and span as `ast` counts it.
        processes: how many share the work; one per core unless told.
        progress: is told (step, done, total).
        readers: the processes of an earlier survey of the same folder, for less to be parsed.
    """
    from codemods.crossings import templates

    overlay = overlay or {}
    texts = {path: text for path, text in overlay.items() if text is not None}
    sources = discover.python_sources(graph, contexts, _overlaid(digests, overlay, (".py",)))
    pages = discover.template_sources(
        graph, contexts, _overlaid(template_digests, overlay, discover.TEMPLATE_SUFFIXES)
    )
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
                frozenset(source.name for source in sources if source.kind == "python"),
                supposed or {},
            )
        )
        return known[0]

    reading = rounds.read_all(
        root, sources, project_of,
        processes=processes or os.cpu_count() or 1, progress=progress,
        overlay=texts, wanted=wanted, readers=readers,
    )  # fmt: skip
    progress("templates", 0, len(pages))
    walked = templates.read_templates(root, known[0], pages, reading.facts, texts)
    found = Survey(
        sorted([*reading.crossings, *walked.crossings]),
        [*reading.problems, *walked.problems],
        len(sources) + len(pages),
        reading.rounds,
    )
    return Typed(
        found,
        {file.path: file for file in reading.typed},
        reading.reads | walked.reads,
        _parameters(reading.facts, "written"),
        _parameters(reading.facts, "escaping"),
        known[0].definitions,
        reading.walks,
    )


def _overlaid(
    digests: Mapping[str, str], overlay: Mapping[str, str | None], suffixes: tuple[str, ...]
) -> dict[str, str]:
    """Return the digests of files as an overlay changes, adds and drops them."""
    found = dict(digests)
    for path, text in overlay.items():
        if text is None:
            found.pop(path, None)
        elif path.endswith(suffixes):
            found[path] = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return found


def _parameters(facts: Mapping[Key, Type], what: str) -> frozenset[tuple[str, str]]:
    return frozenset(
        (key[1], key[2]) for key, told in facts.items() if key[0] == "m" and ("W", what) in told
    )
