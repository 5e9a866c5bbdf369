"""The control's half of shadowed exchanges, told to the comparator after the user was answered.

Speaks Envoy's ext_proc to the same comparator that Envoy tells: whichever engine runs, one
process makes, judges and stores the pairs. A comparator that is slow or gone costs pairs, never
a user's time.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from typing import TYPE_CHECKING, Any

import grpc.aio
from envoy.config.core.v3.base_pb2 import HeaderMap, HeaderValue
from envoy.service.ext_proc.v3.external_processor_pb2 import (
    HttpBody,
    HttpHeaders,
    ProcessingRequest,
    ProcessingResponse,
)

from strangler.engines.mitm.exchange import exchange_of
from strangler.engines.mitm.parse import bytes_of
from strangler.shadow.assemble import REQUEST_ID_HEADER, ROUTE_HEADER
from strangler.shadow.capture_grpc import SERVICE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from mitmproxy import http

    from strangler.engines.mitm.exchange import Exchange

MAX_UNDER_WAY = 256
TELL_S = 10.0
Fields = tuple[tuple[bytes, bytes], ...]


class ShadowCapture:
    """A mitmproxy addon that tells the comparator on `socket` of a sample of control's answers."""

    def __init__(self, socket: Path) -> None:
        self._channel = grpc.aio.insecure_channel(f"unix:{socket}")
        self._process = self._channel.stream_stream(
            f"/{SERVICE}/Process",
            request_serializer=ProcessingRequest.SerializeToString,
            response_deserializer=ProcessingResponse.FromString,
        )
        self._under_way: set[asyncio.Task[None]] = set()

    def response(self, flow: http.HTTPFlow) -> None:
        """Take an answer of the control that its route's share of comparisons picks."""
        exchange = exchange_of(flow)
        if exchange is None or not _is_sampled(exchange) or flow.response is None:
            return
        limit_bytes = exchange.policy.proxy.shadow_max_body_bytes
        request_body, response_body = flow.request.raw_content, flow.response.raw_content
        cut_off = flow.response.stream and len(exchange.streamed) >= limit_bytes
        if cut_off or flow.request.stream or request_body is None or response_body is None:
            return  # passed on in pieces of which not all were kept
        if max(len(request_body), len(response_body)) > limit_bytes:
            return
        if len(self._under_way) < MAX_UNDER_WAY:
            status = str(flow.response.status_code).encode()
            answer = ((b":status", status), *flow.response.headers.fields)
            latency_s = time.monotonic() - exchange.began_s
            messages = _messages(exchange, request_body, answer, response_body, latency_s)
            task = asyncio.ensure_future(self._tell(messages))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def done(self) -> None:
        """Finish what is being told."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=TELL_S)
        await self._channel.close()

    async def _tell(self, messages: AsyncIterator[ProcessingRequest]) -> None:
        with contextlib.suppress(grpc.aio.AioRpcError):
            call: Any = self._process(messages, timeout=TELL_S)
            await call.read()


def _is_sampled(exchange: Exchange) -> bool:
    route = exchange.route
    if route is None or exchange.answered_by != route.control:
        return False
    return random.random() * 100 < exchange.decision.shadow_pct  # noqa: S311 - a sample


async def _messages(
    exchange: Exchange, request_body: bytes, answer: Fields, response_body: bytes, latency_s: float
) -> AsyncIterator[ProcessingRequest]:
    """Yield the exchange with the timing it had, which is how the comparator knows its latency."""
    request = exchange.request
    pseudo = (
        (b":method", bytes_of(request.method)),
        (b":path", bytes_of(request.target)),
        (ROUTE_HEADER.encode(), exchange.decision.route.encode()),
        (REQUEST_ID_HEADER.encode(), request.fresh_id.encode()),
    )
    fields = tuple((bytes_of(name), bytes_of(value)) for name, value in request.headers)
    yield ProcessingRequest(request_headers=_headers((*pseudo, *fields), is_last=not request_body))
    if request_body:
        yield ProcessingRequest(request_body=HttpBody(body=request_body, end_of_stream=True))
    await asyncio.sleep(min(latency_s, TELL_S / 2))
    yield ProcessingRequest(response_headers=_headers(answer, is_last=not response_body))
    if response_body:
        yield ProcessingRequest(response_body=HttpBody(body=response_body, end_of_stream=True))


def _headers(fields: Fields, *, is_last: bool) -> HttpHeaders:
    values = [
        HeaderValue(key=name.decode("latin-1").lower(), raw_value=value) for name, value in fields
    ]
    return HttpHeaders(headers=HeaderMap(headers=values), end_of_stream=is_last)
