"""Whether and when to try again: full jitter, and a budget that a failing service uses up.

Waiting: a random time between 0 and an exponentially growing cap ("full jitter"), so that callers
do not come back together.
https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

Budget: gRPC's retry throttling. Each failed try takes one token, each good answer gives back a
fraction; below half no try is repeated. A service that is down is then asked once per call, and
one that works 90 % of the time is retried every time.
https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs
"""

from __future__ import annotations

import random
import threading

BASE_S, CAP_S = 0.05, 1.0
TOKENS, GIVEN_BACK = 20.0, 0.1


def pause_s(retry: int, draw: float | None = None) -> float:
    """Return how long to wait before the `retry`-th repetition (1, 2, ...).

    `draw` is from 0 to 1, random by default.
    """
    cap_s: float = min(CAP_S, BASE_S * 2 ** min(retry, 10))
    return cap_s * (random.random() if draw is None else draw)  # noqa: S311 - spreads load


class RetryBudget:
    """The tokens of one service. Safe for threads."""

    def __init__(self, tokens: float = TOKENS, given_back: float = GIVEN_BACK) -> None:
        self._most, self._given_back = tokens, given_back
        self._left = tokens
        self._lock = threading.Lock()

    def answered(self) -> None:
        """Note a good answer."""
        if self._left < self._most:
            with self._lock:
                self._left = min(self._most, self._left + self._given_back)

    def failed(self) -> bool:
        """Note a failed try; tell whether it may be repeated."""
        with self._lock:
            self._left = max(0.0, self._left - 1)
            return self._left > self._most / 2
