"""A policy as everything Envoy reads: three files and a bootstrap, or one bootstrap with all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strangler.engines.envoy.bootstrap import render_bootstrap
from strangler.engines.envoy.clusters import (
    Resource,
    config_source,
    render_clusters,
    render_endpoints,
)
from strangler.engines.envoy.routes import NAME, render_routes
from strangler.engines.envoy.shadow import shadow_cluster

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.engines import ShadowCapture
    from strangler.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Dynamic:
    """The resources that change while Envoy runs; each upstream's endpoints are a file."""

    clusters: tuple[Resource, ...]
    endpoints: tuple[Resource, ...]
    routes: tuple[Resource, ...]


def render_dynamic(policy: Policy, directory: Path, *, captures: bool) -> Dynamic:
    """Return the resources of a policy; `directory` holds a folder for each file.

    `captures` says that the listener has the comparator's filter.
    """
    return Dynamic(
        clusters=tuple(render_clusters(policy, directory / "endpoints")),
        endpoints=tuple(render_endpoints(policy)),
        routes=(render_routes(policy, captures=captures),),
    )


def render_live(
    policy: Policy, directory: Path, admin: Path, shadow: ShadowCapture | None
) -> Resource:
    """Return the bootstrap of a supervised Envoy, which reads the files of `directory`."""
    source = config_source(kind_file(directory, "routes"))
    return render_bootstrap(
        policy,
        admin=admin,
        clusters=kind_file(directory, "clusters"),
        static=[shadow_cluster(shadow.socket)] if shadow else [],
        captures=shadow is not None,
        routes={"rds": {"route_config_name": NAME, "config_source": source}},
    )


def render_standalone(policy: Policy) -> Resource:
    """Return one bootstrap that holds the whole policy, for a fleet or for validation."""
    return render_bootstrap(
        policy,
        admin=None,
        clusters=None,
        static=[_untyped(cluster) for cluster in render_clusters(policy, None)],
        routes={"route_config": _untyped(render_routes(policy, captures=False))},
        captures=False,
    )


def kind_file(directory: Path, kind: str) -> Path:
    """Return the file of clusters or routes: one folder each, so a rename wakes only its reader."""
    return directory / kind / f"{kind}.json"


def discovery_response(resources: tuple[Resource, ...]) -> tuple[str, str]:
    """Return a file's version and text; equal resources have equal versions."""
    text = json.dumps(resources, separators=(",", ":"))
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    return version, f'{{"version_info":"{version}","resources":{text}}}'


def _untyped(resource: Resource) -> Resource:
    return {key: value for key, value in resource.items() if key != "@type"}
