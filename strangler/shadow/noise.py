"""Noise: paths at which the control differs from itself, learned by asking it twice.

A path's difference between control and candidate tells something only when it comes up more often
than between control and control. The rule and its two limits are diffy's:
https://github.com/opendiffy/diffy (analysis/JoinedDifferences.scala)

Noise is kept by pattern and kind: a timestamp that changes is noise, the same member gone is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from strangler.shadow.paths import collapse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from strangler.shadow.observation import Difference, Kind

RELATIVE_LIMIT_PCT = 20.0
ABSOLUTE_LIMIT_PCT = 0.03
MIN_CONTROL_PAIRS = 20
"""Controls asked twice on a route before its history excuses anything."""
MAX_PATTERNS = 500
"""Of one route; the counts of others are not kept, so that a map of free keys stays bounded."""

Place = tuple[str, "Kind"]


@dataclass(slots=True)
class RouteNoise:
    """What is known of one route. `raw` and `noise` count the pairs that differ at each place."""

    control_pairs: int = 0
    raw: dict[Place, int] = field(default_factory=dict)
    noise: dict[Place, int] = field(default_factory=dict)


class NoiseHistory:
    """Counts over all pairs so far, by route. Not safe for threads: the judge owns it."""

    def __init__(self) -> None:
        self._routes: dict[str, RouteNoise] = {}

    def route(self, name: str) -> RouteNoise:
        """Return the counts of a route, to be read or filled."""
        return self._routes.setdefault(name, RouteNoise())

    def learn(
        self,
        route: str,
        raw: Iterable[Difference],
        noise: Iterable[Difference] | None,
    ) -> None:
        """Count one pair. `noise` is control against control, None where it was asked once.

        Without a second control the pair teaches nothing, since only rates of the same pairs can
        be compared.
        """
        if noise is None:
            return
        counts = self.route(route)
        counts.control_pairs += 1
        for tally, differences in ((counts.raw, raw), (counts.noise, noise)):
            for place in places(differences):
                if place in tally or len(tally) < MAX_PATTERNS:
                    tally[place] = tally.get(place, 0) + 1

    def is_noise(self, route: str, place: Place) -> bool:
        """Whether the control's own restlessness accounts for the differences at a place."""
        counts = self.route(route)
        return counts.control_pairs >= MIN_CONTROL_PAIRS and not stands_out(
            counts.raw.get(place, 0), counts.noise.get(place, 0), counts.control_pairs
        )


def places(differences: Iterable[Difference]) -> set[Place]:
    """Return where a pair differs: each pattern and kind once, however many items show it."""
    return {(collapse(difference.path), difference.kind) for difference in differences}


def stands_out(raw: int, noise: int, total: int) -> bool:
    """Whether `raw` differences of `total` pairs are more than `noise` explains."""
    if noise == 0:
        return True
    relative_pct = abs(raw - noise) / (raw + noise) * 100
    absolute_pct = abs(raw - noise) / max(total, 1) * 100
    return raw > noise and relative_pct > RELATIVE_LIMIT_PCT and absolute_pct > ABSOLUTE_LIMIT_PCT
