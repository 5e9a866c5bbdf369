"""Upstreams as Envoy clusters: health, ejection, limits and the order of fallback are Envoy's own.

One cluster for each upstream, and one aggregate cluster for each chain, whose priorities are the
chain's upstreams in order.
https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/aggregate_cluster
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from strangler.engines.envoy.plan import chains

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.engines.envoy.plan import Chain
    from strangler.policy.model import Address, HealthCheck, Outlier, Policy, Upstream

Resource = dict[str, Any]

TYPE = "type.googleapis.com/"
CLUSTER = TYPE + "envoy.config.cluster.v3.Cluster"
ASSIGNMENT = TYPE + "envoy.config.endpoint.v3.ClusterLoadAssignment"


def seconds(value: float) -> str:
    """Return a duration as protobuf's JSON writes it."""
    return f"{value:.3f}s"


def render_clusters(policy: Policy, endpoints: Path | None) -> list[Resource]:
    """Return the clusters of a policy.

    `endpoints` is the folder that endpoints are read from; None puts them into the clusters.
    """
    single = [_upstream(upstream, endpoints) for upstream in policy.upstreams.values()]
    return single + [_aggregate(chain, policy) for chain in chains(policy).values()]


def render_endpoints(policy: Policy) -> list[Resource]:
    """Return the endpoints of every upstream whose endpoints are read from the file."""
    return [
        {"@type": ASSIGNMENT, **_assignment(upstream)}
        for upstream in policy.upstreams.values()
        if not _needs_dns(upstream)
    ]


def _upstream(upstream: Upstream, endpoints: Path | None) -> Resource:
    cluster: Resource = {
        "@type": CLUSTER,
        "name": upstream.name,
        "connect_timeout": seconds(upstream.connect_timeout_s),
        "lb_policy": "ROUND_ROBIN",
        # An upstream that is wholly unhealthy is only asked when no other could be: then trying
        # is better than refusing.
        "common_lb_config": {"healthy_panic_threshold": {"value": 1}},
        "ignore_health_on_host_removal": True,
        "circuit_breakers": {"thresholds": [_limits(upstream)]},
        "typed_extension_protocol_options": _protocol(upstream),
    }
    if _needs_dns(upstream):
        cluster |= {"type": "STRICT_DNS", "dns_refresh_rate": "5s"}
        cluster["load_assignment"] = _assignment(upstream)
    elif endpoints is None:
        cluster |= {"type": "STATIC", "load_assignment": _assignment(upstream)}
    else:
        cluster |= {
            "type": "EDS",
            "eds_cluster_config": {
                "eds_config": config_source(endpoints_file(endpoints, upstream.name))
            },
        }
    if upstream.health:
        cluster["health_checks"] = [_health(upstream.health)]
    if upstream.outlier:
        cluster["outlier_detection"] = _outlier(upstream.outlier)
    return cluster


def endpoints_file(directory: Path, upstream: str) -> Path:
    """Return the file of one upstream's endpoints; Envoy takes one assignment from each."""
    return directory / upstream / "endpoints.json"


def config_source(file: Path) -> Resource:
    """Return the source for a file that is replaced by rename."""
    return {
        "resource_api_version": "V3",
        "initial_fetch_timeout": "5s",
        "path_config_source": {"path": str(file), "watched_directory": {"path": str(file.parent)}},
    }


def _needs_dns(upstream: Upstream) -> bool:
    return not all(_is_ip(address.host) for address in upstream.instances)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _assignment(upstream: Upstream) -> Resource:
    return {
        "cluster_name": upstream.name,
        "endpoints": [{"lb_endpoints": [_endpoint(upstream, a) for a in upstream.instances]}],
        # Health decides between upstreams only when it is gone altogether; otherwise a part of
        # the traffic would leave while instances that could carry it are healthy.
        "policy": {"overprovisioning_factor": 100_000},
    }


def _endpoint(upstream: Upstream, address: Address) -> Resource:
    endpoint: Resource = {
        "hostname": upstream.name,
        "address": {"socket_address": {"address": address.host, "port_value": address.port}},
    }
    if upstream.health:
        endpoint["health_check_config"] = {"hostname": upstream.health.host or str(address)}
    return {"endpoint": endpoint}


def _limits(upstream: Upstream) -> Resource:
    return {
        "max_connections": upstream.max_connections,
        "max_pending_requests": upstream.max_pending,
        "max_requests": max(upstream.max_connections, upstream.max_pending),
        "max_retries": upstream.max_retries,
    }


def _protocol(upstream: Upstream) -> Resource:
    http = {"http2": "http2_protocol_options", "http1": "http_protocol_options"}[upstream.protocol]
    return {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": TYPE + "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "common_http_protocol_options": {"idle_timeout": seconds(upstream.idle_timeout_s)},
            "explicit_http_config": {http: {}},
        }
    }


def _health(health: HealthCheck) -> Resource:
    return {
        "timeout": seconds(health.timeout_s),
        "interval": seconds(health.interval_s),
        "no_traffic_interval": seconds(health.interval_s),
        "no_traffic_healthy_interval": seconds(health.interval_s),
        "unhealthy_threshold": health.unhealthy_after,
        "healthy_threshold": health.healthy_after,
        "http_health_check": {"path": health.path},
    }


def _outlier(outlier: Outlier) -> Resource:
    return {
        "consecutive_5xx": outlier.consecutive_5xx,
        "interval": "1s",
        "base_ejection_time": seconds(outlier.base_ejection_s),
        "max_ejection_percent": outlier.max_ejection_pct,
        "enforcing_success_rate": 0,
    }


def _aggregate(chain: Chain, policy: Policy) -> Resource:
    members = [policy.upstreams[name] for name in chain.upstreams]
    limits = [_limits(member) for member in members]
    return {
        "@type": CLUSTER,
        "name": chain.cluster,
        "connect_timeout": seconds(max(member.connect_timeout_s for member in members)),
        "lb_policy": "CLUSTER_PROVIDED",
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        # These limits count for requests sent to the chain, whose default of three retries at a
        # time would turn a dead service into errors.
        "circuit_breakers": {"thresholds": [{k: max(x[k] for x in limits) for k in limits[0]}]},
        "cluster_type": {
            "name": "envoy.clusters.aggregate",
            "typed_config": {
                "@type": TYPE + "envoy.extensions.clusters.aggregate.v3.ClusterConfig",
                "clusters": list(chain.upstreams),
            },
        },
    }
