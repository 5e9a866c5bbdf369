"""Connections that end by the deadline, however slowly the other side sends.

A socket's timeout starts again with every byte, so a server that drips its answer (or only its
headers) holds a caller for as long as it likes. Here every read and write first takes what the
context's deadline leaves for its timeout. Looking up a name is the system's and not bounded.

requests' adapter ─> urllib3's pools ─> a connection of ours ─> each send and each recv by the clock
"""

from __future__ import annotations

import io
import socket
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from strangler.client.propagation import deadline


class ClockedAdapter(HTTPAdapter):
    """The adapter of `requests` on connections that look at the deadline."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools, of our connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


def _limit(sock: Any) -> None:
    """Leave a socket no more time than the deadline does.

    Raises:
        socket.timeout: when none is left.
    """
    left_s = deadline.left_s()
    if left_s is None:
        return
    if left_s <= 0:
        raise socket.timeout("the deadline is over")  # noqa: UP041 - another class before 3.10
    timeout_s = sock.gettimeout()
    if timeout_s is None or left_s < timeout_s:
        sock.settimeout(left_s)


class _Clocked(io.RawIOBase):
    """What arrives at a socket, each read by the clock."""

    def __init__(self, raw: Any, sock: Any) -> None:
        super().__init__()
        self._raw, self._sock = raw, sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        _limit(self._sock)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw: Any = self.fp
        self.fp: Any = io.BufferedReader(_Clocked(raw.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _limit(self.sock)
        super().send(data)


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
