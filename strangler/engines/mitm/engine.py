"""The mitmproxy engine: one listening socket, shared by one or more worker processes."""

from __future__ import annotations

import errno
import os
import re
import selectors
import socket
import subprocess
import sys
import time
from typing import IO, TYPE_CHECKING, cast

from strangler.engines.mitm.wire import policy_to_json
from strangler.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.engines import ShadowCapture
    from strangler.policy import Policy
    from strangler.policy.model import Address

START_TIMEOUT_S = 30.0
APPLY_TIMEOUT_S = 10.0
BACKLOG = 1024
_COUNT = re.compile(rb"^recorded (\d+)\n", re.MULTILINE)
WORKER = "strangler.engines.mitm.worker"


class MitmEngine:
    """Runs a policy on mitmproxy.

    `state_dir` gets the workers' logs. `workers` processes accept from the same socket; each
    carries about 2,500 requests/s. Meets `strangler.engines.Engine`.
    """

    name = "mitmproxy"

    def __init__(
        self,
        *,
        state_dir: Path,
        shadow: ShadowCapture | None = None,
        record: Path | None = None,
        workers: int = 1,
    ) -> None:
        """Prepare; `record` is a flow file that every flow is appended to, redacted."""
        self._state_dir = state_dir
        self._options: list[str] = []
        if shadow:
            self._options += ["--shadow", str(shadow.socket)]
        if record:
            self._options += ["--record", str(record)]
        self._recorded_before = 0
        self._workers_wanted = workers
        self._workers: list[_WorkerProcess] = []
        self._listen: Address | None = None

    def start(self, policy: Policy) -> None:
        """Start the workers and return once they accept requests.

        Raises:
            EngineError: when the port is in use or a worker does not come up.
        """
        self._state_dir.mkdir(parents=True, exist_ok=True)
        with _listening_socket(policy.proxy.listen) as listening:
            for number in range(self._workers_wanted):
                log = self._state_dir / f"mitmproxy-{number}.log"
                self._workers.append(_WorkerProcess(listening.fileno(), log, self._options))
        try:
            self._tell_all(policy, START_TIMEOUT_S)
        except EngineError:
            self.stop(drain_s=0)
            raise
        self._listen = policy.proxy.listen

    def apply(self, policy: Policy) -> None:
        """Make `policy` live; requests under way end by the one before.

        Raises:
            EngineError: when the address to listen on changed, or a worker is gone.
        """
        if policy.proxy.listen != self._listen:
            raise EngineError(
                f"proxy.listen is now {policy.proxy.listen}, but the proxy listens on "
                f"{self._listen}; restart the proxy to move it"
            )
        self._tell_all(policy, APPLY_TIMEOUT_S)

    def is_alive(self) -> bool:
        """Return whether every worker runs."""
        return bool(self._workers) and all(worker.is_alive() for worker in self._workers)

    @property
    def recorded(self) -> int:
        """How many flows are in the file, as far as the workers have told."""
        return self._recorded_before + sum(worker.recorded() for worker in self._workers)

    def stop(self, *, drain_s: float) -> None:
        """Take no new connections, finish what is under way for up to `drain_s`, and end."""
        for worker in self._workers:
            worker.ask_to_stop(drain_s)
        for worker in self._workers:
            worker.wait(drain_s)
            self._recorded_before += worker.count
        self._workers.clear()

    def _tell_all(self, policy: Policy, timeout_s: float) -> None:
        line = b"policy " + policy_to_json(policy) + b"\n"
        for worker in self._workers:
            worker.send(line)
        for worker in self._workers:
            worker.expect_ok(timeout_s)


class _WorkerProcess:
    """One worker and the two pipes to it."""

    def __init__(self, listening_fd: int, log: Path, options: list[str]) -> None:
        self._log = log
        self.count = 0
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", WORKER, "--fd", str(listening_fd), *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                pass_fds=(listening_fd,),
                bufsize=0,
            )
        self._stdin = cast(IO[bytes], self._process.stdin)
        self._stdout = cast(IO[bytes], self._process.stdout)
        self._unread = b""

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, line: bytes) -> None:
        view = memoryview(line)
        try:
            while view:
                view = view[self._stdin.write(view) or 0 :]
        except BrokenPipeError:
            raise EngineError(self._died()) from None

    def expect_ok(self, timeout_s: float) -> None:
        reply = self._read_line(timeout_s)
        if reply != "ok":
            raise EngineError(f"the mitmproxy engine refused the policy: {reply}")

    def ask_to_stop(self, drain_s: float) -> None:
        if self.is_alive():
            try:
                self.send(b"stop %f\n" % drain_s)
            except EngineError:
                return  # it ended by itself in this moment, which is what was asked

    def wait(self, drain_s: float) -> None:
        try:
            self._process.wait(drain_s + 5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.recorded()
        self._stdin.close()
        self._stdout.close()

    def recorded(self) -> int:
        """Return the number of flows recorded, as told so far; does not wait."""
        while self._receive(0):
            pass
        self._take_counts()
        return self.count

    def _read_line(self, timeout_s: float) -> str:
        deadline = time.monotonic() + timeout_s
        while not self._take_counts():
            if not self._receive(max(0.0, deadline - time.monotonic())):
                if self.is_alive():
                    raise EngineError(
                        f"a mitmproxy worker did not answer within {timeout_s:g} s; see {self._log}"
                    )
                raise EngineError(self._died())
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    def _take_counts(self) -> bool:
        """Take what is told of the recording off, and return whether a reply is there."""
        while found := _COUNT.search(self._unread):
            self.count = int(found[1])
            self._unread = self._unread[: found.start()] + self._unread[found.end() :]
        return b"\n" in self._unread

    def _receive(self, wait_s: float) -> bool:
        """Read what there is, waiting for the first of it; False when there is nothing."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            if not selector.select(wait_s):
                return False
        chunk = os.read(self._stdout.fileno(), 65536)
        if not chunk:
            self._process.wait()
        self._unread += chunk
        return bool(chunk)

    def _died(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else "it said nothing"
        return f"a mitmproxy worker ended: {reason} (all of it in {self._log})"


def _listening_socket(listen: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((listen.host, listen.port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise EngineError(
                f"cannot listen on {listen}: the port is in use; stop what holds it "
                "or change proxy.listen in the policy"
            ) from None
        raise EngineError(f"cannot listen on {listen}: {error.strerror}") from None
    return listening
