"""Whom to believe: which clients may steer, which headers are theirs alone, who the client is."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from strangler.policy.sticky import header_value

if TYPE_CHECKING:
    from strangler.policy.model import Network, Policy, Request

REMOVED_FROM_OUTSIDE = (
    "x-forwarded-host",
    "x-strangler-identity",
    "x-request-deadline-ms",
    "idempotency-attempt",
)
"""Headers that only a trusted client may send, beside the policy's own `internal_headers`.

The last three are what services tell each other: who acts, how long there still is, how often a
write was sent.
"""


def removed_from_outside(policy: Policy) -> tuple[str, ...]:
    """Return the names, in lower case, of the headers that only trusted clients may send.

    A header that an open override or a sticky key looks at is anybody's to send, unless the
    policy names it internal.
    """
    overrides = [override for route in policy.routes for override in route.overrides]
    anybodys = {override.header for override in overrides if not override.trusted}
    anybodys |= {key.name for route in policy.routes for key in route.sticky}
    steering = {override.header for override in overrides if override.trusted} - anybodys
    internal = (*policy.proxy.internal_headers, *REMOVED_FROM_OUTSIDE)
    return tuple(dict.fromkeys((*internal, *sorted(steering))))


def client_address(policy: Policy, request: Request) -> str:
    """Return the client's address: the peer, or the entry that trusted proxies in front added."""
    if not policy.proxy.trusted_hops:
        return request.peer
    chain = [part.strip() for part in header_value(request.headers, "x-forwarded-for").split(",")]
    hops = policy.proxy.trusted_hops
    try:
        return str(ip_address(chain[-hops]))
    except (IndexError, ValueError):
        return request.peer


def is_trusted(policy: Policy, request: Request) -> bool:
    """Return whether steering headers of this client are heeded.

    A request that was forwarded to us is never trusted: whoever forwarded it may have passed
    on what a stranger wrote. This is Envoy's rule for internal requests:
    https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-envoy-internal
    """
    if any(name == "x-forwarded-for" for name, _ in request.headers):
        return False
    return _in_networks(request.peer, policy.proxy.trusted_networks)


@lru_cache(maxsize=4096)
def _in_networks(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks if network.version == parsed.version)


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is of this machine only, as its text tells."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
