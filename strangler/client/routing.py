"""Which transport one call takes: by its operation's variables, and by the user's place in 100 %.

TRANSPORT (of the operation, else of the service), SHARE ─> in_process | http | shadow     pure
"""

from __future__ import annotations

import random
from hashlib import blake2b

IN_PROCESS, HTTP, SHADOW = "in_process", "http", "shadow"
TRANSPORTS = (IN_PROCESS, HTTP, SHADOW)
STAND_IN = "stand_in"
BUCKETS = 10_000


def place_pct(operation: str, user_id: str) -> float:
    """Return where from 0 to 100 a call stands: the same for a user, by chance for nobody.

    Raising a share never moves a user back, and operations do not all pick the same users.
    """
    if not user_id:
        return random.random() * 100  # noqa: S311 - a share, no secret
    digest = blake2b(f"{operation}:{user_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % BUCKETS * 100 / BUCKETS


def side(transport: str, share_pct: float, place: float) -> str:
    """Return the transport of a call that stands at `place`."""
    return transport if place < share_pct else IN_PROCESS
