"""One call as a number of tries, until one is answered or none may follow.

breaker ─> send ─> answered? ─> reply
   ↑         └─ failed ─> may it run twice? budget? time? ─> pause ─┐
   └────────────────────────────────────────────────────────────────┘
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from strangler.client import metrics
from strangler.client.network.retries import RetryBudget, pause_s
from strangler.client.propagation import deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from strangler.client.network.breaker import Breaker

UNAVAILABLE = (502, 503, 504)
JUDGED_FROM_S = 0.1
"""A try that was given less time than this says nothing about the service when it fails."""


@dataclass(frozen=True)
class Reply:
    """What the service answered."""

    status: int
    content: bytes
    headers: Mapping[str, str]


@dataclass
class Course:
    """How a call went.

    `reply` is the last answer, `error` what the last try raised in place of one; neither: nothing
    was tried, for the circuit is open or no time was left. `arrived` counts the tries that may
    have reached the service, `pending` the answers that said to come back.
    """

    reply: Reply | None = None
    error: requests.RequestException | None = None
    tries: int = 0
    arrived: int = 0
    pending: int = 0
    is_circuit_open: bool = False


@dataclass
class Attempts:
    """Tries the calls of one service. Safe for threads."""

    service: str
    retries: int
    budget: RetryBudget = field(default_factory=RetryBudget)

    def run(
        self,
        operation: str,
        breaker: Breaker,
        send: Callable[[int], Reply],
        *,
        may_repeat: Callable[[], bool],
        is_pending: Callable[[Reply], bool],
    ) -> Course:
        """Call `send` until it is answered or no further try is allowed.

        `send` gets how many tries may have arrived before. `may_repeat` tells whether a call that
        may have arrived may be sent again; `is_pending` whether an answer says to come back.
        """
        course = Course()
        while True:
            permit = breaker.admit()
            if permit is None:
                course.is_circuit_open = True
                return course
            left_s = deadline.left_s()
            course.tries += 1
            try:
                course.reply, course.error = send(course.arrived), None
            except requests.RequestException as error:
                course.reply, course.error = None, error
                if left_s is not None and left_s < JUDGED_FROM_S:
                    permit.void()
                else:
                    permit.failed()
            except BaseException:
                permit.void()
                raise
            else:
                if course.reply.status not in UNAVAILABLE:
                    permit.answered()
                    self.budget.answered()
                    if not is_pending(course.reply):
                        return course
                    course.pending += 1
                else:
                    permit.failed()
            if not self._goes_on(course, may_repeat):
                return course
            metrics.RETRIES.add(self.service, operation)

    def _goes_on(self, course: Course, may_repeat: Callable[[], bool]) -> bool:
        """Tell whether another try may follow, once it is time for it.

        What is under way is waited for as long as there is time: asking again costs it nothing.
        """
        is_unsent = course.error is not None and never_arrived(course.error)
        course.arrived += not is_unsent
        has_failed = course.reply is None or course.reply.status in UNAVAILABLE
        if has_failed and not self.budget.failed():
            return False
        if course.tries - course.pending > self.retries or not (is_unsent or may_repeat()):
            return False
        wait_s = pause_s(course.tries)
        left_s = deadline.left_s()
        if left_s is not None and wait_s >= left_s:
            return False
        time.sleep(wait_s)
        return True


def never_arrived(error: requests.RequestException) -> bool:
    """Tell whether a call failed before anything of it was sent."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))
