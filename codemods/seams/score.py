"""Rank contexts by the cost of taking them out, from their crossings alone."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.seams.weights import (
    GROUP_OF,
    GROUPS,
    LOW_CONFIDENCE,
    MUTUAL_POINTS,
    TRAFFIC_POINTS,
    Group,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codemods.trace.merge import Marked

    Traffic = Mapping[tuple[str, str], int]

NAMED = 3
_BY_NAME = {group.name: group for group in GROUPS}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a context costs what it does: so many crossings of a group, each way, so many points."""

    name: str
    incoming: int
    outgoing: int
    points: float


@dataclass(frozen=True, slots=True)
class Seam:
    """A context and what it costs to take out. `reasons` are the dearest first.

    `incoming` counts crossings by kind that reach into it, `outgoing` those that it makes;
    `callers` and `callees` are the contexts at their other end. `statements` ran across in the
    trace; None without one.
    """

    context: str
    cost: float
    reasons: tuple[Reason, ...]
    incoming: tuple[tuple[str, int], ...]
    outgoing: tuple[tuple[str, int], ...]
    callers: tuple[str, ...]
    callees: tuple[str, ...]
    statements: int | None
    advice: str


def rank(
    marked: Sequence[Marked], contexts: Iterable[str], traffic: Traffic | None = None
) -> tuple[Seam, ...]:
    """Return a seam per context, the cheapest first.

    Args:
        marked: every crossing of the project.
        contexts: the contexts to rank; code that belongs to none is seen at the other end only.
        traffic: statements that crossed in a trace, by (source, target); None without one.
    """
    seams = [seam_of(name, marked, traffic) for name in contexts]
    return tuple(sorted(seams, key=lambda seam: (seam.cost, seam.context)))


def seam_of(context: str, marked: Sequence[Marked], traffic: Traffic | None) -> Seam:
    """Return what one context costs to take out."""
    incoming = [mark for mark in marked if mark.crossing.target == context]
    outgoing = [mark for mark in marked if mark.crossing.source == context]
    callers = _partners(mark.crossing.source for mark in incoming)
    callees = _partners(mark.crossing.target for mark in outgoing)
    mutual = sorted({name for name, _ in callers} & {name for name, _ in callees})
    ran_in, ran_out = _ran(context, traffic or {})
    reasons = [*_reasons(incoming, outgoing)]
    if mutual:
        reasons.append(Reason("mutual", len(mutual), len(mutual), MUTUAL_POINTS * len(mutual)))
    if ran_in + ran_out:
        points = round(TRAFFIC_POINTS * math.log2(1 + ran_in + ran_out), 1)
        reasons.append(Reason("traffic", ran_in, ran_out, points))
    reasons.sort(key=lambda reason: (-reason.points, reason.name))
    return Seam(
        context=context,
        cost=round(sum(reason.points for reason in reasons), 1),
        reasons=tuple(reasons),
        incoming=_kinds(incoming),
        outgoing=_kinds(outgoing),
        callers=tuple(name for name, _ in callers),
        callees=tuple(name for name, _ in callees),
        statements=None if traffic is None else ran_in + ran_out,
        advice=_advice(reasons, callers, callees, mutual),
    )


def _ran(context: str, traffic: Traffic) -> tuple[int, int]:
    ran_in = sum(count for (_, target), count in traffic.items() if target == context)
    ran_out = sum(count for (source, _), count in traffic.items() if source == context)
    return ran_in, ran_out


def _reasons(incoming: list[Marked], outgoing: list[Marked]) -> list[Reason]:
    found = []
    for group in GROUPS:
        ways = [[mark for mark in way if group_of(mark) is group] for way in (incoming, outgoing)]
        points = group.points * sum(_certainty(mark) for way in ways for mark in way)
        if any(ways):
            found.append(Reason(group.name, len(ways[0]), len(ways[1]), round(points, 1)))
    return found


def group_of(mark: Marked) -> Group:
    """Return the group of a crossing; a kind that no group names is read like the others."""
    return GROUP_OF.get(mark.crossing.kind, _BY_NAME["reads"])


def _certainty(mark: Marked) -> float:
    is_sure = mark.crossing.confidence == "high" or mark.count > 0
    return 1.0 if is_sure else LOW_CONFIDENCE


def _kinds(marks: list[Marked]) -> tuple[tuple[str, int], ...]:
    counts = Counter(mark.crossing.kind for mark in marks)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _partners(names: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))


def _advice(
    reasons: list[Reason],
    callers: list[tuple[str, int]],
    callees: list[tuple[str, int]],
    mutual: list[str],
) -> str:
    """Say in one sentence what to do about the dearest reason."""
    if not callers and not callees:
        return "Nothing crosses: take it out as it is."
    dearest = next((_BY_NAME[r.name] for r in reasons if r.name in _BY_NAME), GROUPS[-1])
    reason = next(r for r in reasons if r.name == dearest.name)
    count = reason.incoming + reason.outgoing
    what = f"1 {dearest.singular} weighs" if count == 1 else f"{count} {dearest.plural} weigh"
    if not callees:
        begin = f"Only called, by {_names(callers)}"
    elif not callers:
        begin = f"Only calls {_names(callees)}"
    elif mutual:
        begin = f"Tied both ways to {_names([(name, 0) for name in mutual])}"
    else:
        begin = f"Called by {_names(callers)}, calls {_names(callees)}"
    return f"{begin}: {what} most; {dearest.advice}."


def _names(partners: list[tuple[str, int]]) -> str:
    names = [name for name, _ in partners]
    return ", ".join(names[:NAMED]) + (
        f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    )
