"""A real HTTP backend in a process of its own: echoes, hangs, fails, freezes and dies on demand.

An ASGI application on granian. `/ws` echoes WebSocket messages, `/events` is an endless event
stream, `/upload` counts bytes; everything else answers in JSON what it received. Each write is
noted in a file before it is answered, so what was executed can be counted after a kill -9.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

ROOT = Path(__file__).resolve().parents[2]
START_S = 30.0
READS = ("GET", "HEAD", "OPTIONS")
HEALTH_PATH = "/healthz"
PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Backend:
    """A running backend. `folder` holds how it behaves and which writes it executed."""

    name: str
    port: int
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        return self.processes[-1]

    def behave(self, *, status: int = 200, hang_s: float = 0, health: int = 200) -> None:
        """From now on answer with `status` after `hang_s`, and health checks with `health`."""
        made = self.folder / "behaviour.partial"
        made.write_text(json.dumps({"status": status, "hang_s": hang_s, "health": health}))
        made.replace(self.folder / "behaviour")

    def writes(self) -> list[str]:
        """Return the X-Id of every write that was executed, in order."""
        path = self.folder / "writes"
        return path.read_text().split() if path.exists() else []

    def start(self) -> None:
        """Start the process, or start it again on the same port, and wait until it answers."""
        command = [sys.executable, "-m", "granian", "--interface", "asgi"]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--log-level", "error"]
        command += ["tests.servers.backend:app"]
        environment = {
            **os.environ, "BACKEND_NAME": self.name, "BACKEND_FOLDER": str(self.folder)
        }  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=_die_with_parent,  # noqa: PLW1509
            )  # fmt: skip
        self.processes.append(process)
        deadline = time.monotonic() + START_S
        while process.poll() is None and time.monotonic() < deadline:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), 1),
            ):
                return
            time.sleep(0.02)
        raise RuntimeError(f"{self.name} did not start:\n{(self.folder / 'log').read_text()}")

    def kill(self) -> None:
        """Kill -9, all its processes at once."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def freeze(self) -> None:
        """SIGSTOP: connections are accepted by the kernel, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


@contextlib.contextmanager
def running_backend(name: str, folder: Path, *, port: int | None = None) -> Iterator[Backend]:
    """Run a backend until the block ends; `folder` is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    backend = Backend(name, port or free_port(), folder)
    backend.behave()
    try:
        backend.start()
        yield backend
    finally:
        for process in backend.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The application that runs in the backend's process."""
    if scope["type"] == "websocket":
        await _echo_messages(receive, send)
    elif scope["type"] == "http":
        folder = Path(os.environ["BACKEND_FOLDER"])
        behaviour = json.loads((folder / "behaviour").read_text())
        if scope["path"] == HEALTH_PATH:
            await _answer(send, behaviour["health"], {"health": behaviour["health"]})
        elif scope["path"] == "/events":
            await _stream_events(send)
        else:
            await _echo(scope, receive, send, folder, behaviour)


async def _echo(
    scope: dict[str, Any], receive: Receive, send: Send, folder: Path, behaviour: dict[str, Any]
) -> None:
    size = await _body_bytes(receive)
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    ]
    if scope["method"] not in READS and behaviour["status"] < 500:
        _note_write(folder / "writes", dict(headers).get("x-id", "-"))
    await asyncio.sleep(behaviour["hang_s"])
    content = {
        "name": os.environ["BACKEND_NAME"],
        "pid": os.getpid(),
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode("latin-1"),
        "headers": headers,
        "body_bytes": size,
    }
    await _answer(send, behaviour["status"], content)


def _note_write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{text}\n".encode())
    finally:
        os.close(descriptor)


async def _body_bytes(receive: Receive) -> int:
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    return size


async def _answer(send: Send, status: int, content: dict[str, Any]) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"x-backend", os.environ["BACKEND_NAME"].encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})


async def _stream_events(send: Send) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    number = 0
    while True:
        event = f"data: {number}\n\n".encode()
        await send({"type": "http.response.body", "body": event, "more_body": True})
        number += 1
        await asyncio.sleep(0.05)


async def _echo_messages(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message["type"] == "websocket.receive":
            kind = "text" if message.get("text") is not None else "bytes"
            await send({"type": "websocket.send", kind: message[kind]})
        else:
            return
