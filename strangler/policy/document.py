"""What a `strangler.toml` may say: the shape of the file, with its defaults and limits.

The JSON Schema for editors is made from these models (`make schema`), so a limit is written
once. Meaning across several keys is checked by `validate`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from strangler.policy.model import Stage

Percent = Annotated[float, Field(ge=0, le=100, multiple_of=0.01)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=100)]
CookieName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", max_length=100)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class HealthTable(_Table):
    """An HTTP check of every instance; a failing instance gets no traffic."""

    path: Annotated[str, Field(pattern=r"^/")] = "/healthz"
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:\[\]-]+$")] | None = Field(
        default=None, description="The Host to ask with, one of ALLOWED_HOSTS; else the address."
    )
    interval_s: Seconds = 1.0
    timeout_s: Seconds = 1.0
    unhealthy_after: Annotated[int, Field(ge=1, le=100)] = 2
    healthy_after: Annotated[int, Field(ge=1, le=100)] = 1


class OutlierTable(_Table):
    """When an instance that answers badly is put aside, and for how long."""

    consecutive_5xx: Annotated[int, Field(ge=1, le=1000)] = 5
    base_ejection_s: Seconds = 5.0
    max_ejection_pct: Annotated[int, Field(ge=0, le=100)] = 100


class UpstreamTable(_Table):
    """A named destination: the monolith or a version of a service."""

    instances: list[str] = Field(
        default_factory=list, description='Addresses as "host:port". Others may register.'
    )
    protocol: Literal["http1", "http2"] = "http1"
    connect_timeout_s: Seconds = 1.0
    idle_timeout_s: Seconds = Field(
        default=4.0, description="Keep below the server's own keep-alive, or writes meet a reset."
    )
    max_connections: Annotated[int, Field(ge=1)] = 1024
    max_pending: Annotated[int, Field(ge=1)] = 1024
    max_retries: Annotated[int, Field(ge=1)] = 1024
    health: HealthTable | Literal[False] = Field(
        default=False, description="A table to check instances, or false to trust them."
    )
    outlier: OutlierTable | Literal[False] = Field(
        default_factory=OutlierTable, description="A table of limits, or false for none."
    )


class OverrideTable(_Table):
    """A header or cookie value that forces the side or the version."""

    header: HeaderName | None = None
    cookie: CookieName | None = None
    value: Annotated[str, Field(min_length=1, max_length=200)]
    to: str = Field(description="control, candidate, or the name of an upstream of the route.")
    trusted: bool = Field(
        default=True, description="Heed it only from proxy.trusted_networks; remove it elsewhere."
    )


class SwitchTable(_Table):
    """Two versions of one service under one name: blue/green, rolling, A/B."""

    current: Name
    next: Name
    share_pct: Percent = Field(default=0.0, description="The part of the service's share to next.")
    overrides: list[OverrideTable] = Field(default_factory=list)


class CompareTable(_Table):
    """What the comparison of a route's pairs leaves out or treats as a set."""

    ignore: list[str] = Field(default_factory=list, description="Paths such as body.generated_at.")
    unordered: list[str] = Field(default_factory=list, description="Lists whose order is free.")


class RouteTable(_Table):
    """One endpoint: where it answers today, where it is going, and how far it is."""

    path: str = Field(description="/api/products/{id}/ ; {rest...} ends a path with all the rest.")
    methods: list[str] = Field(
        default_factory=list, description="All when left out. GET brings HEAD along."
    )
    candidate: Name = Field(description="The upstream or switch that the endpoint moves to.")
    control: Name | None = Field(
        default=None, description="Who answers today; proxy.default_upstream when left out."
    )
    stage: Annotated[Stage, Field(strict=False)] = Stage.MONOLITH
    share_pct: Percent = Field(default=0.0, description="The candidate's share in stage canary.")
    sticky: list[str] = Field(
        default_factory=lambda: ["user", "anonymous"],
        description="Tried in order: user, cookie:NAME, header:NAME, client, anonymous.",
    )
    salt: str | None = Field(
        default=None, description="Routes of one salt put a user on the same side together."
    )
    overrides: list[OverrideTable] = Field(default_factory=list)
    shadow_pct: Percent | None = Field(
        default=None, description="The part of requests that is compared; 100 in stage shadow."
    )
    fallback: bool = Field(
        default=True, description="Let the other side answer when the chosen one cannot."
    )
    timeout_s: Seconds = 15.0
    candidate_timeout_s: Seconds = Field(
        default=2.0, description="How long one try of a read may take before the fallback."
    )
    compare: CompareTable = Field(default_factory=CompareTable)


class ProxyTable(_Table):
    """Where the proxy listens and what it believes."""

    listen: str = "127.0.0.1:8080"
    control: str = Field(
        default="127.0.0.1:8081", description="Registry and status API; loopback addresses only."
    )
    state_dir: str = Field(default="var/strangler", description="Relative to this file.")
    default_upstream: Name = Field(
        default="monolith", description="Answers whatever no route matches."
    )
    trusted_networks: list[str] = Field(default_factory=lambda: ["127.0.0.0/8", "::1/128"])
    trusted_hops: Annotated[int, Field(ge=0, le=10)] = Field(
        default=0, description="Proxies of yours in front that append to X-Forwarded-For."
    )
    internal_headers: list[HeaderName] = Field(
        default_factory=lambda: ["X-Internal-User", "X-Internal-Service"],
        description="Removed from requests that come from outside the trusted networks.",
    )
    anonymous_cookie: CookieName = "strangler_id"
    user_cookie: CookieName = "strangler_user"
    max_body_bytes: Annotated[int, Field(ge=1024, le=1 << 30)] = Field(
        default=1 << 20, description="Larger request bodies are streamed and get no second try."
    )
    shadow_max_body_bytes: Annotated[int, Field(ge=1024, le=1 << 26)] = 1 << 20
    registration_ttl_s: Seconds = Field(
        default=10.0, description="An instance that is silent this long has left."
    )


class PolicyDocument(_Table):
    """The whole file."""

    version: Literal[1] = 1
    proxy: ProxyTable = Field(default_factory=ProxyTable)
    upstreams: dict[Name, UpstreamTable]
    switches: dict[Name, SwitchTable] = Field(default_factory=dict)
    routes: dict[Name, RouteTable] = Field(default_factory=dict)
