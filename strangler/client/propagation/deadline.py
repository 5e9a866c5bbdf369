"""How long there still is: one point in time that every further call of a chain inherits.

    with deadline.within(2.0):
        users_client.get_user(id=1)     # at most 2 s, retries and all
        orders_client.list_orders()     # at most what that left over

The next service learns what is left, not when it ends: clocks differ between machines.
https://sre.google/sre-book/addressing-cascading-failures/ ("Deadline propagation") tells why.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextvars import Token

HEADER = "X-Request-Deadline-Ms"
MAX_MS = 3_600_000
_ends_at: ContextVar[float | None] = ContextVar("strangler_deadline", default=None)


def left_s() -> float | None:
    """Return the seconds left, below 0 once it is over; None where there is no deadline."""
    ends_at = _ends_at.get()
    return None if ends_at is None else ends_at - time.monotonic()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Hold the block's calls to so many seconds, or to what an outer deadline leaves."""
    token = begin(seconds)
    try:
        yield
    finally:
        end(token)


def begin(seconds: float) -> Token[float | None]:
    """Set the deadline `seconds` from now unless an earlier one holds; `end` takes it back."""
    ends_at, outer = time.monotonic() + seconds, _ends_at.get()
    return _ends_at.set(ends_at if outer is None else min(ends_at, outer))


def end(token: Token[float | None]) -> None:
    """Take a deadline back."""
    _ends_at.reset(token)


def clear() -> None:
    """Have no deadline from here on, in this context."""
    _ends_at.set(None)


def from_header(text: str) -> float | None:
    """Return the seconds that a header leaves; None when it is empty or says nothing usable.

    A deadline that cannot be read is none: the timeouts of each call still hold.
    """
    if not text.isascii() or not text.isdigit() or len(text) > len(str(MAX_MS)):
        return None
    return min(int(text), MAX_MS) / 1000


def to_header(seconds: float) -> str:
    """Return whole milliseconds, rounded down: the next service must not have more than we do."""
    return str(max(0, min(int(seconds * 1000), MAX_MS)))
