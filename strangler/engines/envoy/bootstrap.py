"""What is fixed while Envoy runs: the listener, its hardening, and the admin socket.

The listener stands in the bootstrap and never changes, since replacing a listener closes its
connections. Everything a policy edit may change comes from the three files.
https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.engines.envoy.clusters import TYPE, Resource, config_source
from strangler.engines.envoy.names import TRY_FILTER
from strangler.engines.envoy.routes import NAME
from strangler.engines.envoy.shadow import shadow_filter

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.policy.model import Policy

ADMIN_PATHS = ("/stats", "/ready", "/clusters", "/drain_listeners", "/healthcheck/fail")


def render_bootstrap(
    policy: Policy,
    *,
    admin: Path | None,
    clusters: Path | None,
    static: list[Resource],
    routes: Resource,
    captures: bool,
) -> Resource:
    """Return the bootstrap.

    `routes` goes into the connection manager: an `rds` source or a whole `route_config`.
    `clusters` is the file of the clusters; None takes them from `static`.
    """
    resources: Resource = {
        "listeners": [_listener(policy, routes, captures=captures)],
        "clusters": static,
    }
    bootstrap: Resource = {
        "node": {"id": "strangler", "cluster": "strangler"},
        "static_resources": resources,
        "layered_runtime": {"layers": [{"name": "static", "static_layer": _runtime()}]},
        "stats_config": {"stats_matcher": {"reject_all": False}},
    }
    if clusters:
        bootstrap["dynamic_resources"] = {"cds_config": config_source(clusters)}
    if admin:
        bootstrap["admin"] = {
            "address": {"pipe": {"path": str(admin), "mode": 0o600}},
            "allow_paths": [{"prefix": path} for path in ADMIN_PATHS],
        }
    return bootstrap


def _runtime() -> Resource:
    return {
        # Without it a comparator that hangs would stall users with large bodies.
        "envoy.reloadable_features.grpc_side_stream_flow_control": False,
    }


def _listener(policy: Policy, routes: Resource, *, captures: bool) -> Resource:
    listen = policy.proxy.listen
    address = {"address": listen.host, "port_value": listen.port}
    return {
        "name": NAME,
        "address": {"socket_address": address},
        "filter_chains": [{"filters": [_manager(policy, routes, captures=captures)]}],
    }


def _manager(policy: Policy, routes: Resource, *, captures: bool) -> Resource:
    proxy = policy.proxy
    nobody = {"address_prefix": "255.255.255.255", "prefix_len": 32}
    ranges = [
        {"address_prefix": str(network.network_address), "prefix_len": network.prefixlen}
        for network in proxy.trusted_networks
    ]
    kind = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    return {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": TYPE + kind,
            "stat_prefix": NAME,
            "codec_type": "AUTO",
            **routes,
            "use_remote_address": True,
            "xff_num_trusted_hops": proxy.trusted_hops,
            "internal_address_config": {"cidr_ranges": ranges or [nobody]},
            "normalize_path": True,
            "merge_slashes": True,
            "path_with_escaped_slashes_action": "REJECT_REQUEST",
            "common_http_protocol_options": {
                "headers_with_underscores_action": "REJECT_REQUEST",
                "idle_timeout": "3600s",
            },
            "http2_protocol_options": {"max_concurrent_streams": 100},
            "request_headers_timeout": "10s",
            "stream_idle_timeout": "300s",
            "server_header_transformation": "PASS_THROUGH",
            "generate_request_id": True,
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            "http_filters": _filters(captures=captures),
        },
    }


def _filters(*, captures: bool) -> list[Resource]:
    http = TYPE + "envoy.extensions.filters.http."
    return [
        {
            "name": TRY_FILTER,
            "disabled": True,
            "typed_config": {"@type": http + "header_mutation.v3.HeaderMutation"},
        },
        *([shadow_filter()] if captures else []),
        {
            "name": "envoy.filters.http.router",
            "typed_config": {"@type": http + "router.v3.Router", "suppress_envoy_headers": True},
        },
    ]
