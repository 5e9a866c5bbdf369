"""A server that answers each request by the next step of a list, down to the bytes on the socket.

Steps: an int is a status with the server's body; "drop" closes without an answer; any function
gets the connected socket and does what it likes. After the last step everything is answered 200.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

Step = int | str | Callable[[socket.socket], None]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Misbehaving:
    """Listens on a free port of loopback until `stop`."""

    steps: list[Step] = field(default_factory=list)
    body: bytes = b"7"
    headers: str = ""
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Close everything."""
        for opened in (self._listener, *self._open):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as arriving:
            while self._answer(connection, arriving):
                pass

    def _answer(self, connection: socket.socket, arriving) -> bool:
        first = arriving.readline().decode().split()
        if not first:
            return False
        headers = {}
        while line := arriving.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = arriving.read(int(headers.get("content-length", 0)))
        with self._lock:
            self.seen.append(Seen(first[0], first[1], headers, body))
            step = self.steps.pop(0) if self.steps else 200
        if step == "drop":
            connection.shutdown(socket.SHUT_RDWR)
            return False
        if callable(step):
            step(connection)
            connection.shutdown(socket.SHUT_RDWR)
            return False
        content = self.body if step == 200 else b"<html>gateway</html>"
        head = f"HTTP/1.1 {step} X\r\nContent-Length: {len(content)}\r\n{self.headers}\r\n"
        connection.sendall(head.encode() + content)
        return True


def dripping(text: bytes, every_s: float = 0.05) -> Callable[[socket.socket], None]:
    """Send a text byte by byte: each arrives soon enough, all together never."""

    def drip(connection: socket.socket) -> None:
        for byte in text:
            connection.sendall(bytes([byte]))
            time.sleep(every_s)

    return drip


def garbage(connection: socket.socket) -> None:
    """Answer what is no HTTP."""
    connection.sendall(b"\x16\x03\x01 this is not the protocol you are looking for\r\n\r\n")


def cut_short(connection: socket.socket) -> None:
    """Promise more than is sent."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n7")


def silent(connection: socket.socket) -> None:
    """Answer nothing until the other side gives up."""
    with suppress(OSError):
        connection.recv(1)


def answer_and_close(connection: socket.socket) -> None:
    """Answer, promise to keep the connection open, and close it a moment later."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nIdempotency-Keys: kept\r\n\r\n7")
