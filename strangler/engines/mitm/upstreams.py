"""The instances of every upstream: taken in turn, set aside while they fail.

A failing instance is one with `outlier.consecutive_5xx` failures in a row, connections that
could not be opened included. When every instance is set aside all are tried, since a guess is
better than a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.policy import Policy
    from strangler.policy.model import Address, Upstream


@dataclass(slots=True)
class _Record:
    failures: int = 0
    ejections: int = 0
    out_until: float = 0.0


class Upstreams:
    """The live state of instances; survives a change of the policy."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._records: dict[Address, _Record] = {}
        self._turns: dict[str, int] = {}

    def in_turn(self, upstream: Upstream) -> tuple[Address, ...]:
        """Return the instances to try, first the one whose turn it is."""
        now = self._clock()
        usable = [a for a in upstream.instances if self._record(a).out_until <= now]
        usable = usable or list(upstream.instances)
        if not usable:
            return ()
        turn = self._turns.get(upstream.name, 0) % len(usable)
        self._turns[upstream.name] = turn + 1
        return (*usable[turn:], *usable[:turn])

    def succeeded(self, address: Address) -> None:
        """Note an answer that was no server error."""
        record = self._record(address)
        record.failures = record.ejections = 0

    def failed(self, upstream: Upstream, address: Address) -> None:
        """Note a failure; enough in a row set the instance aside, longer each time."""
        record = self._record(address)
        record.failures += 1
        limits = upstream.outlier
        if limits and record.failures >= limits.consecutive_5xx:
            record.ejections += 1
            record.failures = 0
            record.out_until = self._clock() + limits.base_ejection_s * record.ejections

    def keep_only(self, policy: Policy) -> None:
        """Forget instances that no upstream of `policy` has."""
        known = {a for upstream in policy.upstreams.values() for a in upstream.instances}
        self._records = {a: record for a, record in self._records.items() if a in known}

    def _record(self, address: Address) -> _Record:
        return self._records.setdefault(address, _Record())
