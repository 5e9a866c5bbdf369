"""How alike the two sides answer, as `strangler shadow report --json` tells it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.demo.commands import Commands
    from tests.demo.screen import Screen
    from tests.demo.summary import Summary

WAIT_S = 20.0


@dataclass(frozen=True)
class Parity:
    """Pairs compared, pairs that differ, and the paths at which they do, most often first."""

    compared: int = 0
    mismatched: int = 0
    paths: tuple[str, ...] = ()

    def since(self, before: Parity) -> Parity:
        """Return what was compared after `before` was read."""
        return Parity(
            self.compared - before.compared, self.mismatched - before.mismatched, self.paths
        )

    def __str__(self) -> str:
        return f"{self.mismatched} of {self.compared} pairs differ"


def read_parity(commands: Commands, route: str) -> Parity:
    """Return the figures of one route since the store began; zeros before the first pair."""
    # 1 says that pairs mismatch, 2 that there is no pair of the route yet.
    report = commands.read("shadow", "report", "--route", route, allowed=(0, 1, 2))
    for row in report["routes"] if report else ():
        places = sorted(row["places"], key=lambda place: -place["mismatched"])
        paths = tuple(place["path"] for place in places if place["mismatched"])
        return Parity(row["pairs"], row["mismatched"], paths)
    return Parity()


def wait_for_parity(commands: Commands, route: str, enough: Callable[[Parity], bool]) -> Parity:
    """Return the figures once they are `enough`, or as they are after `WAIT_S`.

    The comparison runs behind the traffic, on purpose.
    """
    until = time.monotonic() + WAIT_S
    while not enough(parity := read_parity(commands, route)) and time.monotonic() < until:
        time.sleep(0.2)
    return parity


def claim_parity(screen: Screen, summary: Summary, stage: str, parity: Parity) -> None:
    """Claim that something was compared and nothing differs."""
    screen.figure(f"compared in this stage: {parity}")
    summary.claim(
        f"{stage}: monolith and service give the same answers",
        str(parity),
        held=parity.compared > 0 and parity.mismatched == 0,
    )
