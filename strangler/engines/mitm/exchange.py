"""One request while it is under way: what was decided, and who answers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from mitmproxy import http

    from strangler.policy import Decision, Policy, Request
    from strangler.policy.model import Address, Route

DEFAULT_TIMEOUT_S = 15.0
_KEY = "strangler.exchange"


@dataclass(slots=True)
class Exchange:
    """What is known of one request while it is under way.

    `answered_by` is the upstream whose response the client gets; it differs from the decision's
    after a fallback. `streamed` keeps the start of a body that was passed on piece by piece.
    """

    policy: Policy
    request: Request
    decision: Decision
    answered_by: str
    received_at: float = field(default_factory=time.time)
    began_s: float = field(default_factory=time.monotonic)
    address: Address | None = None
    timer: asyncio.TimerHandle | None = None
    streamed: bytearray = field(default_factory=bytearray)

    @property
    def route(self) -> Route | None:
        """The route that matched, if one did."""
        return self.policy.route(self.decision.route) if self.decision.route else None

    @property
    def timeout_s(self) -> float:
        """How long the client may wait for the head of the response."""
        return self.route.timeout_s if self.route else DEFAULT_TIMEOUT_S


def exchange_of(flow: http.HTTPFlow) -> Exchange | None:
    """Return the exchange of a flow; None for one that was refused before it was decided."""
    exchange: Exchange | None = flow.metadata.get(_KEY)
    return exchange


def remember(flow: http.HTTPFlow, exchange: Exchange) -> None:
    """Keep the exchange with its flow."""
    flow.metadata[_KEY] = exchange
