"""Keep the comparator running beside the engine, and tell it where each route's sides are.

It is a process of its own: whatever becomes of it, no user notices. Its targets are a file that
it reads again when it changes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from strangler.engines import ShadowCapture
from strangler.engines.child import ChildProcess
from strangler.shadow.target import ShadowTarget, dump_targets

if TYPE_CHECKING:
    from strangler.policy.model import Policy, Route

STORE_NAME = "shadow.sqlite3"
TARGETS_NAME = "shadow-targets.json"
SOCKET_PATH_BYTES = 100
RESTART_S = 5.0
"""A comparator that ends by itself is started again no more often than this."""


class Comparator:
    """The comparison service of one proxy; started once a route shadows."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self.capture = ShadowCapture(_socket_path(state_dir))
        self._process: ChildProcess | None = None
        self._policy: Policy | None = None
        self._is_needed = False
        self._started_at = 0.0

    def follow(self, policy: Policy) -> None:
        """Tell the comparator the routes of `policy`; start it when it is needed and gone.

        Raises:
            EngineError: when its process cannot be started.
        """
        if policy is not self._policy:
            self._write_targets(dump_targets(targets_of(policy)))
            self._policy = policy
            self._is_needed = any(route.shadow_pct for route in policy.routes)
        if not self._is_needed:
            return
        is_due = time.monotonic() > self._started_at + RESTART_S
        if self._process is None or (not self._process.is_alive() and is_due):
            self._started_at = time.monotonic()
            self._process = ChildProcess(self._command(), self._state_dir / "shadow.log")
            self._process.start()

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def _command(self) -> list[str]:
        return [
            sys.executable, "-m", "strangler.shadow.serve",
            "--socket", str(self.capture.socket),
            "--store", str(self._state_dir / STORE_NAME),
            "--targets", str(self._state_dir / TARGETS_NAME),
        ]  # fmt: skip

    def _write_targets(self, text: str) -> None:
        path = self._state_dir / TARGETS_NAME
        partial = path.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)


def targets_of(policy: Policy) -> tuple[ShadowTarget, ...]:
    """Return the targets of the routes that shadow and whose sides both have an instance."""
    return tuple(
        ShadowTarget(
            route=route.name,
            control_url=_url(policy, route.control),
            candidate_url=_url(policy, _candidate(policy, route)),
            ignore=route.ignore,
            unordered=route.unordered,
            control=route.control,
        )
        for route in policy.routes
        if route.shadow_pct
        and policy.upstreams[route.control].instances
        and policy.upstreams[_candidate(policy, route)].instances
    )


def _candidate(policy: Policy, route: Route) -> str:
    """Return the version that is compared: a switch's current one."""
    switch = policy.switches.get(route.candidate)
    return switch.current if switch else route.candidate


def _url(policy: Policy, upstream: str) -> str:
    return f"http://{policy.upstreams[upstream].instances[0]}"


def _socket_path(state_dir: Path) -> Path:
    path = state_dir / "shadow.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
        return path
    return Path(tempfile.mkdtemp(prefix="strangler-")) / "shadow.sock"
