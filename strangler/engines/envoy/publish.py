"""Make resources live: files replaced by rename, in an order that never leaves a route dangling.

What is added is published before the routes that use it (clusters, endpoints, routes), what is
removed goes after them. A file is in effect once Envoy's statistics name its version.
https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#eventual-consistency-considerations
"""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from strangler.engines.envoy.clusters import endpoints_file
from strangler.engines.envoy.render import Dynamic, discovery_response, kind_file
from strangler.engines.envoy.routes import NAME
from strangler.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.engines.envoy.admin import Admin
    from strangler.engines.envoy.clusters import Resource

CONFIRM_S = 10.0
POLL_S = 0.002

_CLUSTERS = r"^cluster_manager\.cds\."
_ROUTES = rf"^http\.{NAME}\.rds\.{NAME}\."


class Publisher:
    """Owns the files of one Envoy."""

    def __init__(self, directory: Path, admin: Admin) -> None:
        self._directory = directory
        self._admin = admin
        self._live = Dynamic((), (), ())

    def write(self, dynamic: Dynamic) -> None:
        """Write all files, for an Envoy that is about to start or to be put back."""
        for assignment in dynamic.endpoints:
            _replace(self._endpoints_file(assignment), discovery_response((assignment,))[1])
        for kind in ("clusters", "routes"):
            text = discovery_response(getattr(dynamic, kind))[1]
            _replace(kind_file(self._directory, kind), text)
        self._live = dynamic

    def publish(self, dynamic: Dynamic) -> None:
        """Make `dynamic` live and return once it is in effect.

        Raises:
            EngineError: when Envoy refuses it or does not take it up in time; then the files of
                before are put back.
        """
        live = self._live
        both = _union(dynamic.clusters, live.clusters)
        try:
            self._add_endpoints(live, dynamic)
            self._replace_clusters(live.clusters, both)
            self._change_endpoints(live, dynamic)
            self._replace_routes(live.routes, dynamic.routes)
            self._replace_clusters(both, dynamic.clusters)
        except EngineError:
            self.write(live)
            raise
        for gone in _names(live.endpoints) - _names(dynamic.endpoints):
            shutil.rmtree(endpoints_file(self._directory / "endpoints", gone).parent)
        self._live = dynamic

    def _add_endpoints(self, live: Dynamic, dynamic: Dynamic) -> None:
        """Write the files of upstreams whose cluster Envoy does not know yet."""
        known = _names(live.endpoints)
        for assignment in dynamic.endpoints:
            if assignment["cluster_name"] not in known:
                _replace(self._endpoints_file(assignment), discovery_response((assignment,))[1])

    def _change_endpoints(self, live: Dynamic, dynamic: Dynamic) -> None:
        before = {assignment["cluster_name"]: assignment for assignment in live.endpoints}
        for assignment in dynamic.endpoints:
            name = assignment["cluster_name"]
            if name in before and before[name] != assignment:
                file, prefix = self._endpoints_file(assignment), rf"^cluster\.{name}\."
                self._replace_and_wait(file, (assignment,), prefix)

    def _replace_clusters(self, before: tuple[Resource, ...], after: tuple[Resource, ...]) -> None:
        if before != after:
            self._replace_and_wait(kind_file(self._directory, "clusters"), after, _CLUSTERS)

    def _replace_routes(self, before: tuple[Resource, ...], after: tuple[Resource, ...]) -> None:
        if before != after:
            self._replace_and_wait(kind_file(self._directory, "routes"), after, _ROUTES)

    def _replace_and_wait(self, file: Path, resources: tuple[Resource, ...], prefix: str) -> None:
        version, text = discovery_response(resources)
        pattern = prefix + "(version_text|update_rejected|update_failure)$"
        rejected = _rejections(self._admin.stats(pattern))
        _replace(file, text)
        deadline = time.monotonic() + CONFIRM_S
        while True:
            stats = self._admin.stats(pattern)
            if version in stats.values():
                return
            if _rejections(stats) > rejected:
                raise EngineError(f"Envoy refused the {file.stem} of this policy; its log says why")
            if time.monotonic() > deadline:
                raise EngineError(f"Envoy did not take up new {file.stem} within {CONFIRM_S:g} s")
            time.sleep(POLL_S)

    def _endpoints_file(self, assignment: Resource) -> Path:
        return endpoints_file(self._directory / "endpoints", assignment["cluster_name"])


def _rejections(stats: dict[str, str]) -> int:
    return sum(int(value) for name, value in stats.items() if not name.endswith("version_text"))


def _names(assignments: tuple[Resource, ...]) -> set[str]:
    return {assignment["cluster_name"] for assignment in assignments}


def _union(first: tuple[Resource, ...], second: tuple[Resource, ...]) -> tuple[Resource, ...]:
    names = {cluster["name"] for cluster in first}
    return first + tuple(cluster for cluster in second if cluster["name"] not in names)


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
