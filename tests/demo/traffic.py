"""Drives the visitors through the proxy at a steady rate and keeps what each of them saw."""

from __future__ import annotations

import queue
import random
import threading
import time
from typing import TYPE_CHECKING

import requests

from tests.demo.samples import Sample, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.demo.visitors import Visit, Visitor

UPSTREAM_HEADER = "X-Strangler-Upstream"
REQUEST_TIMEOUT_S = 10.0
MEMBERS_PART = 0.15


class Traffic:
    """Worker threads that take one visitor after the other and make its next request.

    `rate_per_s` is what they aim at; a slow shop gets less, never a burst afterwards.
    """

    def __init__(
        self,
        url: str,
        *,
        guests: Sequence[Visitor],
        members: Sequence[Visitor],
        workers: int,
        rate_per_s: float,
    ) -> None:
        """Take `guests` in turn; one request in `1 / MEMBERS_PART` is of the few `members`."""
        self._url = url
        self._guests: queue.SimpleQueue[Visitor] = queue.SimpleQueue()
        self._members: queue.SimpleQueue[Visitor] = queue.SimpleQueue()
        for waiting, visitors in ((self._guests, guests), (self._members, members)):
            for visitor in visitors:
                waiting.put(visitor)
        self._random = random.Random(len(guests))
        self._samples: list[Sample] = []
        self._interval_s = 1 / rate_per_s
        self._pace = threading.Lock()
        self._next_at = time.monotonic()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"visitors-{number}", daemon=True)
            for number in range(workers)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the requests in flight; none is cut off."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(REQUEST_TIMEOUT_S + 1)

    def mark(self) -> int:
        """Return a mark for `since`: the number of samples so far."""
        return len(self._samples)

    def since(self, mark: int = 0) -> Window:
        """Return the samples whose answers came after `mark` was taken."""
        return Window(tuple(self._samples[mark:]))

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._wait_for_turn()
            turn_of_members = self._random.random() < MEMBERS_PART and not self._members.empty()
            waiting = self._members if turn_of_members else self._guests
            visitor = waiting.get()
            try:
                self._samples.append(self._make(visitor, visitor.next_visit()))
            finally:
                waiting.put(visitor)

    def _wait_for_turn(self) -> None:
        with self._pace:
            now = time.monotonic()
            turn = max(self._next_at, now)
            self._next_at = turn + self._interval_s
        self._stopping.wait(turn - now)

    def _make(self, visitor: Visitor, visit: Visit) -> Sample:
        started_ns, began = time.time_ns(), time.perf_counter()
        side, status, failure = "", 0, ""
        try:
            answer = visitor.http.request(
                visit.method, self._url + visit.path, json=visit.json, headers=visit.headers,
                timeout=REQUEST_TIMEOUT_S, allow_redirects=False,
            )  # fmt: skip
            status, side = answer.status_code, answer.headers.get(UPSTREAM_HEADER, "")
            if status not in visit.expected:
                failure = f"{visit.method} {visit.path}: {status} {answer.text[:200]}"
            else:
                visitor.learn(visit, answer)
        except requests.RequestException as error:
            failure = f"{visit.method} {visit.path}: {type(error).__name__}: {error}"
        took_ms = (time.perf_counter() - began) * 1000
        return Sample(
            started_ns, took_ms, visitor.number, visit.kind, visit.moved, side, status, failure
        )
