"""Real HTTP/1.1 backends on loopback that answer with what they received, byte for byte.

They parse by hand and leniently, because what they are to report is what the proxy really sent.
"""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Backend:
    """One named echo server. Set `status` or `hang` to have it misbehave."""

    name: str
    status: int = 200
    hang: bool = False
    extra: tuple[str, ...] = ()
    port: int = 0
    requests: list[str] = field(default_factory=list)
    server: asyncio.Server | None = None
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def _answer(
        self, received_head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request_line, *lines = received_head.decode("utf-8", "surrogateescape")[:-4].split("\r\n")
        method, _, rest = request_line.partition(" ")
        target = rest.rpartition(" ")[0]
        headers = [tuple(part.strip(" ") for part in line.split(":", 1)) for line in lines]
        received = await _read_body({n.lower(): v for n, v in headers}, reader)
        self.requests.append(f"{method} {target}")
        if self.hang:
            await asyncio.sleep(3600)
        seen = {
            "backend": self.name, "method": method, "target": target,
            "headers": headers, "body_bytes": received,
        }  # fmt: skip
        body = json.dumps(seen).encode()
        extra = "".join(f"{line}\r\n" for line in self.extra)
        head = (
            f"HTTP/1.1 {self.status} Said\r\nContent-Type: application/json\r\n"
            f"X-Backend: {self.name}\r\nX-Seen: {json.dumps(seen)}\r\n{extra}"
        )
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        if method != "HEAD":
            writer.write(body)
        await writer.drain()


async def _read_body(headers: dict[str, str], reader: asyncio.StreamReader) -> int:
    if "chunked" in headers.get("transfer-encoding", ""):
        total = 0
        while size := int((await reader.readline()).split(b";")[0], 16):
            await reader.readexactly(size + 2)
            total += size
        await reader.readline()
        return total
    left = total = int(headers.get("content-length", "0"))
    while left:
        left -= len(await reader.readexactly(min(left, 1 << 16)))
    return total


class Backends:
    """Backends on an event loop in a thread of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="backends")
        self._thread.start()
        self._all: list[Backend] = []

    def start(self, name: str, **behaviour: object) -> Backend:
        backend = Backend(name, **behaviour)  # type: ignore[arg-type]
        self.revive(backend)
        self._all.append(backend)
        return backend

    def revive(self, backend: Backend) -> None:
        """Listen, again on the same port after `kill`."""

        async def listen() -> None:
            backend.server = await asyncio.start_server(
                backend.serve, "127.0.0.1", backend.port, limit=1 << 20
            )
            backend.port = backend.server.sockets[0].getsockname()[1]

        self._run(listen())

    def kill(self, backend: Backend) -> None:
        """Refuse connections from now on and reset those that are open."""

        async def end() -> None:
            if backend.server:
                backend.server.close()
                backend.server = None
            for writer in list(backend.writers):
                writer.transport.abort()

        self._run(end())

    def close(self) -> None:
        async def end() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        for backend in self._all:
            self.kill(backend)
        self._run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: object) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)  # type: ignore[arg-type]


@contextmanager
def running_backends() -> Iterator[Backends]:
    backends = Backends()
    try:
        yield backends
    finally:
        backends.close()
