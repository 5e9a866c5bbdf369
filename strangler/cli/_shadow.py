"""How many pairs of each route were compared lately, and how many differ."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from strangler.errors import StoreError
from strangler.shadow.rollup import read_rollup
from strangler.shadow.store_file import DEFAULT_NAME

if TYPE_CHECKING:
    from strangler.policy import Policy

WINDOW_S = 3600


def shadow_counts(policy: Policy) -> tuple[dict[str, tuple[int, int]], str]:
    """Return (compared, mismatched) of the last hour by route, and what to say beside them."""
    path = policy.proxy.state_dir / DEFAULT_NAME
    if not path.exists():
        compares = any(route.shadow_pct for route in policy.routes)
        return {}, "nothing was compared yet" if compares else ""
    try:
        rollups = read_rollup(path, since=time.time() - WINDOW_S)
    except StoreError as error:
        return {}, f"comparisons cannot be read: {error}"
    counts = {rollup.route: (rollup.pairs, rollup.mismatched) for rollup in rollups}
    return counts, "compared and mismatch: the last hour"
