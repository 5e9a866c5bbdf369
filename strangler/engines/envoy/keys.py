"""The sticky key in Envoy's terms: one entry for each source, met when the request carries it.

Envoy combines hash policies by rotating and xor: the route's salt goes first, as the hash of a
header that every request has, rewritten to the salt. `strangler.policy.sticky` computes the same.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-hashpolicy
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from strangler.engines.envoy.names import REQUEST_ID_HEADER
from strangler.policy.model import StickyKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.engines.envoy.clusters import Resource
    from strangler.policy.model import Policy, Route

NOT_EMPTY = {"safe_regex": {"regex": ".+"}}
YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """What a request must carry, what is hashed, and the cookie that is handed out."""

    match: Resource = field(default_factory=dict)
    hash_policy: tuple[Resource, ...] = ()
    response_headers: tuple[Resource, ...] = ()


def key_entries(policy: Policy, route: Route) -> Iterator[KeyEntry]:
    """Yield the entries for a route's sticky sources, in order; the last one always matches."""
    salt = _constant(route.salt)
    for source in route.sticky:
        if source.kind is StickyKind.COOKIE:
            yield KeyEntry(_has_cookie(source.name), (salt, _cookie(source.name)))
        elif source.kind is StickyKind.HEADER:
            match = {"headers": [{"name": source.name, "string_match": NOT_EMPTY}]}
            yield KeyEntry(match, (salt, _header(source.name)))
        elif source.kind is StickyKind.CLIENT:
            yield KeyEntry({}, (salt, {"connection_properties": {"source_ip": True}}))
            return
        else:
            name = policy.proxy.anonymous_cookie
            yield KeyEntry(_has_cookie(name), (salt, _cookie(name)))
            fresh = _header(REQUEST_ID_HEADER)
            yield KeyEntry({}, (salt, fresh), (_hand_out(name),))
            return
    yield KeyEntry({}, (salt, _constant("")))


def _has_cookie(name: str) -> Resource:
    return {"cookies": [{"name": name, "string_match": NOT_EMPTY}]}


def _cookie(name: str) -> Resource:
    return {"cookie": {"name": name}}


def _header(name: str) -> Resource:
    return {"header": {"header_name": name}}


def _constant(text: str) -> Resource:
    rewrite = {"pattern": {"regex": "^.*$"}, "substitution": text.replace("\\", "\\\\")}
    return {"header": {"header_name": ":scheme", "regex_rewrite": rewrite}}


def _hand_out(name: str) -> Resource:
    """Return the response header that gives a client the very id this request was decided by.

    Secure is left to a TLS terminator in front: over plain HTTP browsers would drop the cookie.
    """
    value = f"{name}=%REQ({REQUEST_ID_HEADER})%; Path=/; Max-Age={YEAR_S}; HttpOnly; SameSite=Lax"
    header = {"key": "set-cookie", "value": value}
    return {"header": header, "append_action": "APPEND_IF_EXISTS_OR_ADD"}
