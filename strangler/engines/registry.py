"""The registry of the instances that joined by themselves, kept over threads and restarts.

control API ─> Registry: transition (registry_state) ─> file (registry_file)
                                                     └> subscribers ─> instances()
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from strangler.engines.registry_file import read_instances, write_instances
from strangler.engines.registry_state import Instance, RegistryState, beat, expire, join, leave

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from strangler.policy.model import Address

__all__ = ["FILE_NAME", "Instance", "Registry", "RegistryState"]

FILE_NAME = "registry.json"
logger = logging.getLogger(__name__)


class Registry:
    """The state, kept: safe to call from any thread, and written to a file.

    The file lets a proxy that restarts know its instances before their next beat. Losing it
    loses nothing for longer than a beat, as instances join again when theirs is refused.
    """

    def __init__(self, path: Path, *, ttl_s: float) -> None:
        """Read what `path` holds; an instance silent since before its TTL is not taken over.

        `ttl_s` is the policy's `proxy.registration_ttl_s`, for instances that ask for none of
        their own. It may be set again when the policy changes.
        """
        self.ttl_s = ttl_s
        self._path = path
        self._lock = threading.Lock()
        self._file_lock = threading.Lock()
        self._subscribers: list[Callable[[], None]] = []
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._beaten = False
        now = time.monotonic()
        restored = {i.key: i for i in read_instances(path, clock=now)}
        self._state = expire(RegistryState(restored), now=now)

    @property
    def state(self) -> RegistryState:
        """What holds at this moment."""
        return self._state

    def instances(self) -> dict[str, tuple[Address, ...]]:
        """Return the addresses that joined, by upstream, for `policy.with_instances`."""
        return self._state.addresses

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Have `callback` called after the addresses changed, on the thread that changed them.

        It gets no argument on purpose: asking `instances` then gives the newest, whatever the
        order in which two changes are told. It should return at once.
        """
        self._subscribers.append(callback)

    def start(self) -> None:
        """Start to expire silent instances."""
        self._thread = threading.Thread(target=self._watch, name="registry-expiry", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop expiring and write the newest state, so that the next start finds it."""
        self._stopping = True
        self._wake.set()
        if self._thread:
            self._thread.join()
        self._write()

    def join(self, instance: Instance, *, known: Collection[str]) -> None:
        """Add or renew an instance.

        Raises:
            RegistryError: see the transition `join`.
        """
        self._change(lambda state, now: join(state, instance, known=known, now=now))

    def beat(self, instance_id: str) -> Instance:
        """Keep an instance alive for another TTL and return it.

        Raises:
            RegistryError: when it is not registered (any more).
        """
        _, after = self._change(lambda state, now: beat(state, instance_id, now=now))
        self._beaten = True
        return next(i for i in after.instances.values() if i.id == instance_id)

    def leave(self, instance_id: str) -> bool:
        """Remove an instance; return whether it was there."""
        before, after = self._change(lambda state, _now: leave(state, instance_id))
        return before is not after

    def _change(
        self, transition: Callable[[RegistryState, float], RegistryState]
    ) -> tuple[RegistryState, RegistryState]:
        with self._lock:
            before = self._state
            after = self._state = transition(before, time.monotonic())
        if before.instances.keys() != after.instances.keys():
            self._write()
            self._wake.set()
        if before.addresses != after.addresses:
            for callback in tuple(self._subscribers):
                try:
                    callback()
                except Exception:
                    logger.exception("a subscriber of the registry failed")
        return before, after

    def _write(self) -> None:
        with self._file_lock:
            self._beaten = False
            try:
                write_instances(self._path, self._state.instances.values(), clock=time.monotonic())
            except OSError as error:
                logger.warning("the registry file %s cannot be written: %s", self._path, error)

    def _watch(self) -> None:
        while not self._stopping:
            self._change(lambda state, now: expire(state, now=now))
            if self._beaten:
                self._write()
            due = self._state.next_expiry
            wait_s = 1.0 if due is None else min(1.0, max(0.02, due - time.monotonic()))
            self._wake.wait(wait_s)
            self._wake.clear()
