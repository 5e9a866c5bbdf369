"""The command line that repeats a request."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strangler.shadow.observation import Exchange

LEFT_OUT = frozenset(
    ("host", "content-length", "connection", "transfer-encoding", "accept-encoding", "te")
)
LEFT_OUT_PREFIXES = (":", "x-envoy-", "x-strangler-", "x-forwarded-", "x-request-id")


def curl_line(exchange: Exchange, base_url: str = "") -> str:
    """Return a line that is safe to paste into a POSIX shell.

    `base_url` is `scheme://host[:port]`; empty takes the Host of the request. Redact the exchange
    first: what is in it is in the line. A body that is not text is named, not sent.
    """
    origin = base_url.rstrip("/") or f"http://{exchange.host or 'localhost'}"
    words = ["curl", "--compressed", "-sS"]
    if exchange.method == "HEAD":
        words.append("--head")
    elif exchange.method != ("POST" if exchange.body else "GET"):
        words += ["-X", exchange.method]
    if base_url and exchange.host:
        words += ["-H", f"Host: {exchange.host}"]
    for name, value in exchange.headers:
        if name not in LEFT_OUT and not name.startswith(LEFT_OUT_PREFIXES):
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if exchange.body:
        try:
            words += ["--data-raw", exchange.body.decode()]
        except UnicodeDecodeError:
            words += ["--data-binary", "@body.bin"]
    words.append(origin + exchange.target)
    return " ".join(shlex.quote(word) for word in words)
