"""What became of each crossing of the seam: rewritten, batched, or listed with a reason.

Nobody's word is taken for it: the project is surveyed again as it would be, and a crossing is gone
when that survey has none in its place. Edits around a crossing change its spelling, so those that
are left are matched by their key first, then by ever less of it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from codemods.crossings.crossing import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from codemods.crossings.crossing import Crossing
    from codemods.rewrite.plan import Plan
    from codemods.transforms.source import SourceFile
    from codemods.transforms.tree import Span

REWRITTEN, BATCHED, LISTED = "rewritten", "batched", "listed"
STATES = (REWRITTEN, BATCHED, LISTED)


@dataclass(frozen=True, slots=True, order=True)
class Outcome:
    """A crossing and what became of it; `reason` and `suggestion` of a listed one.

    With a trace, `seen` is static, runtime or both, and `count` how many statements ran there.
    """

    crossing: Crossing
    state: str
    transform: str = ""
    reason: str = ""
    suggestion: str = ""
    seen: str = ""
    count: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        found = self.crossing.to_json() | {"outcome": self.state}
        for name in ("transform", "reason", "suggestion", "seen", "count"):
            if value := getattr(self, name):
                found[name] = value
        return found


@dataclass(frozen=True)
class Note:
    """Something said of a span of a file: what changes there, or why it does not."""

    span: Span
    transform: str
    is_batched: bool = False
    reason: str = ""
    suggestion: str = ""


@dataclass(frozen=True)
class Relations:
    """The relations that lead to the service.

    `client` is what its client's module is called where it is used. `kept` holds those that are not
    diverted, by the label of the model they lead to, as (field name, declaring label, reason).
    """

    client: str
    kept: Mapping[str, tuple[tuple[str, str, str], ...]]

    def reason(self, crossing: Crossing) -> str:
        """Say why the relation that a crossing follows is not diverted; "" when it follows none."""
        words = set(re.split(r"\W+|__", crossing.expression))
        for name, label, reason in self.kept.get(crossing.model, ()):
            if name in words:
                return f"{label}.{name} is not diverted: {reason}"
        return ""


FOLLOWING = frozenset({"relation", "template", "prefetch", "serializer", "admin", "library"})
FREE_IT = "change what stands in the way, and run again"
DIVERTED = (
    "reading it asks the client; the table's foreign key, and joins through it, are still there"
)
SEVER = "cut what still joins through it, then let the column be a plain id"

MATCHES: tuple[Callable[[Crossing], tuple[object, ...]], ...] = (
    lambda c: (c.key,),
    lambda c: (c.path, c.function, c.kind, c.model, c.expression),
    lambda c: (c.path, c.function, c.kind, c.model),
    lambda c: (c.path, c.function, c.model, c.access),
    lambda c: (c.path, c.function, c.model),
)


def outcomes(
    before: Sequence[Crossing],
    after: Sequence[Crossing],
    files: Mapping[str, SourceFile],
    plan: Plan,
    relations: Relations,
) -> tuple[Outcome, ...]:
    """Return what became of each crossing of `before`, and what of `after` is in no place of it."""
    left, extra = match(before, after)
    made, refused = _notes(files, plan)
    found = []
    for crossing in before:
        if crossing in left:
            notes = made.get(crossing.path, ()) if crossing.kind == "relation-field" else ()
            if crossing.expression.startswith(f"{relations.client}.") or _any_touches(
                notes, crossing
            ):
                found.append(Outcome(crossing, LISTED, "reference", DIVERTED, SEVER))
            else:
                found.append(_listed(crossing, refused.get(crossing.path, ()), relations))
        else:
            notes = [n for n in made.get(crossing.path, ()) if _touches(n.span, crossing)]
            state = BATCHED if any(note.is_batched for note in notes) else REWRITTEN
            found.append(Outcome(crossing, state, notes[0].transform if notes else ""))
    found += [_listed(crossing, (), relations) for crossing in extra]
    return tuple(sorted(found))


def match(
    before: Sequence[Crossing], after: Sequence[Crossing]
) -> tuple[frozenset[Crossing], tuple[Crossing, ...]]:
    """Return the crossings of `before` that `after` still has, and those of `after` left over."""
    left: set[Crossing] = set()
    waiting, open_ = list(after), list(before)
    for key in MATCHES:
        places: dict[tuple[object, ...], list[Crossing]] = {}
        for crossing in open_:
            places.setdefault(key(crossing), []).append(crossing)
        rest = []
        for crossing in waiting:
            place = places.get(key(crossing))
            if place:
                left.add(place.pop(0))
            else:
                rest.append(crossing)
        waiting = rest
        open_ = [crossing for crossing in open_ if crossing not in left]
    return frozenset(left), tuple(waiting)


def _notes(
    files: Mapping[str, SourceFile], plan: Plan
) -> tuple[dict[str, list[Note]], dict[str, list[Note]]]:
    """Return what is made and what is refused, by path, the narrowest first."""
    made: dict[str, list[Note]] = {}
    refused: dict[str, list[Note]] = {}
    for path, changes in plan.changes.items():
        made[path] = [
            Note(files[path].span(c.node), c.transform, is_batched=c.is_batched) for c in changes
        ]
    for path, refusals in plan.refusals.items():
        refused[path] = [
            Note(files[path].span(r.node), r.transform, reason=r.reason, suggestion=r.suggestion)
            for r in refusals
        ]
    for drop in plan.dropped:
        refused.setdefault(drop.path, []).append(
            Note(
                files[drop.path].span(drop.change.node),
                drop.change.transform,
                reason=drop.reason,
                suggestion=drop.suggestion,
            )
        )
    for notes in (*made.values(), *refused.values()):
        notes.sort(key=lambda note: _size(note.span))
    return made, refused


def _size(span: Span) -> tuple[int, int]:
    return (span[2] - span[0], span[3] - span[1])


def _touches(span: Span, crossing: Crossing) -> bool:
    """Tell whether a span and a crossing share code."""
    start, end = (crossing.line, crossing.column - 1), (crossing.end_line, crossing.end_column - 1)
    return span[:2] < end and start < span[2:]


def _any_touches(notes: Iterable[Note], crossing: Crossing) -> bool:
    return any(_touches(note.span, crossing) for note in notes)


def _listed(crossing: Crossing, notes: Iterable[Note], relations: Relations) -> Outcome:
    """Give the reason of the transform that refused the place, else what the kind advises."""
    for note in notes:
        if _touches(note.span, crossing):
            return Outcome(crossing, LISTED, note.transform, note.reason, note.suggestion)
    if crossing.kind in FOLLOWING and (reason := relations.reason(crossing)):
        return Outcome(crossing, LISTED, "reference", reason, FREE_IT)
    kind = KINDS[crossing.kind]
    return Outcome(crossing, LISTED, "", kind.title, kind.advice)


ONLY_RAN = "seen only when it ran: its queryset or value comes from where the source does not show"


def confirmed(
    found: Iterable[Outcome], service: str, seen: Mapping[Crossing, tuple[str, int]]
) -> tuple[Outcome, ...]:
    """Return outcomes with who saw each crossing, and those that only ran, listed."""
    known = {outcome.crossing.key: outcome for outcome in found}
    marked = []
    for crossing, (who, count) in seen.items():
        if crossing.target != service:
            continue
        outcome = known.pop(crossing.key, None) or Outcome(
            crossing, LISTED, "", ONLY_RAN, KINDS[crossing.kind].advice
        )
        marked.append(replace(outcome, seen=who, count=count))
    return tuple(sorted([*marked, *known.values()]))


def counts(found: Iterable[Outcome]) -> dict[str, Counter[str]]:
    """Count outcomes by kind and state."""
    by_kind: dict[str, Counter[str]] = {}
    for outcome in found:
        by_kind.setdefault(outcome.crossing.kind, Counter())[outcome.state] += 1
    return dict(sorted(by_kind.items()))


def percentages(found: Sequence[Outcome]) -> dict[str, float]:
    """Return the share of each state in percent, to one decimal; 0 of nothing."""
    total = Counter(outcome.state for outcome in found)
    return {state: round(100 * total[state] / max(1, len(found)), 1) for state in STATES}
