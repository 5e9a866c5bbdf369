"""Pairs for the comparator: Envoy tells it of requests and responses, and waits for nothing.

The `ext_proc` filter in observability mode copies what passes. It stands in the listener switched
off, and is switched on for the control's side of routes that shadow: only there does the response
belong to the control.
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_proc_filter
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.engines.envoy.clusters import TYPE, Resource
from strangler.engines.envoy.names import SHADOW_CLUSTER, SHADOW_FILTER
from strangler.policy.model import Side

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.engines.envoy.plan import Stretch

_FILTER = TYPE + "envoy.extensions.filters.http.ext_proc.v3."


def shadow_filter() -> Resource:
    """Return the listener's filter, switched off."""
    return {
        "name": SHADOW_FILTER,
        "disabled": True,
        "typed_config": {
            "@type": _FILTER + "ExternalProcessor",
            "grpc_service": {"envoy_grpc": {"cluster_name": SHADOW_CLUSTER}, "timeout": "0.2s"},
            "observability_mode": True,
            "failure_mode_allow": True,
            "message_timeout": "0.2s",
            "request_attributes": ["xds.route_name"],
            "processing_mode": {
                "request_header_mode": "SEND",
                "response_header_mode": "SEND",
                "request_body_mode": "STREAMED",
                "response_body_mode": "STREAMED",
                "request_trailer_mode": "SKIP",
                "response_trailer_mode": "SKIP",
            },
        },
    }


def shadow_cluster(socket: Path) -> Resource:
    """Return the cluster of the comparator, which may be gone at any time."""
    kind = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    endpoint = {"endpoint": {"address": {"pipe": {"path": str(socket)}}}}
    return {
        "name": SHADOW_CLUSTER,
        "type": "STATIC",
        "connect_timeout": "0.2s",
        "load_assignment": {
            "cluster_name": SHADOW_CLUSTER,
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
        "typed_extension_protocol_options": {
            kind: {"@type": TYPE + kind, "explicit_http_config": {"http2_protocol_options": {}}}
        },
    }


def tell_comparator(stretch: Stretch) -> Resource:
    """Return the settings that switch the filter on for a stretch, if it is the control's."""
    if stretch.side is not Side.CONTROL:
        return {}
    return {SHADOW_FILTER: {"@type": _FILTER + "ExtProcPerRoute", "overrides": {}}}


def sampled(pct: float) -> Resource:
    """Return the match of a random part of requests."""
    fraction = {"numerator": round(pct * 100), "denominator": "TEN_THOUSAND"}
    return {"runtime_fraction": {"default_value": fraction}}
