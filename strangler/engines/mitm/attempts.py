"""Tries of a read against one upstream after another, and the test whether one can be reached.

A try is spent by a refused, reset or timed-out connection, by silence for longer than it may
take, and by 502, 503 or 504. Bodies above the limit and event streams are not taken here: the
caller lets mitmproxy stream them from the instance that proved good.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpcore

if TYPE_CHECKING:
    from strangler.engines.mitm.rewrite import Fields
    from strangler.policy.model import Address, Upstream

HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"transfer-encoding", b"upgrade")
)
UNAVAILABLE = frozenset((502, 503, 504))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it is sent upstream."""

    method: bytes
    target: bytes
    fields: Fields
    content: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response of an upstream; `elapsed_s` is until its last byte."""

    status: int
    reason: bytes
    fields: Fields
    content: bytes
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The upstream answers well, with more than is buffered or without an end in sight."""

    status: int


@dataclass(frozen=True, slots=True)
class Failure:
    """The upstream gave no usable answer. `connected` is false when nothing can have been sent."""

    reason: str
    connected: bool


class Attempts:
    """Pooled connections to upstreams. One for a worker; `aclose` when done."""

    def __init__(self) -> None:
        self._pools: dict[tuple[float, int], httpcore.AsyncConnectionPool] = {}

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.aclose()

    async def send(
        self,
        outgoing: Outgoing,
        upstream: Upstream,
        address: Address,
        *,
        timeout_s: float,
        limit_bytes: int,
    ) -> Answer | TooLarge | Failure:
        """Send a request to one instance; its faults are returned, not raised."""
        started = asyncio.get_running_loop().time()
        request = self._request(outgoing, upstream, address, timeout_s)
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._pool(upstream).handle_async_request(request)
                try:
                    return await _read(response, limit_bytes, started)
                finally:
                    await response.aclose()
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            return Failure(f"cannot connect to {address}: {error}", connected=False)
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            return Failure(f"{address} broke off: {error}", connected=True)
        except (TimeoutError, httpcore.TimeoutException):
            return Failure(f"{address} was silent for {timeout_s:g} s", connected=True)

    def _request(
        self, outgoing: Outgoing, upstream: Upstream, address: Address, timeout_s: float
    ) -> httpcore.Request:
        fields = [(n, v) for n, v in outgoing.fields if n.lower() not in HOP_BY_HOP]
        connect_s = min(upstream.connect_timeout_s, timeout_s)
        return httpcore.Request(
            method=outgoing.method,
            url=httpcore.URL(
                scheme=b"http", host=address.host, port=address.port, target=outgoing.target
            ),
            headers=fields,
            content=outgoing.content or None,
            extensions={"timeout": {"connect": connect_s, "pool": connect_s, "read": timeout_s}},
        )

    def _pool(self, upstream: Upstream) -> httpcore.AsyncConnectionPool:
        limits = (upstream.idle_timeout_s, upstream.max_connections)
        if limits not in self._pools:
            idle_s, connections = limits
            self._pools[limits] = httpcore.AsyncConnectionPool(
                max_connections=connections, keepalive_expiry=idle_s
            )
        return self._pools[limits]


async def _read(response: httpcore.Response, limit_bytes: int, started: float) -> Answer | TooLarge:
    values = {name.lower(): value for name, value in response.headers}
    length = values.get(b"content-length", b"0")
    endless = values.get(b"content-type", b"").startswith(b"text/event-stream")
    if endless or (length.isdigit() and int(length) > limit_bytes):
        return TooLarge(response.status)
    chunks: list[bytes] = []
    received = 0
    async for chunk in response.aiter_stream():
        chunks.append(chunk)
        received += len(chunk)
        if received > limit_bytes:
            return TooLarge(response.status)
    content = b"".join(chunks)
    fields = tuple((n, v) for n, v in response.headers if n.lower() not in HOP_BY_HOP)
    if b"transfer-encoding" in values:
        fields = (*fields, (b"content-length", str(len(content)).encode()))
    reason: bytes = response.extensions.get("reason_phrase", b"")
    elapsed_s = asyncio.get_running_loop().time() - started
    return Answer(response.status, reason, fields, content, elapsed_s)


async def can_connect(address: Address, timeout_s: float) -> bool:
    """Return whether a connection to `address` opens within `timeout_s`."""
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(address.host, address.port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
