"""The sticky key of a request and the bucket it falls into.

The same key on the same route always falls into the same bucket, and a stretch of buckets only
grows at its end, so raising a share never moves anybody back. Engines compute the very same
number: xxh64 with seed 0, as Envoy does for `weighted_clusters.use_hash_policy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import xxhash

from strangler.policy.model import TOTAL_WEIGHT, StickyKind

if TYPE_CHECKING:
    from strangler.policy.model import Route, StickyKey, WeightedUpstream

Headers = tuple[tuple[str, str], ...]


def bucket_of(salt: str, key: str) -> int:
    """Return the bucket, 0 to `TOTAL_WEIGHT` - 1, of a key under a route's salt."""
    return xxhash.xxh64_intdigest(f"{salt}:{key}".encode("utf-8", "surrogateescape")) % TOTAL_WEIGHT


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
            value = header_value(headers, source.name)
        else:
            value = client if source.kind is StickyKind.CLIENT else anonymous
        if value:
            return value
    return None


def header_value(headers: Headers, name: str) -> str:
    """Return a header's value, several joined by commas as proxies do; empty when absent."""
    values = [value for header, value in headers if header == name]
    return values[0] if len(values) == 1 else ",".join(values)


def cookie_value(headers: Headers, name: str) -> str:
    """Return the first cookie called `name` without its quotes; empty when absent."""
    for header, line in headers:
        if header != "cookie" or name not in line:
            continue
        for pair in line.split(";"):
            cookie, separator, value = pair.strip(" \t").partition("=")
            if separator and cookie == name:
                quoted = len(value) > 1 and value[0] == value[-1] == '"'
                return value[1:-1] if quoted else value
    return ""
