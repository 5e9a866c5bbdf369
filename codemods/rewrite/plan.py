"""Choose which proposed changes are made: all that can be, together.

Of two changes to one node the transform with the lower order wins. A group is made whole or not at
all, over all files. What cannot be made, because a comment would be lost, a group is not whole, or
the result would not compile, is left out, and all is applied again until everything that is left
works together.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from codemods.crossings.reader import describe
from codemods.rewrite.apply import LOSES_COMMENT, apply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from codemods.transforms.change import Change, Proposal, Refusal
    from codemods.transforms.source import SourceFile

NOT_CHOSEN = "not chosen"
OUTSIDE = "it belongs with a change outside the paths given"
TOGETHER = "it only makes sense together with a change that cannot be made"
SUGGESTIONS = {
    LOSES_COMMENT: "move the comment to a line of its own above, and run again",
    NOT_CHOSEN: "run again and choose it, or keep it in the ledger",
    OUTSIDE: "run again without paths, or with that one too",
    TOGETHER: "see what is said of the other place",
}
BY_HAND = "change it by hand, or report it with the line as it stands"


@dataclass(frozen=True, eq=False)
class Candidate:
    """A file, what its module is called, and what the transforms said of it."""

    file: SourceFile
    module_name: str
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, eq=False)
class Dropped:
    """A change that is not made, and why."""

    path: str
    change: Change
    reason: str

    @property
    def suggestion(self) -> str:
        """Return what a person can do about it."""
        return SUGGESTIONS.get(self.reason, BY_HAND)


@dataclass(frozen=True)
class Plan:
    """What is made: changes and new texts by path; and what is not, with reasons."""

    changes: Mapping[str, tuple[Change, ...]]
    texts: Mapping[str, str]
    dropped: tuple[Dropped, ...]
    refusals: Mapping[str, tuple[Refusal, ...]]


@dataclass(frozen=True)
class Rules:
    """What bounds a plan.

    `is_within` tells whether a path may change; `choose`, when given, is asked of each change that
    would be made; `own` and `is_exported` are those of `apply`, the latter with the module's name;
    `python` is the (major, minor) version that the texts must compile for; `misfits` are changes
    that ask the service for what it cannot offer, with the reason.
    """

    own: frozenset[str] = frozenset()
    python: tuple[int, int] = (3, 11)
    is_within: Callable[[str], bool] = lambda _path: True
    is_exported: Callable[[str, str], bool] = lambda _module, _name: False
    misfits: Callable[[Iterable[Change]], Mapping[Change, str]] = lambda _changes: {}
    choose: Callable[[Candidate, Sequence[Change]], bool] | None = None


@dataclass
class _Planning:
    """The changes still wanted, and those dropped so far."""

    rules: Rules
    candidates: Sequence[Candidate]
    wanted: dict[str, list[Change]] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def drop(self, reasons: Mapping[Change, str]) -> bool:
        """Leave changes out, and with each all others of its group; False when there are none."""
        groups = {change.group for change in reasons if change.group}
        any_dropped = False
        for path, changes in self.wanted.items():
            gone = [c for c in changes if c in reasons or (c.group and c.group in groups)]
            if gone:
                any_dropped = True
                self.dropped += [Dropped(path, c, reasons.get(c, TOGETHER)) for c in gone]
                self.wanted[path] = [change for change in changes if change not in gone]
                self.texts.pop(path, None)
        return any_dropped

    def apply(self) -> dict[Change, str]:
        """Make what is wanted in each file that is not made yet; return what cannot be, and why."""
        failed: dict[Change, str] = {}
        for candidate in self.candidates:
            path = candidate.file.path
            if path in self.texts:
                continue
            changes = self.wanted[path]
            made = apply(
                candidate.file,
                changes,
                module_name=candidate.module_name,
                own=self.rules.own,
                is_exported=partial(self.rules.is_exported, candidate.module_name),
            )
            self.texts[path] = made.text
            failed |= dict(made.failed)
            if not made.failed and (problem := uncompilable(made.text, path, self.rules.python)):
                failed |= dict.fromkeys(changes, f"the file would not compile: {problem}")
        return failed


def plan(candidates: Sequence[Candidate], rules: Rules) -> Plan:
    """Return what will be made of what the transforms proposed."""
    planning = _Planning(rules, candidates)
    clashes: dict[Change, str] = {}
    for candidate in candidates:
        wanted, clashed = _first_of_each_node(candidate)
        planning.wanted[candidate.file.path] = wanted
        clashes |= clashed
    planning.drop(clashes)
    planning.drop(
        {
            change: OUTSIDE
            for path, changes in planning.wanted.items()
            if not rules.is_within(path)
            for change in changes
        }
    )
    planning.drop(rules.misfits([c for changes in planning.wanted.values() for c in changes]))
    while planning.drop(planning.apply()):
        pass
    if rules.choose is not None and planning.drop(_unchosen(planning, rules)):
        while planning.drop(planning.apply()):
            pass
    return Plan(
        {path: tuple(changes) for path, changes in planning.wanted.items() if changes},
        {
            candidate.file.path: planning.texts[candidate.file.path]
            for candidate in candidates
            if planning.texts[candidate.file.path] != candidate.file.text
        },
        tuple(planning.dropped),
        {
            candidate.file.path: tuple(
                refusal for proposal in candidate.proposals for refusal in proposal.refusals
            )
            for candidate in candidates
        },
    )


def _first_of_each_node(candidate: Candidate) -> tuple[list[Change], dict[Change, str]]:
    """Return the changes of a file, and those that another transform's change stands before.

    A change that only repeats one of the same transform and group is no clash: it is dropped.
    """
    taken: dict[object, Change] = {}
    wanted: list[Change] = []
    clashes: dict[Change, str] = {}
    for proposal in candidate.proposals:
        for change in proposal.changes:
            first = taken.setdefault(change.node, change)
            if first is change:
                wanted.append(change)
            elif first.group != change.group or first.transform != change.transform:
                wanted.append(change)
                clashes[change] = f"`{first.transform}` changes the same place"
    return wanted, clashes


def _unchosen(planning: _Planning, rules: Rules) -> dict[Change, str]:
    """Ask of each change, of a group once; return those that were declined."""
    assert rules.choose is not None  # noqa: S101  asked by `plan`
    answers: dict[str, bool] = {}
    declined: dict[Change, str] = {}
    for candidate in planning.candidates:
        for changes in _asked_together(planning.wanted[candidate.file.path]):
            group = changes[0].group
            if not group or group not in answers:
                chosen = rules.choose(candidate, changes)
                if group:
                    answers[group] = chosen
            else:
                chosen = answers[group]
            if not chosen:
                declined |= dict.fromkeys(changes, NOT_CHOSEN)
    return declined


def _asked_together(changes: Iterable[Change]) -> list[list[Change]]:
    found: dict[object, list[Change]] = {}
    for change in changes:
        found.setdefault(change.group or change, []).append(change)
    return list(found.values())


def uncompilable(text: str, path: str, python: tuple[int, int]) -> str:
    """Say why a text is not a program of this Python version; "" when it is one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text, path, feature_version=python)
            compile(text, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        return describe(error)
    return ""
