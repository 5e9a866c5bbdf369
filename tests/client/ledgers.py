"""The ledger as real processes, and a proxy that loses answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.client.sites import ROOT, free_port
from tests.servers.shop import ServerProcess, granian

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SITE = "tests.client.ledgersite"


def ledger(
    folder: Path, *, database: str = "", keys: bool = True, tables: bool = True, **variables: str
) -> ServerProcess:
    """Return a ledger on a free port, its tables made, not yet started; see `url_of`."""
    port = free_port()
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("LEDGER_")},
        "DJANGO_SETTINGS_MODULE": f"{SITE}.settings",
        "LEDGER_DB": database or f"sqlite:///{folder / 'ledger.sqlite3'}",
        "LEDGER_KEYS": "1" if keys else "0",
        "PYTHONPATH": str(ROOT),
        **variables,
    }
    if tables:
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v0"],
            cwd=ROOT, env=environment, check=True, timeout=60,
        )  # fmt: skip
    return ServerProcess(
        name=f"ledger-{port}",
        command=granian(f"{SITE}.wsgi:application", port),
        cwd=ROOT,
        environment=environment,
        log=folder / f"ledger-{port}.log",
        probe_url=f"http://127.0.0.1:{port}/v1/context",
    )


def url_of(server: ServerProcess) -> str:
    return server.probe_url[: -len("/v1/context")]


@contextmanager
def running(server: ServerProcess) -> Iterator[str]:
    """Run a ledger; gives its URL."""
    try:
        server.start()
        yield url_of(server)
    finally:
        server.stop()


@contextmanager
def kept_running(server: ServerProcess) -> Iterator[str]:
    """Run a ledger and start it again whenever it dies, as a supervisor does; gives its URL."""
    ended = threading.Event()

    def supervise() -> None:
        while not ended.wait(0.02):
            if not server.is_alive():
                server.kill()
                server.launch()

    with running(server) as url:
        thread = threading.Thread(target=supervise)
        thread.start()
        try:
            yield url
        finally:
            ended.set()
            thread.join()


class LosingProxy:
    """Passes requests on, and answers of all but every `keeps`-th are lost on the way back."""

    def __init__(self, port: int, *, keeps: int) -> None:
        self._target, self._keeps, self._count = port, keeps, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(
                    target=self._pass, args=(self._listener.accept()[0],), daemon=True
                ).start()

    def _pass(self, client: socket.socket) -> None:
        """Serve one request of a connection, and close it."""
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self._target)) as on:
            client.settimeout(10)
            request = client.recv(65_536)
            head, _, body = request.partition(b"\r\n\r\n")
            length = next(
                (
                    int(line.partition(b":")[2])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                ),
                0,
            )
            while len(body) < length:
                body += client.recv(65_536)
            on.sendall(head + b"\r\nConnection: close\r\n\r\n" + body)
            answer = b""
            while part := on.recv(65_536):
                answer += part
            self._count += 1
            if self._count % self._keeps == 0:
                client.sendall(answer)
