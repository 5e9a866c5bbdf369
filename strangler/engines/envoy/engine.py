"""The running engine: one Envoy that always carries out the policy applied last."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from strangler.engines.child import ChildProcess
from strangler.engines.envoy.admin import Admin
from strangler.engines.envoy.binary import find_envoy
from strangler.engines.envoy.publish import Publisher
from strangler.engines.envoy.render import Dynamic, render_dynamic, render_live
from strangler.errors import EngineError

if TYPE_CHECKING:
    from strangler.engines import ShadowCapture
    from strangler.policy.model import Address, Policy, Proxy

START_S = 20.0
SOCKET_PATH_BYTES = 100
"""A unix socket's path may be 107 bytes on Linux and 103 on macOS."""


class EnvoyEngine:
    """Envoy as the data plane; meets the `Engine` protocol of `strangler.engines`."""

    name = "envoy"

    def __init__(
        self,
        *,
        state_dir: Path,
        shadow: ShadowCapture | None = None,
        concurrency: int | None = None,
    ) -> None:
        """Keep files under `state_dir`/envoy; run `concurrency` workers, or one for each core."""
        self._directory = state_dir / "envoy"
        self._shadow = shadow
        self._concurrency = concurrency
        self._process: ChildProcess | None = None
        self._admin: Admin | None = None
        self._publisher: Publisher | None = None
        self._policy: Policy | None = None
        self._sockets: Path | None = None

    @property
    def admin(self) -> Admin:
        """The admin interface of the running Envoy."""
        if self._admin is None:
            raise EngineError("Envoy is not started")
        return self._admin

    @property
    def pid(self) -> int:
        """The process id of the running Envoy; 0 when there is none."""
        return self._process.pid if self._process else 0

    def start(self, policy: Policy) -> None:
        """Start Envoy and return once it answers on `policy.proxy.listen`.

        Raises:
            EngineError: when the binary is missing, the port is in use or it does not come up.
        """
        binary = find_envoy()
        check_address_is_free(policy.proxy.listen)
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        admin = Admin(self._socket_path())
        admin.path.unlink(missing_ok=True)
        publisher = Publisher(self._directory, admin)
        publisher.write(self._render(policy))
        bootstrap = self._directory / "bootstrap.json"
        bootstrap.write_text(
            json.dumps(render_live(policy, self._directory, admin.path, self._shadow))
        )
        process = ChildProcess(self._command(binary, bootstrap), self._directory / "envoy.log")
        process.start()
        self._process, self._admin, self._publisher, self._policy = (
            process,
            admin,
            publisher,
            policy,
        )
        try:
            self._wait_until_ready(policy)
        except EngineError:
            process.end()
            raise

    def apply(self, policy: Policy) -> None:
        """Make `policy` live without failing a request; return once it is in effect.

        Raises:
            EngineError: when it changes what is fixed while Envoy runs, or Envoy refuses it; the
                policy before stays in effect.
        """
        if self._publisher is None or self._policy is None:
            raise EngineError("Envoy is not started")
        changed = fixed_changes(self._policy.proxy, policy.proxy)
        if changed:
            raise EngineError(
                f"proxy.{', proxy.'.join(changed)} cannot change while the proxy runs; restart it"
            )
        self._publisher.publish(self._render(policy))
        self._policy = policy

    def is_alive(self) -> bool:
        """Return whether Envoy runs."""
        return self._process is not None and self._process.is_alive()

    def stop(self, *, drain_s: float) -> None:
        """Stop taking new requests, finish those in flight for up to `drain_s`, and end."""
        if self._process is None:
            return
        if self._process.is_alive():
            self._drain(drain_s)
        self._process.end()
        if self._sockets:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None
        self._process = self._admin = self._publisher = self._policy = None

    def _render(self, policy: Policy) -> Dynamic:
        return render_dynamic(policy, self._directory, captures=self._shadow is not None)

    def _drain(self, drain_s: float) -> None:
        admin, deadline = self.admin, time.monotonic() + drain_s
        try:
            admin.post("/healthcheck/fail")
            admin.post("/drain_listeners?graceful&skip_exit")
            while time.monotonic() < deadline:
                stats = admin.stats(r"^http\.strangler\.downstream_rq_active$")
                if not any(int(value) for value in stats.values()):
                    return
                time.sleep(0.02)
        except EngineError:
            return  # it is gone already, so there is nothing left to finish

    def _wait_until_ready(self, policy: Policy) -> None:
        process, deadline = self._process, time.monotonic() + START_S
        while process is not None and not self.admin.is_ready():
            if not process.is_alive():
                raise EngineError(f"Envoy ended while starting:\n{process.tail()}")
            if time.monotonic() > deadline:
                raise EngineError(
                    f"Envoy did not come up on {policy.proxy.listen} within {START_S:g} s:\n"
                    f"{process.tail()}"
                )
            time.sleep(0.01)

    def _command(self, binary: Path, bootstrap: Path) -> list[str]:
        command = [str(binary), "-c", str(bootstrap), "--disable-hot-restart"]
        command += ["--reject-unknown-dynamic-fields", "--log-level", "warning"]
        command += ["--drain-strategy", "immediate", "--drain-time-s", "10"]
        return [*command, "--concurrency", str(self._concurrency or _usable_processors())]

    def _socket_path(self) -> Path:
        path = self._directory / "admin.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
            return path
        self._sockets = Path(tempfile.mkdtemp(prefix="strangler-"))
        return self._sockets / "admin.sock"


def _usable_processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def check_address_is_free(address: Address) -> None:
    """Check that nobody listens on `address`; Envoy itself would share the port silently.

    Raises:
        EngineError: when the address is in use or not one of this machine's.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise EngineError(
                f"cannot listen on {address}: {error.strerror}; stop what listens there, or set "
                "proxy.listen to another address"
            ) from None


FIXED = ("listen", "trusted_networks", "trusted_hops")


def fixed_changes(before: Proxy, after: Proxy) -> list[str]:
    """Return the keys of [proxy] that differ and stand in the listener, which never changes."""
    return [key for key in FIXED if getattr(before, key) != getattr(after, key)]
