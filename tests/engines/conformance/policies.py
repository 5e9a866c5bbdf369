"""Policies that between them use every stage, key, override, switch and overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.policy import Policy, parse_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

UPSTREAMS = ("monolith", "products", "products-v2", "orders", "static", "catalogue", "people")

STEERING = (
    "Authorization", "X-Tenant", "X-Side", "X-Beta", "cookie:strangler_user",
    "cookie:strangler_id", "cookie:ab", "cookie:side",
)  # fmt: skip
"""The headers and cookies that the policies below look at."""

_STAGES = """
[routes.list]
path = "/api/products/"
methods = ["GET"]
candidate = "products"
stage = "extracted"
[routes.write]
path = "/api/products/"
methods = ["POST", "PUT"]
candidate = "products-v2"
stage = "retired"
[routes.detail]
path = "/api/products/{id}/"
candidate = "orders"
stage = "extracted"
fallback = false
[routes.new]
path = "/api/products/new/"
candidate = "catalogue"
stage = "extracted"
[routes.reviews]
path = "/api/products/{id}/reviews/{rest...}"
candidate = "people"
stage = "extracted"
[routes.review]
path = "/api/products/{id}/reviews/{number}/"
methods = ["GET", "DELETE"]
candidate = "products"
stage = "extracted"
[routes.orders-shadow]
path = "/api/orders/"
candidate = "orders"
stage = "shadow"
shadow_pct = 0
[routes.orders-monolith]
path = "/api/orders/{id}/"
candidate = "orders"
[routes.static]
path = "/static/{rest...}"
candidate = "static"
stage = "extracted"
[routes.escaped]
path = "/about%20us/"
candidate = "people"
stage = "extracted"
[routes.exact]
path = "/exact"
candidate = "catalogue"
stage = "extracted"
[routes.any-of-two]
path = "/{first}/{second}"
candidate = "people"
stage = "extracted"
[routes.root]
path = "/"
candidate = "catalogue"
stage = "extracted"
"""

_SHARES = """
[routes.user]
path = "/api/products/"
candidate = "products"
stage = "canary"
share_pct = 50
salt = "one"
[routes.same-salt]
path = "/api/products/{id}/"
candidate = "products"
stage = "canary"
share_pct = 50
salt = "one"
[routes.header]
path = "/api/orders/"
candidate = "orders"
stage = "canary"
share_pct = 33.33
sticky = ["header:X-Tenant", "anonymous"]
[routes.cookie]
path = "/api/orders/{id}/"
candidate = "orders"
stage = "canary"
share_pct = 66.67
sticky = ["cookie:ab"]
[routes.client]
path = "/cart/"
candidate = "people"
stage = "canary"
share_pct = 40
sticky = ["client"]
[routes.client-other-salt]
path = "/who/"
candidate = "people"
stage = "canary"
share_pct = 40
sticky = ["client"]
salt = "somewhere"
[routes.several]
path = "/static/{rest...}"
candidate = "static"
stage = "canary"
share_pct = 50
sticky = ["cookie:ab", "header:X-Tenant", "user", "client"]
[routes.header-only]
path = "/exact"
candidate = "catalogue"
stage = "canary"
share_pct = 50
sticky = ["header:X-Tenant"]
fallback = false
[routes.tiny]
path = "/switch/"
candidate = "catalogue"
stage = "canary"
share_pct = 0.01
"""

_SWITCHES = """
[switches.product-versions]
current = "products"
next = "products-v2"
share_pct = 30
[[switches.product-versions.overrides]]
header = "X-Beta"
value = "next"
to = "next"
trusted = false
[[switches.product-versions.overrides]]
cookie = "ab"
value = "beta"
to = "next"
trusted = false
[routes.versions]
path = "/api/products/"
candidate = "product-versions"
stage = "extracted"
[routes.versions-partly]
path = "/api/products/{id}/"
candidate = "product-versions"
stage = "canary"
share_pct = 60
[[routes.versions-partly.overrides]]
header = "X-Side"
value = "control"
to = "control"
[[routes.versions-partly.overrides]]
header = "X-Side"
value = "current"
to = "products"
[routes.versions-not-yet]
path = "/switch/{id}/"
candidate = "product-versions"
stage = "shadow"
shadow_pct = 0
[routes.versions-retired]
path = "/switch/"
candidate = "product-versions"
stage = "retired"
"""

_OVERRIDES = """
[routes.trusted]
path = "/api/products/"
candidate = "products"
[[routes.trusted.overrides]]
header = "X-Side"
value = "candidate"
to = "candidate"
[routes.open]
path = "/api/products/{id}/"
candidate = "products"
stage = "extracted"
[[routes.open.overrides]]
header = "X-Beta"
value = "control"
to = "control"
trusted = false
[[routes.open.overrides]]
cookie = "side"
value = "control"
to = "monolith"
trusted = false
[routes.both]
path = "/api/orders/"
candidate = "orders"
stage = "canary"
share_pct = 50
sticky = ["cookie:strangler_user", "anonymous"]
[[routes.both.overrides]]
cookie = "side"
value = "candidate"
to = "candidate"
trusted = false
[[routes.both.overrides]]
header = "X-Side"
value = "control"
to = "control"
[routes.another-control]
path = "/api/orders/{id}/"
candidate = "orders"
control = "people"
stage = "canary"
share_pct = 25
[[routes.another-control.overrides]]
header = "X-Tenant"
value = "alice"
to = "people"
trusted = false
"""

_NOBODY_TRUSTED = "trusted_networks = []\n"
_ONE_HOP = "trusted_hops = 1\n"
_OTHER_NAMES = 'anonymous_cookie = "ab"\nuser_cookie = "side"\ninternal_headers = ["X-Tenant"]\n'

POLICIES: dict[str, tuple[str, str]] = {
    "stages": ("", _STAGES),
    "shares": ("", _SHARES),
    "shares-behind-a-proxy": (_ONE_HOP, _SHARES),
    "shares-other-names": (_OTHER_NAMES, _SHARES),
    "switches": ("", _SWITCHES),
    "overrides": ("", _OVERRIDES),
    "overrides-nobody-trusted": (_NOBODY_TRUSTED, _OVERRIDES + _SWITCHES.replace("/api/", "/v9/")),
    "no-routes": ("", ""),
}


def conformance_policy(name: str, listen: str, addresses: Mapping[str, str]) -> Policy:
    """Return a policy whose upstreams are the backends at `addresses`."""
    proxy, rest = POLICIES[name]
    upstreams = "".join(
        f'[upstreams.{name}]\ninstances = ["{address}"]\n' for name, address in addresses.items()
    )
    return parse_policy(f'[proxy]\nlisten = "{listen}"\n{proxy}{upstreams}{rest}')
