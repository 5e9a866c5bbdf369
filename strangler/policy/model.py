"""The policy as values: what every part that decides, renders or reports reads.

All records are frozen. Times are seconds, shares are percent (0 to 100, two decimals); inside,
a share is a weight of `TOTAL_WEIGHT`. A policy is made by `load.load_policy`, which has checked
everything these records promise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.policy.matching import RouteMatcher
    from strangler.policy.template import PathTemplate

TOTAL_WEIGHT = 10_000
"""The number of buckets a share is taken from; one bucket is 0.01 percent."""

Network = IPv4Network | IPv6Network


class Stage(StrEnum):
    """How far a route has moved."""

    MONOLITH = "monolith"
    SHADOW = "shadow"
    CANARY = "canary"
    EXTRACTED = "extracted"
    RETIRED = "retired"


class Side(StrEnum):
    """Which half of a route answers."""

    CONTROL = "control"
    CANDIDATE = "candidate"


class StickyKind(StrEnum):
    """Where a sticky key comes from."""

    COOKIE = "cookie"
    HEADER = "header"
    CLIENT = "client"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A TCP address; `host` is a name or an IP address without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """An active HTTP check of every instance of an upstream.

    `host` is the Host header to ask with; None for the instance's address.
    """

    path: str
    host: str | None
    interval_s: float
    timeout_s: float
    unhealthy_after: int
    healthy_after: int


@dataclass(frozen=True, slots=True)
class Outlier:
    """When an instance that answers badly is put aside, and for how long."""

    consecutive_5xx: int
    base_ejection_s: float
    max_ejection_pct: int


@dataclass(frozen=True, slots=True)
class Upstream:
    """A named destination with its instances.

    `instances` are those of the file; instances that register are added by `with_instances`.
    """

    name: str
    instances: tuple[Address, ...]
    protocol: str
    connect_timeout_s: float
    idle_timeout_s: float
    max_connections: int
    max_pending: int
    max_retries: int
    health: HealthCheck | None
    outlier: Outlier | None


@dataclass(frozen=True, slots=True)
class StickyKey:
    """One source of the sticky key; `name` is the cookie's or the lower-case header's name."""

    kind: StickyKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """A header or cookie value that forces the upstream.

    `header` is lower case; exactly one of `header` and `cookie` is set. When `trusted` is true
    only clients of the trusted networks are heeded; from others the header is removed.
    """

    header: str
    cookie: str
    value: str
    upstream: str
    side: Side
    trusted: bool


@dataclass(frozen=True, slots=True)
class WeightedUpstream:
    """One stretch of the buckets, with where to go on failure, in order."""

    upstream: str
    side: Side
    weight: int
    fallbacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint on its way out.

    `split` lists the stretches of buckets in bucket order; weights add up to `TOTAL_WEIGHT` and
    none is zero. `methods` is empty for every method. `shadow_pct` is 0 where nothing is
    compared.
    """

    name: str
    template: PathTemplate
    methods: tuple[str, ...]
    stage: Stage
    share_pct: float
    control: str
    candidate: str
    split: tuple[WeightedUpstream, ...]
    sticky: tuple[StickyKey, ...]
    salt: str
    overrides: tuple[Override, ...]
    shadow_pct: float
    fallback: bool
    timeout_s: float
    candidate_timeout_s: float
    ignore: tuple[str, ...]
    unordered: tuple[str, ...]

    def fallbacks_of(self, upstream: str, side: Side) -> tuple[str, ...]:
        """Return the upstreams tried when `upstream` cannot answer, in order."""
        for stretch in self.split:
            if stretch.upstream == upstream:
                return stretch.fallbacks
        return (self.control,) if self.fallback and side is Side.CANDIDATE else ()


@dataclass(frozen=True, slots=True)
class Switch:
    """Two versions of one service side by side under one name."""

    name: str
    current: str
    next: str
    share_pct: float


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy listens and what it believes."""

    listen: Address
    control: Address
    state_dir: Path
    trusted_networks: tuple[Network, ...]
    trusted_hops: int
    internal_headers: tuple[str, ...]
    anonymous_cookie: str
    user_cookie: str
    max_body_bytes: int
    shadow_max_body_bytes: int
    registration_ttl_s: float


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy, checked. `revision` is a digest of its content, for logs and engines."""

    path: Path
    revision: str
    proxy: Proxy
    default_upstream: str
    upstreams: dict[str, Upstream]
    switches: dict[str, Switch]
    routes: tuple[Route, ...]
    matcher: RouteMatcher = field(repr=False, compare=False)

    def route(self, name: str) -> Route:
        """Return the route called `name`; KeyError when there is none."""
        for route in self.routes:
            if route.name == name:
                return route
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Request:
    """What a decision looks at.

    `target` is the raw request target with its query. `headers` holds pairs in the order they
    came, names in lower case, `host` included. `peer` is the address of the connection.
    `fresh_id` is the anonymous id the engine would hand to a client that has none.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    peer: str = "127.0.0.1"
    fresh_id: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a request goes and why.

    `status` is 0 for a request that is forwarded, else the status it is refused with. `route` is
    empty when no route matched. `reason` is one of default, stage, share, override, refused.
    `key` is the sticky key that was hashed; `set_cookie` is the anonymous id to hand out.
    """

    status: int
    route: str
    upstream: str
    side: Side
    reason: str
    fallbacks: tuple[str, ...] = ()
    shadow_pct: float = 0.0
    key: str | None = None
    set_cookie: str = ""
