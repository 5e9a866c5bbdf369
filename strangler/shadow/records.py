"""A redacted verdict as the text of one row, and back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from strangler.shadow.bodies.json_body import dump_json
from strangler.shadow.observation import (
    Difference,
    Exchange,
    Ignored,
    Observation,
    Pair,
    Side,
    Verdict,
)


def dump_verdict(verdict: Verdict) -> str:
    """Return the row's text. The verdict must have been redacted: its bodies are text then."""
    pair = verdict.pair
    exchange = {name: getattr(pair.exchange, name) for name in Exchange.__dataclass_fields__}
    return dump_json(
        {
            "exchange": exchange | {"body": pair.exchange.body.decode(errors="replace")},
            "control": _observation(pair.control),
            "candidate": _observation(pair.candidate),
            "differences": [_difference(found) for found in verdict.differences],
            "ignored": [[_difference(item.difference), item.reason] for item in verdict.ignored],
        }
    )


def load_verdict(text: str) -> Verdict:
    """Return the verdict of a row's text."""
    content = json.loads(text, parse_float=Decimal)
    raw = content["exchange"]
    exchange = Exchange(
        **raw | {
            "headers": _headers(raw["headers"]),
            "body": raw["body"].encode(),
            "received_at": float(raw["received_at"]),
        }
    )  # fmt: skip
    return Verdict(
        Pair(
            exchange,
            _load_observation(Side.CONTROL, content["control"]),
            _load_observation(Side.CANDIDATE, content["candidate"]),
        ),
        tuple(Difference(*found) for found in content["differences"]),
        tuple(Ignored(Difference(*found), reason) for found, reason in content["ignored"]),
    )


def _observation(observation: Observation) -> dict[str, Any]:
    return {
        "status": observation.status,
        "headers": observation.headers,
        "body": observation.body.decode(errors="replace"),
        "latency_ms": round(observation.latency_ms, 2),
        "error": observation.error,
    }


def _load_observation(side: Side, raw: dict[str, Any]) -> Observation:
    return Observation(
        side,
        raw["status"],
        _headers(raw["headers"]),
        raw["body"].encode(),
        float(raw["latency_ms"]),
        raw["error"],
    )


def _difference(difference: Difference) -> list[object]:
    return [difference.path, difference.kind, difference.control, difference.candidate]


def _headers(raw: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in raw)
