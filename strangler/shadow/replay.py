"""The candidate's side of captured requests: a bounded queue, a few workers, never a wait.

A safe request goes to the candidate and to the control once more. A write would be carried out
twice, so without a sandbox it is refused, and counted as that.
"""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING

from strangler.shadow.candidate import SHADOW_HEADER, Caller
from strangler.shadow.observation import Pair, Side, header

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.shadow.observation import Exchange, Observation
    from strangler.shadow.target import ShadowTarget

    TargetFor = Callable[[str], ShadowTarget | None]
    Publish = Callable[[Pair, ShadowTarget], object]
    Count = Callable[[str, str], None]

DEFAULT_WORKERS = 4
DEFAULT_WAITING = 256
MAX_BODY_BYTES = 4 * 1024 * 1024
REFUSED_WRITE = "refused: no sandbox"
NO_TARGET = "skipped: no target"
NOT_CONTROL = "skipped: answered by a fallback"
UPSTREAM_HEADER = "x-strangler-upstream"
QUEUE_FULL = "dropped: queue full"

logger = logging.getLogger(__name__)


class Replayer:
    """Makes pairs of captured exchanges, on threads of its own.

    `publish` gets each pair with its target, on a worker; `count` gets (route, reason) for an
    exchange that makes none.
    """

    def __init__(
        self,
        target_for: TargetFor,
        publish: Publish,
        count: Count,
        *,
        workers: int = DEFAULT_WORKERS,
        waiting: int = DEFAULT_WAITING,
    ) -> None:
        self._target_for = target_for
        self._publish = publish
        self._count = count
        self._caller = Caller(max_connections=2 * workers, max_body_bytes=MAX_BODY_BYTES)
        self._queue: queue.Queue[tuple[Exchange, Observation, ShadowTarget] | None]
        self._queue = queue.Queue(waiting)
        self._threads = [
            threading.Thread(target=self._work, name=f"shadow-replay-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many exchanges wait for a worker."""
        return self._queue.qsize()

    def submit(self, exchange: Exchange, control: Observation) -> None:
        """Take an exchange to make a pair of, or count why not. Never blocks, never raises."""
        try:
            self._submit(exchange, control)
        except Exception:
            logger.exception("an exchange of route %s was lost", exchange.route)

    def stop(self, *, drain_s: float = 10.0) -> None:
        """Finish what waits, for up to `drain_s`, and end the workers."""
        for _ in self._threads:
            try:
                self._queue.put(None, timeout=drain_s)
            except queue.Full:
                break
        for thread in self._threads:
            thread.join(drain_s)
        self._caller.close()

    def _submit(self, exchange: Exchange, control: Observation) -> None:
        if header(exchange.headers, SHADOW_HEADER):
            return  # our own call, seen again on its way through the proxy
        target = self._target_for(exchange.route)
        answerer = header(control.headers, UPSTREAM_HEADER)
        if target is None:
            self._count(exchange.route, NO_TARGET)
        elif target.control and answerer not in ("", target.control):
            self._count(exchange.route, NOT_CONTROL)
        elif not exchange.is_safe:
            self._count(exchange.route, REFUSED_WRITE)
        else:
            try:
                self._queue.put_nowait((exchange, control, target))
            except queue.Full:
                self._count(exchange.route, QUEUE_FULL)

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            exchange, control, target = job
            try:
                self._publish(self._pair(exchange, control, target), target)
            except Exception:
                logger.exception("a pair of route %s was lost", exchange.route)
                self._count(exchange.route, "failed: comparison")

    def _pair(self, exchange: Exchange, control: Observation, target: ShadowTarget) -> Pair:
        call = self._caller.call
        candidate = call(exchange, target.candidate_url, Side.CANDIDATE, target.timeout_s)
        again = call(exchange, target.control_url, Side.CONTROL, target.timeout_s)
        return Pair(exchange, control, candidate, again)
