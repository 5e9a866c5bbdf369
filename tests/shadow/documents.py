"""Observations and documents for the tests of the comparison."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import strategies as st

from strangler.shadow.observation import Exchange, Observation, Pair, Side

JSON_HEADERS = (("content-type", "application/json"),)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.decimals(-1000, 1000, places=2),
    st.text(max_size=8),
)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=25,
)


class _Exact(json.JSONEncoder):
    def default(self, o):
        return float(o) if isinstance(o, Decimal) else super().default(o)


def encode(document: object) -> bytes:
    return json.dumps(document, cls=_Exact).encode()


def observation(
    body: object = b"",
    *,
    side: Side = Side.CONTROL,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = JSON_HEADERS,
    error: str | None = None,
) -> Observation:
    raw = body if isinstance(body, bytes) else encode(body)
    return Observation(side, status, headers, raw, 1.0, error)


def exchange(target: str = "/api/products/1/", **changes: object) -> Exchange:
    values: dict[str, object] = {
        "method": "GET",
        "target": target,
        "headers": (("host", "shop.example"), ("accept", "application/json")),
        "body": b"",
        "route": "product-detail",
        "request_id": "r-1",
        "received_at": 1_700_000_000.0,
    }
    return Exchange(**(values | changes))  # type: ignore[arg-type]


def pair(control: object, candidate: object, again: object = None, **changes: object) -> Pair:
    return Pair(
        exchange(**changes),
        _side(control, Side.CONTROL),
        _side(candidate, Side.CANDIDATE),
        _side(again, Side.CONTROL) if again is not None else None,
    )


def _side(value: object, side: Side) -> Observation:
    return value if isinstance(value, Observation) else observation(value, side=side)
