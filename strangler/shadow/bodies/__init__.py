"""A body as what it says: decoded, parsed by its type, ready to be compared by path.

    content_encoding   gzip, deflate, br, zstd -> bytes
    json_body          numbers exact; every duplicate, NaN or depth problem is named
    html_body          a tree of elements; tokens made for one response are marked
    text and the rest  text by lines, anything else by digest

A body that is not what its headers claim is read as what it is, with the problem named; nothing
here raises.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strangler.shadow.bodies.content_encoding import decode_content
from strangler.shadow.bodies.html_body import parse_html
from strangler.shadow.bodies.json_body import parse_json
from strangler.shadow.observation import header

if TYPE_CHECKING:
    from strangler.shadow.observation import Observation

__all__ = ["Body", "media_type", "read_body"]

TEXT_TYPES = frozenset(
    (
        "application/xml",
        "application/javascript",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    )
)


@dataclass(frozen=True, slots=True)
class Body:
    """What a body says. `form` is json, html, text, binary or empty.

    `problem` is what was wrong with it, such as `invalid JSON`, or empty.
    """

    form: str
    content: object
    problem: str = ""


def media_type(content_type: str) -> str:
    """Return `type/subtype` in lower case, without parameters."""
    return content_type.partition(";")[0].strip().lower()


def read_body(observation: Observation) -> Body:
    """Return what the body of a response says."""
    raw, problem = decode_content(observation.body, header(observation.headers, "content-encoding"))
    if not raw:
        return Body("empty", None, problem)
    if problem:
        return Body("binary", _digest(raw), problem)
    kind = media_type(header(observation.headers, "content-type"))
    if kind.endswith(("/json", "+json")):
        content, problem = parse_json(raw)
        return Body("json", content) if not problem else _as_text(raw, problem)
    if kind in ("text/html", "application/xhtml+xml"):
        tree = parse_html(raw)
        return Body("html", tree) if tree else _as_text(raw, "no HTML in it")
    if not kind or kind.startswith("text/") or kind in TEXT_TYPES or kind.endswith("+xml"):
        return _as_text(raw, "")
    return Body("binary", _digest(raw))


def _as_text(raw: bytes, problem: str) -> Body:
    try:
        lines = raw.decode().splitlines()
    except UnicodeDecodeError:
        return Body("binary", _digest(raw), problem or "not UTF-8")
    return Body("text", lines, problem)


def _digest(raw: bytes) -> str:
    return f"{len(raw)} bytes, sha256 {hashlib.sha256(raw).hexdigest()[:16]}"
