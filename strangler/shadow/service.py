"""The flow of a pair in one object, from where it was captured: replay, judge, count, keep."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from strangler.shadow.judge import judge
from strangler.shadow.observation import Outcome, Pair
from strangler.shadow.redact import Redactor
from strangler.shadow.replay import DEFAULT_WAITING, DEFAULT_WORKERS, NO_TARGET, Replayer
from strangler.shadow.store import Store
from strangler.shadow.store_file import load_key

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.shadow.observation import Exchange, Observation, Verdict
    from strangler.shadow.replay import TargetFor
    from strangler.shadow.target import ShadowTarget

EXAMPLES_BURST = 20
EXAMPLES_PER_S = 1.0
"""Of one route and outcome. A store keeps few, so redacting each of a flood would be wasted."""


class ShadowService:
    """Compares pairs and stores what came of them. Safe for threads.

    `target_for` names the two sides of a route, or None where it is not shadowed. Pairs come from
    whoever has the control's half (`submit`: Envoy's capture does), or whole (`observe_pair`).

    Raises:
        StoreError: when the store cannot be opened.
    """

    def __init__(
        self,
        store_path: Path,
        target_for: TargetFor,
        *,
        workers: int = DEFAULT_WORKERS,
        waiting: int = DEFAULT_WAITING,
    ) -> None:
        self._redactor = Redactor(load_key(store_path))
        self._store = Store(store_path)
        self._history = self._store.history()
        self._judging = threading.Lock()
        self._allowance = _Allowance(EXAMPLES_BURST, EXAMPLES_PER_S)
        self._target_for = target_for
        self.totals: Counter[str] = Counter()
        self._replayer = Replayer(
            target_for, self._publish, self.count, workers=workers, waiting=waiting
        )

    def submit(self, exchange: Exchange, control: Observation) -> None:
        """Take the control's half; the candidate is asked later. Never blocks, never raises."""
        self.totals["captured"] += 1
        self._replayer.submit(exchange, control)

    def observe_pair(
        self,
        exchange: Exchange,
        control: Observation,
        candidate: Observation,
        control_again: Observation | None = None,
    ) -> Verdict | None:
        """Judge and count a whole pair; None where the route has no target.

        This takes milliseconds for large bodies: call it off the path of a user.
        """
        target = self._target_for(exchange.route)
        if target is None:
            self.count(exchange.route, NO_TARGET)
            return None
        return self._publish(Pair(exchange, control, candidate, control_again), target)

    def flush(self) -> None:
        """Have everything judged so far in the store."""
        self._store.flush()

    def stats(self) -> dict[str, int]:
        """Return counts since the start, and what is under way."""
        return dict(self.totals) | {"waiting": self._replayer.waiting}

    def stop(self, *, drain_s: float = 10.0) -> None:
        """Finish what waits for up to `drain_s`, and close the store."""
        self._replayer.stop(drain_s=drain_s)
        self._store.close()

    def count(self, route: str, reason: str) -> None:
        """Count a request that makes no pair."""
        self.totals[reason] += 1
        self._store.count(route, reason)

    def _publish(self, pair: Pair, target: ShadowTarget) -> Verdict:
        verdict = judge(pair, target.rules(pair.exchange.host), self._history)
        route = pair.exchange.route
        with self._judging:
            differences = (*verdict.differences, *(i.difference for i in verdict.ignored))
            self._history.learn(route, differences, verdict.control_noise)
            self.totals[str(verdict.outcome)] += 1
        self._store.tally(verdict)
        if self._allowance.take(route, verdict.outcome):
            self._store.keep(self._redactor.redact(verdict))
        return verdict


class _Allowance:
    """A token bucket for each route and outcome."""

    def __init__(self, burst: int, per_s: float) -> None:
        self._burst, self._per_s = burst, per_s
        self._lock = threading.Lock()
        self._left: dict[tuple[str, Outcome], tuple[float, float]] = {}

    def take(self, route: str, outcome: Outcome) -> bool:
        now = time.monotonic()
        with self._lock:
            left, then = self._left.get((route, outcome), (float(self._burst), now))
            left = min(self._burst, left + (now - then) * self._per_s)
            is_allowed = left >= 1
            self._left[route, outcome] = (left - 1 if is_allowed else left, now)
        return is_allowed
