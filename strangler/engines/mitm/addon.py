"""The policy as a mitmproxy addon: every hook asks `decide` or carries out what it said.

Reads that have somewhere else to go are tried here, one upstream after another, and answered
from the first that can. Everything else (writes, upgrades, large and endless bodies, reads with
one place to go) is mitmproxy's own business once an instance that accepts connections is chosen,
so a write is sent at most once.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING

from mitmproxy import http
from mitmproxy.connection import Server
from mitmproxy.proxy import events
from mitmproxy.proxy.layers import HttpLayer
from mitmproxy.proxy.layers.http import HTTPMode

from strangler.engines.mitm.attempts import (
    UNAVAILABLE,
    Answer,
    Attempts,
    Failure,
    Outgoing,
    TooLarge,
    can_connect,
)
from strangler.engines.mitm.exchange import Exchange, exchange_of, remember
from strangler.engines.mitm.parse import bytes_of, is_well_formed, request_of
from strangler.engines.mitm.rewrite import (
    anonymous_cookie,
    forwarded_target,
    request_fields,
    steering_headers,
)
from strangler.engines.mitm.upstreams import Upstreams
from strangler.policy import decide
from strangler.policy.decide import BAD_REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from mitmproxy.addons.proxyserver import Proxyserver
    from mitmproxy.proxy.layer import NextLayer

    from strangler.policy import Policy
    from strangler.policy.model import Address, Upstream

HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n"
INTERNAL_SERVER_ERROR, BAD_GATEWAY, SERVICE_UNAVAILABLE = 500, 502, 503
READS = frozenset(("GET", "HEAD"))
_TIMED_OUT = (
    b"HTTP/1.1 504 Gateway Timeout\r\ncontent-type: text/plain\r\n"
    b"content-length: 27\r\nconnection: close\r\n\r\nupstream response timed out"
)

logger = logging.getLogger(__name__)


class PolicyAddon:
    """Carries a policy out. `use` changes it for the requests that come after."""

    def __init__(self, policy: Policy, proxyserver: Proxyserver) -> None:
        self._proxyserver = proxyserver
        self._attempts = Attempts()
        self._upstreams = Upstreams(asyncio.get_running_loop().time)
        self.under_way: set[str] = set()
        self.is_draining = False
        self.use(policy)

    def use(self, policy: Policy) -> None:
        """Decide by `policy` from now on."""
        self._policy = policy
        self._steering = steering_headers(policy)
        self._upstreams.keep_only(policy)

    def next_layer(self, nextlayer: NextLayer) -> None:
        """Take every connection for HTTP: version 2 by its preface, else 1.1."""
        head = nextlayer.data_client()[: len(HTTP2_PREFACE)]
        if head == HTTP2_PREFACE:
            nextlayer.context.client.alpn = b"h2"
        elif not head or HTTP2_PREFACE.startswith(head):
            return
        nextlayer.layer = HttpLayer(nextlayer.context, HTTPMode.transparent)

    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Decide, and make the request what the upstream is to see."""
        if flow.error:
            return  # mitmproxy refuses it with 400 itself
        policy = self._policy
        request = request_of(flow, secrets.token_hex(16))
        decision = decide(policy, request)
        exchange = Exchange(policy, request, decision, decision.upstream)
        remember(flow, exchange)
        self.under_way.add(flow.id)
        if decision.status or not is_well_formed(request):
            status = decision.status or BAD_REQUEST
            flow.response = _plain(flow, status, "refused: malformed method, target or header")
            return
        message = flow.request
        message.headers = http.Headers(
            request_fields(policy, self._steering, request, message.headers.fields)
        )
        message.data.path = bytes_of(forwarded_target(request))
        if _is_body_streamed(message, policy.proxy.max_body_bytes):
            await self._choose(flow, exchange)
            message.stream = flow.response is None

    async def request(self, flow: http.HTTPFlow) -> None:
        """Answer a read from the first upstream that can, or choose where to send the rest."""
        exchange = exchange_of(flow)
        if exchange is None or flow.response or flow.request.stream:
            return
        message = flow.request
        if message.method in READS and "upgrade" not in message.headers:
            await self._read(flow, exchange)
        else:
            await self._choose(flow, exchange)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Hand the anonymous cookie out, and stream what is large or has no end."""
        exchange = exchange_of(flow)
        response = flow.response
        if exchange is None or response is None:
            return
        self._settle(exchange, response.status_code)
        if exchange.decision.set_cookie:
            cookie = anonymous_cookie(exchange.policy, exchange.decision.set_cookie)
            response.headers.add("set-cookie", cookie)
        if self.is_draining and not flow.request.is_http2:
            response.headers["connection"] = "close"
        length = response.headers.get("content-length", "")
        limit = exchange.policy.proxy.max_body_bytes
        if response.raw_content is None and (not length.isdigit() or int(length) > limit):
            response.stream = _keeper(exchange.streamed, limit)

    def response(self, flow: http.HTTPFlow) -> None:
        """Put what was streamed back together, so that recordings and pairs see it."""
        exchange = exchange_of(flow)
        self.under_way.discard(flow.id)
        if exchange and flow.response and flow.response.stream:
            flow.response.data.content = bytes(exchange.streamed)

    def error(self, flow: http.HTTPFlow) -> None:
        """Note an upstream that broke off."""
        self.under_way.discard(flow.id)
        exchange = exchange_of(flow)
        if exchange:
            self._settle(exchange, BAD_GATEWAY)

    async def done(self) -> None:
        """Close the connections of our own."""
        await self._attempts.aclose()

    async def _read(self, flow: http.HTTPFlow, exchange: Exchange) -> None:
        """Try all places but the last here; the last, or one to be streamed, is mitmproxy's."""
        places = self._places(exchange)
        outgoing = _outgoing(flow.request)
        route = exchange.route
        try_s = route.candidate_timeout_s if route else exchange.timeout_s
        spent: str = ""
        while len(places) > 1:
            upstream, address = places[0]
            limit = exchange.policy.proxy.max_body_bytes
            outcome = await self._attempts.send(
                outgoing, upstream, address,
                timeout_s=min(try_s, exchange.timeout_s), limit_bytes=limit,
            )  # fmt: skip
            usable = not isinstance(outcome, Failure) and outcome.status not in UNAVAILABLE
            if not usable:
                self._upstreams.failed(upstream, address)
                refused = isinstance(outcome, Failure) and not outcome.connected
                spent = "" if refused else upstream.name
                places = [p for p in places[1:] if p[0].name != spent]
                continue
            exchange.answered_by, exchange.address = upstream.name, address
            if isinstance(outcome, Answer):
                flow.response = _response(outcome)
                return
            if isinstance(outcome, TooLarge):
                places = [(upstream, address)]
        await self._send_to_first(flow, exchange, places)

    async def _choose(self, flow: http.HTTPFlow, exchange: Exchange) -> None:
        await self._send_to_first(flow, exchange, self._places(exchange))

    def _places(self, exchange: Exchange) -> list[tuple[Upstream, Address]]:
        """Return every instance to try, in order: the decision's upstream, then the fallbacks."""
        names = (exchange.decision.upstream, *exchange.decision.fallbacks)
        upstreams = [exchange.policy.upstreams[name] for name in names]
        return [(u, address) for u in upstreams for address in self._upstreams.in_turn(u)]

    async def _send_to_first(
        self, flow: http.HTTPFlow, exchange: Exchange, places: list[tuple[Upstream, Address]]
    ) -> None:
        """Have mitmproxy send the request to the first place that accepts a connection."""
        for upstream, address in places:
            if not self._is_connected(flow, address) and not await can_connect(
                address, upstream.connect_timeout_s
            ):
                self._upstreams.failed(upstream, address)
                continue
            exchange.answered_by, exchange.address = upstream.name, address
            # Not `request.host = ...`, which would rewrite the Host header.
            flow.request.data.host, flow.request.data.port = address.host, address.port
            flow.request.data.scheme = b"http"
            loop = asyncio.get_running_loop()
            exchange.timer = loop.call_later(exchange.timeout_s, self._time_out, flow)
            return
        name = exchange.decision.upstream
        flow.response = _plain(flow, SERVICE_UNAVAILABLE, f"no instance of {name} can be reached")

    def _is_connected(self, flow: http.HTTPFlow, address: Address) -> bool:
        handler = self._proxyserver.connections.get(flow.client_conn.id)
        return handler is not None and any(
            isinstance(c, Server) and c.connected and c.address == (address.host, address.port)
            for c in handler.transports
        )

    def _time_out(self, flow: http.HTTPFlow) -> None:
        """Answer 504 in the place of an upstream that is silent."""
        handler = self._proxyserver.connections.get(flow.client_conn.id)
        if handler and flow.server_conn in handler.transports and not flow.response:
            silence = events.DataReceived(flow.server_conn, _TIMED_OUT)
            self._task = asyncio.ensure_future(handler.server_event(silence))

    def _settle(self, exchange: Exchange, status: int) -> None:
        """Take the outcome of an exchange into the instance's record, once."""
        if exchange.timer:
            exchange.timer.cancel()
        if exchange.address is None:
            return
        if status >= INTERNAL_SERVER_ERROR:
            self._upstreams.failed(
                exchange.policy.upstreams[exchange.answered_by], exchange.address
            )
        else:
            self._upstreams.succeeded(exchange.address)
        exchange.address = None


def _is_body_streamed(message: http.Request, limit_bytes: int) -> bool:
    if "transfer-encoding" in message.headers:
        return True
    length = message.headers.get("content-length", "0")
    return length.isdigit() and int(length) > limit_bytes


def _keeper(kept: bytearray, limit_bytes: int) -> Callable[[bytes], bytes]:
    def keep(chunk: bytes) -> bytes:
        kept.extend(chunk[: max(0, limit_bytes - len(kept))])
        return chunk

    return keep


def _outgoing(message: http.Request) -> Outgoing:
    fields = message.headers.fields
    if not any(name.lower() == b"host" for name, _ in fields) and message.data.authority:
        fields = ((b"Host", message.data.authority), *fields)
    return Outgoing(message.data.method, message.data.path, fields, message.raw_content or b"")


def _response(answer: Answer) -> http.Response:
    return http.Response(
        b"HTTP/1.1", answer.status, answer.reason, http.Headers(answer.fields), answer.content,
        None, 0.0, None,
    )  # fmt: skip


def _plain(flow: http.HTTPFlow, status: int, text: str) -> http.Response:
    response = http.Response.make(status, text + "\n", {"content-type": "text/plain"})
    if flow.request.method == "HEAD":
        response.data.content = b""
    return response
