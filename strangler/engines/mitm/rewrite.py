"""What an upstream gets to see of a request, and a client of a response: pure.

Whatever steers or identifies is removed when it comes from outside, on the very condition on
which `decide` heeds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.policy.paths import normalise_path
from strangler.policy.trust import is_trusted, removed_from_outside

if TYPE_CHECKING:
    from strangler.policy import Policy, Request

Fields = tuple[tuple[bytes, bytes], ...]

ONE_YEAR_S = 365 * 24 * 3600


def steering_headers(policy: Policy) -> frozenset[bytes]:
    """Return the lower-case names of the headers that only trusted clients may send."""
    return frozenset(name.encode() for name in removed_from_outside(policy))


def request_fields(
    policy: Policy, steering: frozenset[bytes], request: Request, fields: Fields
) -> Fields:
    """Return the header fields to send upstream: outsiders' steering removed, client appended.

    `steering` is what `steering_headers` says of the policy. Host is left as it came.
    """
    removed = frozenset((b"x-forwarded-for", b"x-forwarded-proto"))
    forwarded = b", ".join(v for n, v in fields if n.lower() == b"x-forwarded-for" and v)
    proto = b"http"
    if is_trusted(policy, request):
        proto = next((v for n, v in fields if n.lower() == b"x-forwarded-proto"), proto)
    else:
        removed |= steering
    peer = request.peer.encode()
    return (
        *((name, value) for name, value in fields if name.lower() not in removed),
        (b"x-forwarded-for", b", ".join((forwarded, peer)) if forwarded else peer),
        (b"x-forwarded-proto", proto),
    )


def forwarded_target(request: Request) -> str:
    """Return the request target to send upstream: the path as matched, the query as it came."""
    path = normalise_path(request.target) or request.target
    _, mark, query = request.target.partition("?")
    return path + mark + query


def anonymous_cookie(policy: Policy, anonymous_id: str) -> str:
    """Return the Set-Cookie value that hands an anonymous id out."""
    name = policy.proxy.anonymous_cookie
    return f"{name}={anonymous_id}; Path=/; Max-Age={ONE_YEAR_S}; HttpOnly; SameSite=Lax"
