"""Turn a checked document into the policy's records: pure, total on what `check` passed."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

from strangler.policy.matching import RouteMatcher
from strangler.policy.model import (
    TOTAL_WEIGHT,
    Address,
    HealthCheck,
    Outlier,
    Override,
    Policy,
    Proxy,
    Route,
    Side,
    Stage,
    StickyKey,
    StickyKind,
    Switch,
    Upstream,
    WeightedUpstream,
)
from strangler.policy.template import parse_template
from strangler.policy.validate import expand_methods, parse_address, versions_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from strangler.policy.document import OverrideTable, PolicyDocument, RouteTable, UpstreamTable


def build_policy(document: PolicyDocument, *, path: Path, revision: str) -> Policy:
    """Return the policy of a document that `validate.check` found nothing against."""
    routes = tuple(
        sorted(
            (_route(name, table, document) for name, table in document.routes.items()),
            key=lambda route: (route.template.specificity, route.methods, route.name),
        )
    )
    switches = {
        name: Switch(name, table.current, table.next, table.share_pct)
        for name, table in document.switches.items()
    }
    return Policy(
        path=path,
        revision=revision,
        proxy=_proxy(document, path),
        default_upstream=document.proxy.default_upstream,
        upstreams={name: _upstream(name, table) for name, table in document.upstreams.items()},
        switches=switches,
        routes=routes,
        matcher=RouteMatcher(routes),
    )


def with_instances(policy: Policy, joined: Mapping[str, tuple[Address, ...]]) -> Policy:
    """Return the policy with registered instances added to those of the file.

    Upstreams the policy does not name are left out; an address that stands in both counts once.
    """
    upstreams = {
        name: replace(
            upstream, instances=tuple(dict.fromkeys((*upstream.instances, *joined.get(name, ()))))
        )
        for name, upstream in policy.upstreams.items()
    }
    return replace(policy, upstreams=upstreams)


def _proxy(document: PolicyDocument, path: Path) -> Proxy:
    table = document.proxy
    return Proxy(
        listen=parse_address(table.listen),
        control=parse_address(table.control),
        state_dir=(path.parent / table.state_dir).resolve(),
        trusted_networks=tuple(ip_network(text) for text in table.trusted_networks),
        trusted_hops=table.trusted_hops,
        internal_headers=tuple(dict.fromkeys(name.lower() for name in table.internal_headers)),
        anonymous_cookie=table.anonymous_cookie,
        user_cookie=table.user_cookie,
        max_body_bytes=table.max_body_bytes,
        shadow_max_body_bytes=table.shadow_max_body_bytes,
        registration_ttl_s=table.registration_ttl_s,
    )


def _upstream(name: str, table: UpstreamTable) -> Upstream:
    health, outlier = table.health, table.outlier
    return Upstream(
        name=name,
        instances=tuple(parse_address(text) for text in table.instances),
        protocol=table.protocol,
        connect_timeout_s=table.connect_timeout_s,
        idle_timeout_s=table.idle_timeout_s,
        max_connections=table.max_connections,
        max_pending=table.max_pending,
        max_retries=table.max_retries,
        health=HealthCheck(**health.model_dump()) if health else None,
        outlier=Outlier(**outlier.model_dump()) if outlier else None,
    )


def _route(name: str, table: RouteTable, document: PolicyDocument) -> Route:
    control = table.control or document.proxy.default_upstream
    fallback = table.fallback and table.stage is not Stage.RETIRED
    shadow_pct = table.shadow_pct
    if shadow_pct is None:
        shadow_pct = 100.0 if table.stage is Stage.SHADOW else 0.0
    return Route(
        name=name,
        template=parse_template(table.path),
        methods=expand_methods(table.methods),
        stage=table.stage,
        share_pct=table.share_pct,
        control=control,
        candidate=table.candidate,
        split=_split(table, document, control, fallback=fallback),
        sticky=_sticky(table, document),
        salt=table.salt or name,
        overrides=_overrides(table, document, control),
        shadow_pct=shadow_pct if table.stage in {Stage.SHADOW, Stage.CANARY} else 0.0,
        fallback=fallback,
        timeout_s=table.timeout_s,
        candidate_timeout_s=table.candidate_timeout_s,
        ignore=tuple(table.compare.ignore),
        unordered=tuple(table.compare.unordered),
    )


def _split(
    table: RouteTable, document: PolicyDocument, control: str, *, fallback: bool
) -> tuple[WeightedUpstream, ...]:
    """Lay the stretches out so that raising either share only moves buckets forward.

    From bucket 0: the switch's next version, its current version, the control. A larger share of
    the route lengthens the candidate's part; a larger share of the switch moves current to next.
    """
    if table.stage in {Stage.MONOLITH, Stage.SHADOW}:
        return (WeightedUpstream(control, Side.CONTROL, TOTAL_WEIGHT, ()),)
    share = table.share_pct if table.stage is Stage.CANARY else 100.0
    weight = round(share * TOTAL_WEIGHT / 100)
    versions = versions_of(document, table.candidate)
    switch = document.switches.get(table.candidate)
    next_weight = round(weight * switch.share_pct / 100) if switch else weight
    weights = dict(zip(versions, (next_weight, weight - next_weight), strict=False))
    rest = (control,) if fallback else ()
    split = []
    for name, version_weight in weights.items():
        others = tuple(v for v in versions if v != name and weights[v]) if fallback else ()
        split.append(WeightedUpstream(name, Side.CANDIDATE, version_weight, (*others, *rest)))
    # With no weight on it, a side is not trusted to answer for the other.
    behind = tuple(v for v in reversed(versions) if weights[v]) if fallback else ()
    split.append(WeightedUpstream(control, Side.CONTROL, TOTAL_WEIGHT - weight, behind))
    return tuple(stretch for stretch in split if stretch.weight)


def _sticky(table: RouteTable, document: PolicyDocument) -> tuple[StickyKey, ...]:
    keys: list[StickyKey] = []
    for source in table.sticky:
        kind, _, argument = source.partition(":")
        if kind == "user":
            keys.append(StickyKey(StickyKind.COOKIE, document.proxy.user_cookie))
            keys.append(StickyKey(StickyKind.HEADER, "authorization"))
        elif kind == "header":
            keys.append(StickyKey(StickyKind.HEADER, argument.lower()))
        else:
            keys.append(StickyKey(StickyKind(kind), argument))
    return tuple(dict.fromkeys(keys))


def _overrides(table: RouteTable, document: PolicyDocument, control: str) -> tuple[Override, ...]:
    """Return the route's own overrides, then those of its switch.

    A switch chooses between versions of the service, so its overrides only count once the
    service answers users.
    """
    versions = versions_of(document, table.candidate)
    current = versions[-1]
    named = {"control": control, "candidate": current, "next": versions[0], "current": current}
    overrides = [_override(o, named.get(o.to, o.to), control) for o in table.overrides]
    switch = document.switches.get(table.candidate)
    if switch and table.stage in {Stage.CANARY, Stage.EXTRACTED, Stage.RETIRED}:
        overrides += [_override(o, named[o.to], control) for o in switch.overrides]
    return tuple(overrides)


def _override(table: OverrideTable, upstream: str, control: str) -> Override:
    return Override(
        header=(table.header or "").lower(),
        cookie=table.cookie or "",
        value=table.value,
        upstream=upstream,
        side=Side.CONTROL if upstream == control else Side.CANDIDATE,
        trusted=table.trusted and table.header is not None,
    )
