"""The next safe step of a route, judged by what is known about it: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strangler.policy.model import Stage

if TYPE_CHECKING:
    from strangler.policy import Route

SHARES_PCT = (1.0, 5.0, 10.0, 25.0, 50.0)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known about a route: its candidate's instances, pairs compared and mismatched."""

    route: Route
    instances: int
    compared: int
    mismatched: int


def next_step(outlook: Outlook) -> tuple[str, tuple[str, ...]]:
    """Return the command of the next safe step, empty if there is none, and what stands before it.

    Writes skip stage shadow, where only requests that change nothing are repeated.
    """
    route = outlook.route
    if route.stage is Stage.RETIRED:
        return "", ()
    if outlook.instances == 0:
        return "", (f"no instance of {route.candidate} is up",)
    if outlook.mismatched:
        return "", ("answers differ, see: strangler shadow report",)
    if route.stage is Stage.SHADOW and not outlook.compared:
        return "", ("nothing is compared yet",)
    return f"strangler route {route.name} {_options(route)} --why ...", ()


def _options(route: Route) -> str:
    if route.stage is Stage.MONOLITH and SAFE_METHODS.issuperset(route.methods or ("POST",)):
        return "--stage shadow"
    if route.stage in {Stage.MONOLITH, Stage.SHADOW}:
        return f"--stage canary --share {SHARES_PCT[0]:g}"
    if route.stage is Stage.EXTRACTED:
        return "--stage retired"
    larger = next((share for share in SHARES_PCT if share > route.share_pct), None)
    return f"--share {larger:g}" if larger else "--stage extracted"
