"""Templates: follow `{{ order.user.email }}`, loops, `with` and includes, from what views give.

A variable that no view is seen to give is guessed from its name when one model is called so; such
crossings have low confidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.crossings.pages import Page, Scope, add

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from codemods.crossings.crossing import Crossing
    from codemods.crossings.discover import Source
    from codemods.crossings.facts import Key
    from codemods.crossings.infer.walker import Project
    from codemods.crossings.reads import Read
    from codemods.crossings.values import Type

MAX_ROUNDS = 4


@dataclass(frozen=True)
class Pages:
    """What all templates gave, and (path, problem) of those that cannot be read."""

    crossings: list[Crossing]
    reads: frozenset[Read]
    problems: list[tuple[str, str]]


def read_templates(
    root: Path,
    project: Project,
    sources: list[Source],
    facts: dict[Key, Type],
    overlay: Mapping[str, str] | None = None,
) -> Pages:
    """Read all templates, as often as they hand on to each other what was not known before.

    `overlay` gives texts to read instead of files.
    """
    given = _given(facts)
    texts, problems = _texts(root, sources, overlay or {})
    known_names = {source.name for source in sources}
    guesses = project.guesses
    tags = _tags(project)
    found: dict[str, list[Crossing]] = {}
    reads: dict[str, set[Read]] = {}
    for _ in range(MAX_ROUNDS):
        before = {name: dict(scope) for name, scope in given.items()}
        for source in sources:
            if source.path in texts:
                page = Page(
                    tags,
                    project,
                    source,
                    texts[source.path],
                    facts,
                    before.get(source.name, {}),
                    guesses,
                )
                page.read()
                found[source.path] = page.crossings()
                reads[source.path] = page.walker.reads
                for name, scope in page.passed.items():
                    if name in known_names:
                        add(given.setdefault(name, {}), scope)
        if given == before:
            break
    return Pages(
        [crossing for crossings in found.values() for crossing in crossings],
        frozenset().union(*reads.values()),
        problems,
    )


def _given(facts: dict[Key, Type]) -> dict[str, Scope]:
    """Gather by template what views were seen to give it."""
    given: dict[str, Scope] = {}
    for key, type_ in facts.items():
        if key[0] == "t":
            given.setdefault(key[1], {})[key[2]] = type_
    return given


def _texts(
    root: Path, sources: list[Source], overlay: Mapping[str, str]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    texts: dict[str, str] = {}
    problems: list[tuple[str, str]] = []
    for source in sources:
        try:
            given = overlay.get(source.path)
            texts[source.path] = (
                (root / source.path).read_text(encoding="utf-8") if given is None else given
            )
        except (OSError, UnicodeDecodeError) as error:
            problems.append((source.path, f"{type(error).__name__}: {error}"))
    return texts, problems


def _tags(project: Project) -> dict[str, list[str]]:
    """Map the name of each function in a template library to the functions called so."""
    tags: dict[str, list[str]] = {}
    for function, definition in project.definitions.items():
        if ".templatetags." in definition.module and definition.kind == "function":
            tags.setdefault(function.rpartition(":")[2], []).append(function)
    return tags
