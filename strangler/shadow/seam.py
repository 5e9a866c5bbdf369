"""Pairs that a seam's client sends: the operation answered in process, and by the service.

JSON of strangler.client.shadow ─> parse ─> Exchange, control, candidate ─> ShadowService     pure

What is wrong with a pair is told at once, in full; what is in it is not repeated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from strangler.shadow.observation import Exchange, Observation, Side
from strangler.shadow.target import ShadowTarget

JSON_HEADERS = (("content-type", "application/json"),)
_TEXTS = ("service", "operation", "url", "trace_id")
_TEXT_LIMIT = 2000


class SeamPairError(ValueError):
    """Content that is no pair; the message lists every problem."""


@dataclass(frozen=True, slots=True)
class SeamPair:
    """One pair of a seam; `route` is the operation, such as "users.get_user"."""

    exchange: Exchange
    control: Observation
    candidate: Observation

    @property
    def route(self) -> str:
        """What it is counted under."""
        return self.exchange.route


def parse(body: bytes) -> SeamPair:
    """Return the pair in a request's body.

    Raises:
        SeamPairError: when it is no pair.
    """
    try:
        content = json.loads(body)
    except ValueError:
        raise SeamPairError("the body is not JSON") from None
    if not isinstance(content, dict):
        raise SeamPairError("the body must be a JSON object")
    problems = [
        f"`{name}` must be text of at most {_TEXT_LIMIT} characters"
        for name in _TEXTS
        if not isinstance(content.get(name), str) or len(content[name]) > _TEXT_LIMIT
    ]
    if not isinstance(content.get("at"), int | float):
        problems.append("`at` must be seconds since the epoch")
    for side in Side:
        problems += [f"`{side}` {fault}" for fault in _faults(content.get(str(side)))]
    if problems:
        raise SeamPairError("; ".join(problems))
    target = urlsplit(content["url"])
    arguments = json.dumps(content.get("arguments"), separators=(",", ":"))
    exchange = Exchange(
        method="POST",
        target=target.path,
        headers=(("host", target.netloc), *JSON_HEADERS),
        body=arguments.encode(),
        route=f"{content['service']}.{content['operation']}",
        request_id=content["trace_id"],
        received_at=float(content["at"]),
    )
    return SeamPair(exchange, *(_observation(side, content[str(side)]) for side in Side))


def target_of(route: str) -> ShadowTarget:
    """Return what an operation is compared by; both sides are one address as far as rules go."""
    return ShadowTarget(route, "http://in-process", "http://service")


def _faults(side: object) -> list[str]:
    if not isinstance(side, dict):
        return ["must be an object"]
    faults = []
    if not isinstance(side.get("status"), int) or isinstance(side["status"], bool):
        faults.append("must have a whole number `status`")
    if not isinstance(side.get("body"), str):
        faults.append("must have a text `body`")
    if not isinstance(side.get("latency_ms"), int | float):
        faults.append("must have a number `latency_ms`")
    if not isinstance(side.get("error"), str | None):
        faults.append("must have `error`, text or null")
    return faults


def _observation(side: Side, told: dict[str, Any]) -> Observation:
    return Observation(
        side,
        told["status"],
        () if told["error"] else JSON_HEADERS,
        told["body"].encode(),
        float(told["latency_ms"]),
        told["error"],
    )
