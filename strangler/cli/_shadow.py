"""How many pairs of each route were compared, and how many differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strangler.policy import Policy


def shadow_counts(policy: Policy) -> tuple[dict[str, tuple[int, int]], str]:
    """Return (compared, mismatched) by route, and what to say when there is nothing to read."""
    if not any(route.shadow_pct for route in policy.routes):
        return {}, ""
    return {}, "no comparisons are stored yet"
