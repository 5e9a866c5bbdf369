"""What models are called in a contract: the value class, and the words for one and for many.

Within one service all of them differ, so a name of an operation tells which model it is about.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

_IRREGULAR = {"child": "children", "man": "men", "person": "people", "woman": "women"}
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Noun:
    """What a model is called: `value` is its value class, `one` and `many` are snake case."""

    value: str
    one: str
    many: str


def nouns_of_service(graph: Graph, contexts: Contexts, service: str) -> dict[str, Noun]:
    """Return what each model of a service is called, by label."""
    return nouns(label for label in graph.models if contexts.of_label(label) == service)


def nouns(labels: Iterable[str]) -> dict[str, Noun]:
    """Return what each model is called; those whose words would be the same name their app too.

    Depends on the set of labels alone, not on their order.
    """
    every = sorted(set(labels))
    found = {label: noun(label) for label in every}
    for widen in (_with_app, _with_digest):
        clashing = _clashing(found)
        found |= {label: widen(label) for label in clashing}
    return found


def noun(label: str) -> Noun:
    """Return what a model is called when nothing else in its service is called alike."""
    return _noun(label.rpartition(".")[2])


def _with_app(label: str) -> Noun:
    app, _, name = label.rpartition(".")
    return _noun("".join(part.capitalize() for part in app.split("_")) + name)


def _with_digest(label: str) -> Noun:
    digest = hashlib.blake2b(label.encode(), digest_size=4).hexdigest()
    return _noun(f"{_with_app(label).value}X{digest}")


def _noun(name: str) -> Noun:
    one = snake(name)
    return Noun(name, one, plural(one))


def snake(name: str) -> str:
    """Return a class name in snake case."""
    return _WORD_START.sub("_", name).lower()


def plural(one: str) -> str:
    """Return the English plural of a noun in snake case."""
    head, joint, last = one.rpartition("_")
    if last in _IRREGULAR:
        return head + joint + _IRREGULAR[last]
    if re.search(r"[^aeiou]y$", last):
        return one[:-1] + "ies"
    return one + ("es" if last.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _clashing(found: Mapping[str, Noun]) -> list[str]:
    """Return the labels of which any word is also another's."""
    users: dict[str, set[str]] = {}
    for label, its in found.items():
        for word in (its.value, its.value.lower(), its.one, its.many):
            users.setdefault(word, set()).add(label)
    return sorted(set().union(*(labels for labels in users.values() if len(labels) > 1)))
