"""The path as the proxy sees it after normalisation.

Mirrors what Envoy does with `normalize_path`, `merge_slashes` and
`path_with_escaped_slashes_action: REJECT_REQUEST`, so that `decide` speaks of the path that
engines match on. Envoy canonicalises as browsers do:
https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
Each rule below was read off the real binary by the conformance suite.
"""

from __future__ import annotations

import re

_TARGET = re.compile(r"/[!-\"$-~]*")  # printable ASCII without the fragment's #
_PLAIN = re.compile(r"(?:/(?!\.\.?(?:[/;]|$))[A-Za-z0-9\-._~!$&'()*+,;=:@]+)*/?")
_REFUSED = re.compile(r"%(?:2f|5c|00)", re.IGNORECASE)
_DOTS_WITH_PARAMETERS = re.compile(r"/(\.\.?);[^/]*")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
_LONE_PERCENT = "\0"
_NEW_ESCAPE = re.compile(_LONE_PERCENT + r"(?=[0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ENCODED = {character: f"%{character:02X}" for character in b'"<>`{}|^'}


def normalise_path(target: str) -> str | None:
    """Return the path of a request target, normalised and without its query.

    None means that the proxy refuses the target with 400: it is not absolute, is not printable
    ASCII, or holds a fragment or an escaped slash, backslash or NUL.
    """
    if not _TARGET.fullmatch(target):
        return None
    path = target.partition("?")[0]
    if _PLAIN.fullmatch(path):
        return path
    if _REFUSED.search(path):
        return None
    path = _DOTS_WITH_PARAMETERS.sub(r"/\1", path).replace("\\", "/")
    path = _unescape(path).translate(_ENCODED)
    return _merge_slashes(_resolve_dots(path))


def _unescape(path: str) -> str:
    """Decode what needs no escape; a lone % that would come to start one is escaped itself."""
    decoded = _NEW_ESCAPE.sub("%25", _PERCENT.sub(_decode, path))
    return decoded.replace(_LONE_PERCENT, "%")


def _decode(match: re.Match[str]) -> str:
    if match[1] is None:
        return _LONE_PERCENT
    byte = int(match[1], 16)
    return chr(byte) if byte in _UNRESERVED else match[0]


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


def _merge_slashes(path: str) -> str:
    """Make one of several slashes; a path of nothing but several keeps two, as with Envoy."""
    return re.sub("/{2,}", "/", path) if path.strip("/") else path[:2]
