"""A client that sends bytes as they are and keeps its connection as long as the proxy does."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for header, value in self.headers if header == name), "")

    @property
    def seen(self) -> dict[str, Any]:
        """What the backend reports of the request; empty when it never got there."""
        return json.loads(self.header("x-seen") or "{}")

    def cookie(self, name: str) -> str:
        """Return the value of a cookie the answer sets."""
        start = f"{name}="
        for header, value in self.headers:
            if header == "set-cookie" and value.startswith(start):
                return value[len(start) :].partition(";")[0]
        return ""


class RawClient:
    """One keep-alive connection, opened anew when the proxy closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._unread = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def ask(self, raw: bytes, method: str = "GET") -> Answer:
        reused = self._socket is not None
        try:
            return self._ask(raw, method)
        except ConnectionError:
            self._close()
            if not reused:
                raise
        return self._ask(raw, method)

    def _ask(self, raw: bytes, method: str) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=20)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._unread = b""
        self._socket.sendall(raw)
        while b"\r\n\r\n" not in self._unread:
            self._receive()
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = tuple(
            (name.lower(), value.strip()) for name, _, value in (x.partition(":") for x in lines)
        )
        body = b"" if method == "HEAD" else self._body(dict(headers))
        answer = Answer(int(status_line.split(" ")[1]), headers, body)
        if answer.header("connection").lower() == "close":
            self._close()
        return answer

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") == "chunked":
            whole = b""
            while size := int(self._line(), 16):
                whole += self._take(size)
                self._line()
            self._line()
            return whole
        return self._take(int(headers.get("content-length", "0")))

    def _line(self) -> bytes:
        while b"\r\n" not in self._unread:
            self._receive()
        line, _, self._unread = self._unread.partition(b"\r\n")
        return line

    def _take(self, size: int) -> bytes:
        while len(self._unread) < size:
            self._receive()
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken

    def _receive(self) -> None:
        assert self._socket is not None
        chunk = self._socket.recv(1 << 16)
        if not chunk:
            raise ConnectionResetError("the proxy closed the connection")
        self._unread += chunk

    def _close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None
