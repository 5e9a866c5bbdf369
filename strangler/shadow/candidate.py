"""One request sent again: to the candidate, and to the control for its noise.

The request keeps its Host, so that neither side takes it for another site's, and says by
`X-Strangler-Shadow` that nobody waits for the answer.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx

from strangler.shadow.observation import Observation, Side

if TYPE_CHECKING:
    from strangler.shadow.observation import Exchange

MIN_TIMEOUT_S = 0.001
SHADOW_HEADER = "x-strangler-shadow"
HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
     "upgrade", "content-length", "expect", SHADOW_HEADER)
)  # fmt: skip
"""https://www.rfc-editor.org/rfc/rfc9110#name-connection; the length is httpx's to write."""


_BROKEN_OFF = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


class Caller:
    """Sends requests that may be repeated, over kept connections. Safe for threads."""

    def __init__(self, *, max_connections: int, max_body_bytes: int) -> None:
        self._max_body_bytes = max_body_bytes
        self._client = httpx.Client(
            limits=httpx.Limits(max_connections=max_connections),
            follow_redirects=False,
            trust_env=False,
        )

    def call(self, exchange: Exchange, base_url: str, side: Side, timeout_s: float) -> Observation:
        """Send a request to one side and return its outcome; a failure is an outcome too.

        `timeout_s` bounds the call as a whole, a body that drips included.
        """
        began = time.perf_counter()
        deadline = began + timeout_s
        try:
            try:
                return self._send(exchange, base_url, side, began, deadline)
            except _BROKEN_OFF:  # a kept connection may have been closed meanwhile: a fresh one
                began = time.perf_counter()
                return self._send(exchange, base_url, side, began, deadline)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, TimeoutError) as error:
            reason = str(error) or "no more is known"
            return Observation(
                side, 0, (), b"", _ms_since(began), f"{type(error).__name__}: {reason}"
            )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _send(
        self, exchange: Exchange, base_url: str, side: Side, began: float, deadline: float
    ) -> Observation:
        base = httpx.URL(base_url)
        request = httpx.Request(
            exchange.method,
            base.copy_with(raw_path=_wire(exchange.target)),
            headers=[
                (_wire(name), _wire(value))
                for name, value in (*_end_to_end(exchange), (SHADOW_HEADER, str(side)))
            ],
            content=exchange.body or None,
            extensions={"timeout": httpx.Timeout(max(deadline - began, MIN_TIMEOUT_S)).as_dict()},
        )
        response = self._client.send(request, stream=True)
        try:
            latency_ms = _ms_since(began)
            body = bytearray()
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > self._max_body_bytes:
                    raise ValueError(f"a body of more than {self._max_body_bytes} bytes")
                if time.perf_counter() > deadline:
                    raise TimeoutError(f"not done after {deadline - began:g} s")
        finally:
            response.close()
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in response.headers.raw
        )
        return Observation(side, response.status_code, headers, bytes(body), latency_ms)


def _end_to_end(exchange: Exchange) -> list[tuple[str, str]]:
    named = {
        token.strip().lower()
        for name, value in exchange.headers
        if name.lower() == "connection"
        for token in value.split(",")
    }
    left_out = HOP_BY_HOP | named
    return [(name, value) for name, value in exchange.headers if name.lower() not in left_out]


def _wire(text: str) -> bytes:
    """Return the bytes that were on the wire; what no byte can stand for becomes UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode(errors="replace")


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
