"""The path as the proxy sees it after normalisation.

Mirrors what Envoy does with `normalize_path`, `merge_slashes` and
`path_with_escaped_slashes_action: REJECT_REQUEST`, so that `decide` speaks of the path that
engines match on. Envoy canonicalises as browsers do:
https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
"""

from __future__ import annotations

import re

_PLAIN = re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9\-._~!$&'()*+,;=:@]+)*/?")
_ESCAPED_SLASH = re.compile(r"%(?:2f|5c)", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ENCODE = frozenset(b' "<>`{}\x7f') | frozenset(range(0x20)) | frozenset(range(0x80, 0x100))


def normalise_path(target: str) -> str | None:
    """Return the path of a request target, normalised and without its query.

    None means that the proxy refuses the target with 400: it is not absolute, holds an escaped
    slash or backslash, or a fragment.
    """
    path = target.partition("?")[0]
    if path and _PLAIN.fullmatch(path):
        return path
    if not path.startswith("/") or "#" in target or _ESCAPED_SLASH.search(path):
        return None
    path = _ESCAPE.sub(_unescape, path.replace("\\", "/"))
    path = "".join(_escape(character) for character in path)
    return re.sub("/{2,}", "/", _resolve_dots(path))


def _unescape(match: re.Match[str]) -> str:
    byte = int(match[1], 16)
    return chr(byte) if byte in _UNRESERVED else match[0]


def _escape(character: str) -> str:
    encoded = character.encode("utf-8", "surrogateescape")
    if len(encoded) == 1 and encoded[0] not in _ENCODE:
        return character
    return "".join(f"%{byte:02X}" for byte in encoded)


def _resolve_dots(path: str) -> str:
    resolved: list[str] = []
    pieces = path[1:].split("/")
    for position, piece in enumerate(pieces):
        last = position == len(pieces) - 1
        if piece in {".", ".."}:
            if piece == ".." and resolved:
                resolved.pop()
            if last:
                resolved.append("")
        else:
            resolved.append(piece)
    return "/" + "/".join(resolved)
