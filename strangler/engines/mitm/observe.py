"""A finished flow as the shadow comparison's values: pure."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from strangler.engines.mitm.parse import text_of
from strangler.policy.model import Side as PolicySide
from strangler.shadow.observation import Exchange as Received
from strangler.shadow.observation import Observation, Side

if TYPE_CHECKING:
    from mitmproxy import http

    from strangler.engines.mitm.exchange import Exchange


def received(exchange: Exchange, body: bytes) -> Received:
    """Return the request as the client sent it."""
    request = exchange.request
    return Received(
        method=request.method,
        target=request.target,
        headers=request.headers,
        body=body,
        route=exchange.decision.route,
        request_id=request.fresh_id,
        received_at=exchange.received_at,
    )


def observed(flow: http.HTTPFlow, exchange: Exchange) -> Observation:
    """Return the outcome that the client got."""
    control = exchange.decision.side is PolicySide.CONTROL
    side = Side.CONTROL if control else Side.CANDIDATE
    latency_ms = (time.monotonic() - exchange.began_s) * 1000
    response = flow.response
    if response is None:
        reason = flow.error.msg if flow.error else "no response"
        return Observation(side, 0, (), b"", latency_ms, reason)
    fields = response.headers.fields
    headers = tuple((text_of(name).lower(), text_of(value)) for name, value in fields)
    return Observation(side, response.status_code, headers, response.raw_content or b"", latency_ms)
