"""The response headers a client acts on, each as what it means.

Others (Date, Server, Content-Length, tracing) say nothing about the answer and are left out. A
list whose order has no meaning is sorted; a cookie is its name and attributes, never its value.
https://www.rfc-editor.org/rfc/rfc9110 and https://www.rfc-editor.org/rfc/rfc6265
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.shadow.observation import Headers


def meaningful_headers(headers: Headers) -> dict[str, str]:
    """Return name -> meaning for the headers that are compared; cookies as `set-cookie.NAME`."""
    found: dict[str, list[str]] = {}
    meanings: dict[str, str] = {}
    for raw_name, value in headers:
        name = raw_name.lower()
        if name == "set-cookie":
            cookie, attributes = _cookie(value)
            meanings[f"set-cookie.{cookie}"] = attributes
        elif name in _READERS:
            found.setdefault(name, []).append(value)
    for name, values in found.items():
        meanings[name] = _READERS[name](", ".join(values))
    return meanings


def _as_sent(value: str) -> str:
    return value.strip()


def _unordered(value: str) -> str:
    return ", ".join(sorted({item.strip().lower() for item in value.split(",") if item.strip()}))


def _content_type(value: str) -> str:
    kind, *parameters = (part.strip() for part in value.split(";"))
    cleaned = sorted(p.lower().replace('"', "").replace(" ", "") for p in parameters if p)
    return "; ".join([kind.lower(), *cleaned])


def _cookie(value: str) -> tuple[str, str]:
    pair, *attributes = (part.strip() for part in value.split(";"))
    kept = []
    for attribute in attributes:
        name, _, setting = attribute.partition("=")
        is_a_date = name.lower() == "expires"
        kept.append(name.lower() if is_a_date or not setting else f"{name.lower()}={setting}")
    return pair.partition("=")[0].strip(), "; ".join(sorted(kept)) or "session cookie"


_READERS: dict[str, Callable[[str], str]] = {
    "access-control-allow-methods": _unordered,
    "access-control-allow-origin": _as_sent,
    "allow": _unordered,
    "cache-control": _unordered,
    "content-disposition": _as_sent,
    "content-language": _as_sent,
    "content-type": _content_type,
    "deprecation": _as_sent,
    "etag": _as_sent,
    "link": _as_sent,
    "location": _as_sent,
    "retry-after": _as_sent,
    "vary": _unordered,
    "www-authenticate": _as_sent,
}
