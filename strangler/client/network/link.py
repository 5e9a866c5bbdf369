"""What one process holds to talk to one service: connections, circuits, budget, what it learned.

Made anew in a forked child: connections and locks of the parent are not the child's to use.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import requests
from requests.structures import CaseInsensitiveDict

from strangler.client import metrics
from strangler.client.network import breaker
from strangler.client.network.attempts import Attempts, Reply
from strangler.client.network.breaker import Breaker
from strangler.client.network.clocked import ClockedAdapter
from strangler.client.propagation import deadline

if TYPE_CHECKING:
    from strangler.client.options import Options

CHUNK_BYTES = 65_536
LEAST_S = 0.001
_CIRCUIT = {breaker.CLOSED: 0.0, breaker.HALF_OPEN: 0.5, breaker.OPEN: 1.0}


@dataclass(frozen=True)
class Plan:
    """How the calls of one operation are made."""

    timeout_s: float
    cache_s: float
    breaker: Breaker


class Link:
    """The connections of this process to one service. Safe for threads.

    With a `purpose` nothing is tried again: what is only looked at should show as it is.
    `keeps_keys` is whether the service has said that it honours idempotency keys.
    """

    def __init__(self, options: Options, *, purpose: str = "") -> None:
        self.pid = os.getpid()
        self.options = options
        self.attempts = Attempts(options.service, 0 if purpose else options.retries)
        self.keeps_keys = False
        self._purpose = purpose
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self._adapter = ClockedAdapter(
            pool_connections=1, pool_maxsize=max(1, options.pool), max_retries=0
        )
        self._breakers: dict[str, Breaker] = {}
        self._plans: dict[str, Plan] = {}

    def plan(self, operation: str) -> Plan:
        """Return how an operation is called.

        Raises:
            MisconfiguredError: when one of its variables cannot be used.
        """
        plan = self._plans.get(operation)
        if plan is None:
            options = self.options
            group = options.text("GROUP", operation)
            plan = self._plans[operation] = Plan(
                options.number("TIMEOUT", operation),
                options.number("CACHE", operation),
                self._breakers.setdefault(group, self._breaker(group)),
            )
        return plan

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Reply:
        """Send a request and read its answer, within the context's deadline.

        Raises:
            requests.RequestException: when there is no whole answer in time.
        """
        left_s = deadline.left_s()
        if left_s is not None and left_s <= 0:
            raise requests.ConnectTimeout("no time was left")
        request = requests.PreparedRequest()
        request.method, request.url, request.body = method, url, body
        request.headers = CaseInsensitiveDict(headers)
        if body is not None:
            request.headers["Content-Length"] = str(len(body))
        response = self._adapter.send(
            request, stream=True, timeout=self._timeouts(left_s), verify=self._verify
        )
        try:
            return Reply(response.status_code, self._body(response), response.headers)
        except BaseException:
            response.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()

    def _timeouts(self, left_s: float | None) -> tuple[float, float]:
        limits = (self.options.connect_timeout_s, self.options.read_timeout_s)
        if left_s is not None:
            limits = (min(limits[0], left_s), min(limits[1], left_s))
        return (max(limits[0], LEAST_S), max(limits[1], LEAST_S))

    def _body(self, response: requests.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > self.options.max_answer_bytes:
                raise requests.exceptions.ContentDecodingError(
                    f"the answer is larger than {self.options.max_answer_bytes} bytes"
                )
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _breaker(self, group: str) -> Breaker:
        self._note_state(group, breaker.CLOSED)
        return Breaker(
            failures=self.options.breaker_failures,
            open_s=self.options.breaker_open_s,
            on_change=partial(self._note_state, group),
        )

    def _note_state(self, group: str, state: str) -> None:
        named = f"{group}{self._purpose}"
        metrics.CIRCUIT.set(_CIRCUIT[state], self.options.service, named)
        if state == breaker.OPEN:
            metrics.OPENED.add(self.options.service, named)
