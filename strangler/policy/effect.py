"""What a change of a route means for its traffic: who moves, and whether the step is a safe one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from strangler.policy.model import TOTAL_WEIGHT, Side, Stage

if TYPE_CHECKING:
    from strangler.policy.model import Route

_ORDER = tuple(Stage)


def share_of(route: Route) -> float:
    """Return the percent of keys that the candidate answers under the route's stage."""
    weight = sum(s.weight for s in route.split if s.side is Side.CANDIDATE)
    return weight * 100 / TOTAL_WEIGHT


def describe_effect(before: Route, after: Route) -> tuple[str, ...]:
    """Return sentences that tell what changes for the route's traffic; none when nothing does."""
    told = []
    weights = {s.upstream: s.weight * 100 / TOTAL_WEIGHT for s in after.split}
    goes = ", ".join(f"{percent:.2f} % of keys to {name}" for name, percent in weights.items())
    if before.split != after.split:
        told.append(f"{after.name}: {goes}; {_moves(before, after)}")
    if (before.salt, before.sticky) != (after.salt, after.sticky):
        told.append(f"{after.name}: keys are drawn anew, so users may change sides")
    if before.shadow_pct != after.shadow_pct:
        percent = f"{after.shadow_pct:g} % of requests are"
        nothing = "nothing is" if after.shadow_pct == 0 else percent
        told.append(f"{after.name}: {nothing} compared (before: {before.shadow_pct:g} %)")
    if before.fallback != after.fallback:
        without = "" if after.fallback else "no longer "
        told.append(f"{after.name}: the other side {without}answers when the chosen one cannot")
    return tuple(told)


def step_warning(before: Route, after: Route) -> str:
    """Return what speaks for a second look at a step between stages; empty for a plain one."""
    if before.stage is Stage.MONOLITH and after.stage is Stage.CANARY:
        return (
            f"{after.name} answers users without having been compared in stage shadow; the "
            f"canary itself is compared where shadow_pct is set"
        )
    if before.stage is Stage.CANARY and after.stage is Stage.EXTRACTED and share_of(before) < 50:  # noqa: PLR2004
        return f"{after.name} goes from {share_of(before):.2f} % to all traffic in one step"
    return ""


def step_refusal(before: Route, after: Route) -> str:
    """Return why a step needs to be forced; empty for one that may be taken.

    Back is always open, but not from retired, where the monolith's code may be gone. Forward, all
    users move only from a canary, and the way back is given up only from extracted.
    """
    if before.stage is after.stage:
        return ""
    forward = _ORDER.index(after.stage) > _ORDER.index(before.stage)
    if before.stage is Stage.RETIRED:
        return f"{after.name} is retired: {after.control} may no longer have the code to answer"
    if forward and after.stage is Stage.RETIRED and before.stage is not Stage.EXTRACTED:
        return (
            f"{after.name} would lose its way back without ever having served all traffic; "
            f"take it to extracted first"
        )
    if forward and after.stage is Stage.EXTRACTED and before.stage is not Stage.CANARY:
        return (
            f"{after.name} would send all traffic to {after.candidate} with no canary before; "
            f"take it to canary first"
        )
    return ""


def _moves(before: Route, after: Route) -> str:
    """Say how many of the buckets move, to which upstream."""
    moves: Counter[str] = Counter()
    back = 0
    for source, target, side_before, side_after, weight in _overlaps(before, after):
        if source != target:
            moves[f"{source} to {target}"] += weight
            back += weight if (side_before, side_after) == (Side.CANDIDATE, Side.CONTROL) else 0
    if not moves:
        return "nobody moves"
    told = ", ".join(
        f"{weight * 100 / TOTAL_WEIGHT:.2f} % move from {way}" for way, weight in moves.items()
    )
    return told if back else f"{told}; nobody moves back"


def _overlaps(before: Route, after: Route) -> list[tuple[str, str, Side, Side, int]]:
    """Cut the buckets where either split has a border."""
    cuts = sorted({*_ends(before), *_ends(after)})
    pieces = []
    start = 0
    for end in cuts:
        a, b = _at(before, start), _at(after, start)
        pieces.append((before.split[a].upstream, after.split[b].upstream,
                       before.split[a].side, after.split[b].side, end - start))  # fmt: skip
        start = end
    return pieces


def _ends(route: Route) -> list[int]:
    ends, end = [], 0
    for stretch in route.split:
        end += stretch.weight
        ends.append(end)
    return ends


def _at(route: Route, bucket: int) -> int:
    return next(index for index, end in enumerate(_ends(route)) if bucket < end)
