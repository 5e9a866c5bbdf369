"""One process's membership in the registry: a thread that joins, beats, and leaves.

    serving? ─> register ─> beat, beat, ... ─> deregister ─> grace ─> the process may stop
                   └──── 404 or no answer: register again, with backoff

Nothing here blocks or breaks the process it runs in.
"""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from strangler.client.registry_api import ControlApi, ControlError

if TYPE_CHECKING:
    from collections.abc import Callable

SERVING_POLL_S = 0.05
SERVING_WAIT_S = 60.0
STARTING_S, STARTING_TICK_S, TICK_S = 5.0, 0.05, 1.0
FIRST_RETRY_S = 0.25
MAX_RETRY_S = 4.0
NOT_FOUND = 404
logger = logging.getLogger("strangler.registration")


class Membership:
    """Keeps one registration alive from a daemon thread.

    `registration` is the body of the control API's `POST /v1/instances`, its `id` included.
    """

    def __init__(
        self,
        api: ControlApi,
        registration: dict[str, Any],
        *,
        grace_s: float,
        serving_wait_s: float = SERVING_WAIT_S,
    ) -> None:
        """Prepare; nothing is asked yet.

        `grace_s` is how long to go on after leaving, `serving_wait_s` how long to wait for the
        address to answer before joining all the same.
        """
        self._serving_wait_s = serving_wait_s
        self._api = api
        self._registration = registration
        self._grace_s = grace_s
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._joined = False
        self._left = False
        self._told = ""
        self._quick_until = 0.0
        self._on_tick: Callable[[], None] = lambda: None
        self._on_left: Callable[[], None] = lambda: None

    def start(
        self,
        *,
        on_tick: Callable[[], None] = lambda: None,
        on_left: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the thread.

        It calls `on_tick` before it joins and then every now and again, more often at first, and
        `on_left` after the grace.
        """
        self._on_tick = on_tick
        self._on_left = on_left
        threading.Thread(target=self._run, name="strangler-registration", daemon=True).start()

    def ask_to_leave(self) -> None:
        """Have the thread leave, wait the grace, and call `on_left`; returns at once."""
        self._stop.set()

    def leave(self) -> None:
        """Deregister now, if joined. Returns within a few seconds, and never raises."""
        self._stop.set()
        with self._lock:
            if self._left:
                return
            self._left = True
            if self._joined:
                try:
                    self._api.deregister(self._registration["id"])
                except ControlError as error:
                    if error.status != NOT_FOUND:
                        logger.warning("could not leave, so the registration expires: %s", error)

    def _run(self) -> None:
        self._wait_until_serving()
        self._quick_until = time.monotonic() + STARTING_S
        self._on_tick()
        retry_s = FIRST_RETRY_S
        while not self._stop.is_set():
            try:
                wait_s = self._join_or_beat()
                retry_s = FIRST_RETRY_S
            except ControlError as error:
                self._tell(str(error))
                wait_s, retry_s = retry_s, min(retry_s * 2, MAX_RETRY_S)
            self._pause(wait_s * random.uniform(0.8, 1.0))  # noqa: S311 - spreads the beats
        joined = self._joined
        self.leave()
        if joined:
            time.sleep(self._grace_s)
        self._on_left()

    def _pause(self, wait_s: float) -> None:
        until = time.monotonic() + wait_s
        while not self._stop.is_set() and (left_s := until - time.monotonic()) > 0:
            starting = time.monotonic() < self._quick_until
            self._stop.wait(min(left_s, STARTING_TICK_S if starting else TICK_S))
            self._on_tick()

    def _join_or_beat(self) -> float:
        with self._lock:
            if self._left:
                return 0.0
            if self._joined:
                try:
                    return float(self._api.beat(self._registration["id"])["beat_s"])
                except ControlError as error:
                    if error.status != NOT_FOUND:
                        raise
            self._joined = False
            answer = self._api.register(self._registration)
            self._joined = True
        self._told = ""
        logger.info(
            "joined %s at %s", self._registration["upstream"], self._registration["address"]
        )
        return float(answer["beat_s"])

    def _tell(self, message: str) -> None:
        if message != self._told:
            logger.warning("not registered, trying on: %s", message)
            self._told = message

    def _wait_until_serving(self) -> None:
        """Wait until the address answers, for some time.

        An address that only others can reach (a name outside this container) never answers here;
        the proxy's health check judges it then.
        """
        host, _, port = self._registration["address"].rpartition(":")
        until = time.monotonic() + self._serving_wait_s
        while time.monotonic() < until and not self._stop.is_set():
            try:
                socket.create_connection((host.strip("[]"), int(port)), timeout=1).close()
            except OSError:
                self._stop.wait(SERVING_POLL_S)
            else:
                return
