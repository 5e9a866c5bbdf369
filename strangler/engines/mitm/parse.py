"""What mitmproxy received, as the policy's `Request`: pure.

Bytes become text as UTF-8 with surrogate escapes, so that every byte survives and hashes as
Envoy hashes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.policy import Request

if TYPE_CHECKING:
    from mitmproxy import http


def request_of(flow: http.HTTPFlow, fresh_id: str) -> Request:
    """Return the request of a flow as `decide` reads it.

    HTTP/2 names the host in `:authority` only; it is given as a host header, as HTTP/1.1 has it.
    """
    message = flow.request
    headers = tuple(
        (text_of(name).lower(), text_of(value)) for name, value in message.headers.fields
    )
    if message.data.authority and not any(name == "host" for name, _ in headers):
        headers = (("host", text_of(message.data.authority)), *headers)
    return Request(
        method=text_of(message.data.method),
        target=text_of(message.data.path),
        headers=headers,
        peer=flow.client_conn.peername[0],
        fresh_id=fresh_id,
    )


def is_well_formed(request: Request) -> bool:
    """Return whether the header values are on one line and hold no control character but a tab.

    mitmproxy lets folded lines and control characters through; RFC 9112 section 5.2 has a
    server refuse them.
    """
    return not any(
        (character < " " and character != "\t") or character == "\x7f"
        for _, value in request.headers
        for character in value
    )


def text_of(raw: bytes) -> str:
    """Return raw bytes as text from which `bytes_of` returns the very same bytes."""
    return raw.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """Return the raw bytes of `text_of`."""
    return text.encode("utf-8", "surrogateescape")
