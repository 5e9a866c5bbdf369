"""What was seen of the traffic: samples in, figures out. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MONOLITH, SERVICE = "monolith", "products"


@dataclass(frozen=True, slots=True)
class Sample:
    """One request as the visitor saw it.

    `started_ns` is the wall clock in nanoseconds, `took_ms` the time to the whole answer, `side`
    the upstream that the proxy named in the answer, `moved` whether the request was for the
    endpoint that the demonstration moves, `failure` what went wrong or nothing.
    """

    started_ns: int
    took_ms: float
    visitor: int
    kind: str
    moved: bool
    side: str
    status: int
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The samples of one stretch of time, and the questions one asks of them."""

    samples: Sequence[Sample]

    @property
    def requests(self) -> int:
        return len(self.samples)

    @property
    def failures(self) -> list[Sample]:
        return [sample for sample in self.samples if sample.failure]

    @property
    def moved(self) -> list[Sample]:
        """The answered requests for the endpoint that moves."""
        return [sample for sample in self.samples if sample.moved and not sample.failure]

    def answered_by(self, side: str) -> int:
        """Return how many requests for the moving endpoint `side` answered."""
        return sum(sample.side == side for sample in self.moved)

    def took_ms(self, side: str) -> list[float]:
        """Return the times of the moving endpoint's answers by `side`, in milliseconds."""
        return [sample.took_ms for sample in self.moved if sample.side == side]

    def sides_of_visitors(self) -> dict[int, set[str]]:
        """Return the sides that each visitor of the moving endpoint was answered by."""
        sides: dict[int, set[str]] = defaultdict(set)
        for sample in self.moved:
            sides[sample.visitor].add(sample.side)
        return dict(sides)

    def kinds(self) -> Counter[str]:
        return Counter(sample.kind for sample in self.samples)


def rate_per_s(window: Window) -> float:
    """Return the requests per second of a window, 0 for fewer than two samples."""
    if window.requests < 2:
        return 0.0
    starts = [sample.started_ns for sample in window.samples]
    return (window.requests - 1) / max((max(starts) - min(starts)) / 1e9, 1e-3)


def percentile(values: Iterable[float], pct: float) -> float:
    """Return the nearest-rank percentile, NaN without values; `pct` from 0 to 100."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(len(ordered) * pct / 100) - 1)]


def visitor_share_pct(sides: Mapping[int, set[str]]) -> float:
    """Return the percent of visitors whom the service answers, 0 without visitors."""
    return 100 * sum(SERVICE in seen for seen in sides.values()) / max(len(sides), 1)


def share_tolerance_pct(asked_pct: float, visitors: int) -> float:
    """Return how far a share of so many random visitors may lie off: 4 standard deviations.

    Who goes where is fixed by a hash, so a visitor is one draw however often it asks.
    """
    part = asked_pct / 100
    return 400 * math.sqrt(part * (1 - part) / max(visitors, 1))


def moved_back(before: Mapping[int, set[str]], after: Mapping[int, set[str]]) -> set[int]:
    """Return visitors whom the service answered before and the monolith answers after."""
    return {
        visitor
        for visitor, seen in after.items()
        if SERVICE in before.get(visitor, ()) and MONOLITH in seen
    }


def changed_sides(sides: Mapping[int, set[str]]) -> set[int]:
    """Return visitors who were answered by both sides within one window."""
    return {visitor for visitor, seen in sides.items() if len(seen) > 1}
