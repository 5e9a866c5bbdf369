"""Do not ask a service that does not answer: closed, open for a while, then one probe.

closed ── half of the tries fail, and at least `failures` of them ──> open
open ── after `open_s` ──> half open: exactly one try is let through
half open ── it succeeds ──> closed            ── it fails ──> open again

The lock is held while counting, never while calling. Counts are of the last two windows of
WINDOW_S, so one bad second among many good ones opens nothing.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half_open"
WINDOW_S, OPENING_SHARE = 10.0, 0.5


class Breaker:
    """The state of one service, or of one group of its operations. Safe for threads.

    `failures` in a window open it, for `open_s`; 0 failures: it never opens. `on_change` is
    called with each state it enters, outside of the lock.
    """

    def __init__(
        self,
        *,
        failures: int,
        open_s: float,
        on_change: Callable[[str], None] = lambda _state: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures, self._open_s = failures, open_s
        self._on_change, self._clock = on_change, clock
        self._lock = threading.Lock()
        self._state, self._opened_at, self._era = CLOSED, 0.0, 0
        self._begun_at = clock()
        self._counts, self._before = [0, 0], [0, 0]  # good, failed

    @property
    def state(self) -> str:
        """One of CLOSED, OPEN and HALF_OPEN; open until a call comes that may probe."""
        return self._state

    def admit(self) -> Permit | None:
        """Return the permit for one try; None while the service is left alone.

        Exactly one method of the permit must be called.
        """
        if self._state == CLOSED:
            return Permit(self, self._era, is_probe=False)
        with self._lock:
            if self._state == CLOSED:
                return Permit(self, self._era, is_probe=False)
            if self._state == HALF_OPEN or self._clock() < self._opened_at + self._open_s:
                return None
            self._state = HALF_OPEN
            permit = Permit(self, self._era, is_probe=True)
        self._on_change(HALF_OPEN)
        return permit

    def _settle(self, permit: Permit, *, failed: bool | None) -> None:
        with self._lock:
            if permit.era != self._era:
                return  # it was sent before the state changed, and tells of the time before
            if permit.is_probe:
                state = CLOSED if failed is False else OPEN
            elif failed is None or not self._count(failed=failed):
                return
            else:
                state = OPEN
            self._enter(state, waits=failed is not None)
        self._on_change(state)

    def _enter(self, state: str, *, waits: bool) -> None:
        now = self._clock()
        self._state, self._era = state, self._era + 1
        self._opened_at = now if waits else now - self._open_s
        self._begun_at, self._counts, self._before = now, [0, 0], [0, 0]

    def _count(self, *, failed: bool) -> bool:
        """Count a try; tell whether it is one failure too many."""
        now = self._clock()
        if now - self._begun_at >= WINDOW_S:
            is_next = now - self._begun_at < 2 * WINDOW_S
            self._before = self._counts if is_next else [0, 0]
            self._begun_at, self._counts = now, [0, 0]
        self._counts[failed] += 1
        bad = self._counts[1] + self._before[1]
        all_ = bad + self._counts[0] + self._before[0]
        return failed and 0 < self._failures <= bad and bad >= OPENING_SHARE * all_


class Permit:
    """One try that was let through, and what became of it."""

    __slots__ = ("_breaker", "era", "is_probe")

    def __init__(self, breaker: Breaker, era: int, *, is_probe: bool) -> None:
        self._breaker, self.era, self.is_probe = breaker, era, is_probe

    def answered(self) -> None:
        """The service is there."""
        self._breaker._settle(self, failed=False)  # noqa: SLF001

    def failed(self) -> None:
        """The service is not there."""
        self._breaker._settle(self, failed=True)  # noqa: SLF001

    def void(self) -> None:
        """Nothing was learned; where it was the probe, the next call may probe at once."""
        self._breaker._settle(self, failed=None)  # noqa: SLF001
