"""What is rendered, as a whole and where it matters."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from strangler.engines.envoy.plan import chains
from strangler.engines.envoy.render import render_dynamic, render_standalone
from strangler.policy import load_policy, parse_policy

HERE = Path(__file__).parent
GOLDEN = HERE / "golden_bootstrap.json"


def test_the_whole_configuration_of_a_small_policy_is_known() -> None:
    """Run with UPDATE_GOLDEN=1 after a change that is meant, and read the difference."""
    text = json.dumps(render_standalone(load_policy(HERE / "golden_policy.toml")), indent=1) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


def test_an_upstream_without_instances_is_in_no_chain() -> None:
    source = (HERE / "golden_policy.toml").read_text()
    assert set(chains(parse_policy(source))) == {"products_monolith", "monolith_products"}
    empty = parse_policy(source.replace('["10.0.0.1:8000", "10.0.0.2:8000"]', "[]"))
    assert chains(empty) == {}
    assert "products" not in json.dumps(
        [entry["route"] for entry in entries(render_standalone(empty))]
    )


def test_every_route_sends_to_a_cluster_that_is_rendered(tmp_path: Path) -> None:
    dynamic = render_dynamic(load_policy(HERE / "golden_policy.toml"), tmp_path, captures=True)
    known = {cluster["name"] for cluster in dynamic.clusters}
    for entry in entries(dynamic.routes[0]):
        route = entry["route"]
        weighted = route.get("weighted_clusters", {}).get("clusters", [])
        assert {route["cluster"]} if "cluster" in route else {c["name"] for c in weighted} <= known


def test_a_name_for_a_host_is_resolved_by_envoy() -> None:
    source = (HERE / "golden_policy.toml").read_text().replace("127.0.0.1:8000", "shop.local:80")
    clusters = render_standalone(parse_policy(source))["static_resources"]["clusters"]
    assert {c["name"]: c.get("type") for c in clusters}["monolith"] == "STRICT_DNS"


def entries(content: Any) -> list[dict[str, Any]]:
    """Return every route entry that forwards, wherever it stands."""
    if isinstance(content, list):
        return [entry for item in content for entry in entries(item)]
    if not isinstance(content, dict):
        return []
    found = [content] if "match" in content and "route" in content else []
    return found + [entry for item in content.values() for entry in entries(item)]
