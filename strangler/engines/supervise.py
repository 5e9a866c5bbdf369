"""Keep a proxy in step with its policy: file, registry and engine, for as long as it runs.

    policy file ─┐
    registry ────┴─> with_instances ─> Engine.apply ─> reported, and told by the control API

Everything is applied from one thread, in order. A policy that cannot be used, or that the engine
refuses, changes nothing: the one before stays live, and why is reported.
"""

from __future__ import annotations

import fcntl
import threading
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from strangler.engines.changes import Change, changes, describe_route
from strangler.engines.comparator import Comparator
from strangler.engines.control import ControlServer
from strangler.engines.policy_file import PolicyFile
from strangler.engines.registry import FILE_NAME, Registry
from strangler.errors import EngineError, PolicyError
from strangler.policy import load_policy, with_instances

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from strangler.engines import Engine, ShadowCapture
    from strangler.policy import Policy, Route

POLL_S = 0.1
FIRST_RESTART_S, LAST_RESTART_S = 0.1, 10.0
FIXED = ("control", "state_dir")


@dataclass(frozen=True, slots=True)
class Applied:
    """A policy is live; `elapsed_ms` is from noticing it to being in effect."""

    policy: Policy
    changes: tuple[Change, ...]
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit or a registration that cannot be carried out; what was live before still is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The engine ended by itself and was started again, after `attempts` tries."""

    attempts: int


Event = Applied | Refused | Restarted


class Supervisor:
    """Runs one engine on one policy file between `start` and `stop`."""

    def __init__(
        self,
        path: Path,
        engine_for: Callable[[Policy, ShadowCapture], Engine],
        *,
        report: Callable[[Event], None],
    ) -> None:
        """`engine_for` makes the engine for the first policy and the comparator that hears from it.

        `report` is told every event, on the thread that applies.
        """
        self._file = PolicyFile(path)
        self._engine_for = engine_for
        self._report = report
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._error = ""
        self._restarts = 0

    @property
    def policy(self) -> Policy:
        """The policy that is live, with the instances that have joined."""
        return self._live

    @property
    def control_url(self) -> str:
        """Where the control API is reached."""
        return self._control.url

    def start(self) -> None:
        """Start everything and return once the engine answers.

        Raises:
            PolicyError: when the file cannot be used.
            EngineError: when the engine does not come up, or another proxy uses the state folder.
        """
        self._wanted = self._accepted = load_policy(self._file.path)
        proxy = self._wanted.proxy
        self._lock = _lock_state_dir(proxy.state_dir)
        self._registry = Registry(proxy.state_dir / FILE_NAME, ttl_s=proxy.registration_ttl_s)
        self._control = ControlServer(
            self._registry, proxy.control, status=self.status, upstreams=self._upstreams
        )
        self._live = self._effective()
        self._comparator = Comparator(proxy.state_dir)
        self._engine = self._engine_for(self._wanted, self._comparator.capture)
        try:
            self._control.start()
            self._comparator.follow(self._live)
            self._engine.start(self._live)
        except EngineError:
            self._comparator.stop()
            self._control.stop()
            self._lock.close()
            raise
        self._registry.subscribe(self._wake.set)
        self._registry.start()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self, *, drain_s: float) -> None:
        """Drain and end the engine, and close the control API. Does nothing twice."""
        if self._thread is None:
            return
        self._stop.set()
        self._wake.set()
        self._thread.join()
        self._thread = None
        self._engine.stop(drain_s=drain_s)
        self._comparator.stop()
        self._control.stop()
        self._registry.stop()
        self._lock.close()

    def status(self) -> dict[str, Any]:
        """Return what the control API tells about the running proxy, as JSON."""
        live = self._live
        return {
            "engine": self._engine.name,
            "alive": self._engine.is_alive(),
            "restarts": self._restarts,
            "policy": str(self._file.path),
            "revision": live.revision,
            "listen": str(live.proxy.listen),
            "error": self._error,
            "upstreams": {
                name: [str(address) for address in upstream.instances]
                for name, upstream in live.upstreams.items()
            },
            "routes": [_route_status(live, route) for route in live.routes],
        }

    def _run(self) -> None:
        while not self._stop.is_set():
            is_woken = self._wake.wait(POLL_S)
            self._wake.clear()
            if not self._engine.is_alive():
                self._restart()
            began = time.monotonic()
            is_edited = self._file.has_changed()
            if is_edited:
                self._take_file()
            if is_edited or is_woken:
                self._follow(began)
            self._follow_comparator()

    def _take_file(self) -> None:
        try:
            wanted = load_policy(self._file.path)
        except PolicyError as error:
            self._refuse(str(error))
            return
        fixed = [k for k in FIXED if getattr(wanted.proxy, k) != getattr(self._live.proxy, k)]
        if fixed:
            keys = ", ".join(f"proxy.{key}" for key in fixed)
            self._refuse(f"{keys} cannot change while the proxy runs; restart it")
            return
        self._wanted, self._error = wanted, ""
        self._registry.ttl_s = wanted.proxy.registration_ttl_s

    def _follow(self, began: float) -> None:
        """Make the engine do what file and registry say, if it does not already."""
        wanted = self._effective()
        made = changes(self._live, wanted)
        if not made and wanted.revision == self._live.revision:
            return
        try:
            self._engine.apply(wanted)
        except EngineError as error:
            self._wanted = self._accepted
            self._refuse(str(error))
            return
        self._live, self._accepted = wanted, self._wanted
        self._report(Applied(wanted, made, (time.monotonic() - began) * 1000))

    def _follow_comparator(self) -> None:
        try:
            self._comparator.follow(self._live)
        except EngineError as error:
            self._refuse(str(error))

    def _restart(self) -> None:
        wait_s, attempts = FIRST_RESTART_S, 0
        while not self._stop.is_set():
            attempts += 1
            try:
                self._engine.stop(drain_s=0)
                self._engine.start(self._live)
            except EngineError as error:
                self._refuse(str(error))
                self._stop.wait(wait_s)
                wait_s = min(2 * wait_s, LAST_RESTART_S)
            else:
                self._error = ""
                self._restarts += 1
                self._report(Restarted(attempts))
                return

    def _refuse(self, reason: str) -> None:
        if reason != self._error:
            self._error = reason
            self._report(Refused(reason))

    def _effective(self) -> Policy:
        return with_instances(self._wanted, self._registry.instances())

    def _upstreams(self) -> tuple[str, ...]:
        return tuple(self._wanted.upstreams)


def _route_status(policy: Policy, route: Route) -> dict[str, Any]:
    chosen = [stretch.upstream for stretch in route.split]
    absent = [name for name in chosen if not policy.upstreams[name].instances]
    return {
        "route": route.name,
        "path": route.template.source,
        "methods": list(route.methods),
        "now": describe_route(route),
        "split": {stretch.upstream: stretch.weight / 100 for stretch in route.split},
        "without_instance": absent,
    }


def _lock_state_dir(state_dir: Path) -> IO[str]:
    """Hold the state folder for this process, however it ends.

    Raises:
        EngineError: when another process holds it.
    """
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (state_dir / "proxy.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise EngineError(
            f"another proxy runs with {state_dir}; stop it, or set proxy.state_dir to another "
            "folder"
        ) from None
    return lock
