"""Decide where one request goes: pure, and the specification that every engine must meet."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from strangler.policy.model import Decision, Side, StickyKind
from strangler.policy.paths import normalise_path
from strangler.policy.sticky import bucket_of, cookie_value, sticky_key, stretch_of
from strangler.policy.trust import REMOVED_FROM_OUTSIDE, client_address, is_trusted

if TYPE_CHECKING:
    from strangler.policy.model import Override, Policy, Request, Route

BAD_REQUEST, NOT_FOUND = 400, 404
METHODS = frozenset((
    "ACL", "BIND", "CHECKOUT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "MERGE",
    "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "MSEARCH", "NOTIFY", "OPTIONS", "PATCH", "POST",
    "PROPFIND", "PROPPATCH", "PURGE", "PUT", "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE",
    "TRACE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
))  # fmt: skip
"""What Envoy's HTTP/1 parser knows; a CONNECT asks for a tunnel, which the proxy is not."""
_HOST = re.compile(r"[A-Za-z0-9\-._~!$%&'()*+;=:@\[\]]*")


def decide(policy: Policy, request: Request) -> Decision:
    """Return where `request` goes under `policy`, and why.

    An override wins over the split; a route whose whole split is one stretch asks for no key.
    Never raises for any request: what the proxy refuses is a decision with status 400 or 404.
    """
    path = normalise_path(request.target)
    if path is None or request.method not in METHODS or not _headers_are_acceptable(request):
        # OPTIONS * asks about the server as a whole, which no route answers.
        asks_server = request.method == "OPTIONS" and request.target.startswith("*")
        status = NOT_FOUND if asks_server else BAD_REQUEST
        return Decision(status, "", "", Side.CONTROL, "refused")
    route = policy.matcher.find(path, request.method)
    if route is None:
        return Decision(0, "", policy.default_upstream, Side.CONTROL, "default")
    if len(route.split) > 1 or route.overrides:
        request = _as_heeded(policy, request)
    for override in route.overrides:
        if _applies(override, request, policy):
            fallbacks = route.fallbacks_of(override.upstream, override.side)
            return Decision(
                0, route.name, override.upstream, override.side, "override", fallbacks,
                route.shadow_pct,
            )  # fmt: skip
    if len(route.split) == 1:
        only = route.split[0]
        return Decision(
            0, route.name, only.upstream, only.side, "stage", only.fallbacks, route.shadow_pct
        )
    return _by_share(policy, route, request)


def _by_share(policy: Policy, route: Route, request: Request) -> Decision:
    anonymous = cookie_value(request.headers, policy.proxy.anonymous_cookie)
    client = client_address(policy, request)
    key = sticky_key(route.sticky, request.headers, client, anonymous or request.fresh_id)
    stretch = stretch_of(route, bucket_of(route.salt, key or ""))
    is_fresh = not anonymous and route.sticky[-1].kind is StickyKind.ANONYMOUS
    hand_out = is_fresh and key == request.fresh_id
    return Decision(
        0, route.name, stretch.upstream, stretch.side, "share", stretch.fallbacks,
        route.shadow_pct, key, request.fresh_id if hand_out else "",
    )  # fmt: skip


def _headers_are_acceptable(request: Request) -> bool:
    hosts = 0
    for name, value in request.headers:
        if name == "host":
            hosts += 1
            if not _HOST.fullmatch(value):
                return False
        elif "_" in name:
            return False
    return hosts < 2  # noqa: PLR2004 - a request has one host


def _as_heeded(policy: Policy, request: Request) -> Request:
    """Return the request without the headers that are removed when it comes from outside."""
    removed = (*policy.proxy.internal_headers, *REMOVED_FROM_OUTSIDE)
    if not any(name in removed for name, _ in request.headers) or is_trusted(policy, request):
        return request
    return replace(request, headers=tuple(h for h in request.headers if h[0] not in removed))


def _applies(override: Override, request: Request, policy: Policy) -> bool:
    if override.cookie:
        return cookie_value(request.headers, override.cookie) == override.value
    if (override.header, override.value) not in request.headers:
        return False  # of several values one is enough, as with Envoy's header matchers
    return not override.trusted or is_trusted(policy, request)
