"""The sticky key of a request and the bucket it falls into.

The same key on the same route always falls into the same bucket, and a stretch of buckets only
grows at its end, so raising a share never moves anybody back. The number is the one Envoy
computes for `weighted_clusters.use_hash_policy`: the xxh64 of the salt, rotated by one bit, xor
the xxh64 of the key.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-hashpolicy
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import xxhash

from strangler.policy.model import TOTAL_WEIGHT, StickyKind

if TYPE_CHECKING:
    from strangler.policy.model import Route, StickyKey, WeightedUpstream

Headers = tuple[tuple[str, str], ...]

_64_BITS = (1 << 64) - 1
_JOINED_HEADERS = frozenset((
    "accept", "accept-encoding", "access-control-request-headers", "access-control-request-method",
    "authorization", "cache-control", "cdn-loop", "content-encoding", "content-type", "expect",
    "grpc-timeout", "if-match", "if-modified-since", "if-none-match", "if-range",
    "if-unmodified-since", "origin", "pragma", "referer", "user-agent", "via", "x-forwarded-for",
    "x-forwarded-host", "x-forwarded-port", "x-request-id",
))  # fmt: skip
"""Headers that Envoy makes one of when they come several times; others stay apart."""


def bucket_of(salt: str, key: str) -> int:
    """Return the bucket, 0 to `TOTAL_WEIGHT` - 1, of a key under a route's salt.

    A key of several lines is that of a header which came several times: each line's hash seeds
    the next.
    """
    hashed = 0
    for line in key.encode("utf-8", "surrogateescape").split(b"\n"):
        hashed = xxhash.xxh64_intdigest(line, hashed)
    return (_salt_hash(salt) ^ hashed) % TOTAL_WEIGHT


@lru_cache(maxsize=4096)
def _salt_hash(salt: str) -> int:
    hashed = xxhash.xxh64_intdigest(salt.encode())
    return (hashed << 1 | hashed >> 63) & _64_BITS


def stretch_of(route: Route, bucket: int) -> WeightedUpstream:
    """Return the stretch of the route's split that holds `bucket`."""
    for stretch in route.split:
        if bucket < stretch.weight:
            return stretch
        bucket -= stretch.weight
    raise AssertionError(f"the weights of route {route.name} do not add up to {TOTAL_WEIGHT}")


def sticky_key(
    sources: tuple[StickyKey, ...], headers: Headers, client: str, anonymous: str
) -> str | None:
    """Return the first key that the request carries, or None.

    `sources` are tried in order; an absent or empty header or cookie is passed over.
    `anonymous` is the id of the anonymous cookie, the fresh one where the client has none.
    """
    for source in sources:
        if source.kind is StickyKind.COOKIE:
            value = cookie_value(headers, source.name)
        elif source.kind is StickyKind.HEADER:
            value = _header_key(headers, source.name)
        else:
            value = client if source.kind is StickyKind.CLIENT else anonymous
        if value:
            return value
    return None


def header_value(headers: Headers, name: str) -> str:
    """Return a header's value, several joined by commas as proxies do; empty when absent."""
    values = [value for header, value in headers if header == name]
    if len(values) == 1:
        return values[0]
    return ",".join(value for value in values if value or name not in _JOINED_HEADERS)


def _header_key(headers: Headers, name: str) -> str:
    """Return a header as a sticky key: one line for each value that stays apart, in byte order."""
    value = header_value(headers, name)
    if not value or name in _JOINED_HEADERS or "," not in value:
        return value
    values = [value for header, value in headers if header == name]
    return "\n".join(sorted(values, key=lambda text: text.encode("utf-8", "surrogateescape")))


def cookie_value(headers: Headers, name: str) -> str:
    """Return the first cookie called `name` without its quotes; empty when absent.

    Blanks are trimmed before the name only, as Envoy does.
    """
    for header, line in headers:
        if header != "cookie" or name not in line:
            continue
        for pair in line.split(";"):
            cookie, separator, value = pair.lstrip(" \t").partition("=")
            if separator and cookie == name:
                quoted = len(value) > 1 and value[0] == value[-1] == '"'
                return value[1:-1] if quoted else value
    return ""
