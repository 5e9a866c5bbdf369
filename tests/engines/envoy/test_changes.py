"""Policies change under load, and nobody notices but those who move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from strangler.errors import EngineError
from tests.engines.envoy.client import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engines.envoy.conftest import Running
    from tests.servers.backend import Backend

PATH = "/api/products/7/"


def policy(monolith: Backend, *products: Backend, stage: str = "monolith", **more: object) -> str:
    listed = ", ".join(f'"{backend.address}"' for backend in products)
    route = "\n".join(f"{key} = {value}" for key, value in more.items())
    return f"""
[upstreams.monolith]
instances = ["{monolith.address}"]
[upstreams.products]
instances = [{listed}]
[routes.products]
path = "/api/products/{{id}}/"
candidate = "products"
stage = "{stage}"
{route}
"""


def test_a_route_goes_all_the_way_and_back_without_one_failure(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith, products = backends("monolith"), backends("products")
    proxy = started(policy(monolith, products))
    steps = [("canary", {"share_pct": share}) for share in (1, 10, 50, 90, 10)]
    steps = [("shadow", {}), *steps, ("extracted", {}), ("retired", {}), ("monolith", {})]
    with load(proxy.port, PATH) as seen:
        for stage, more in steps * 2:
            proxy.apply(policy(monolith, products, stage=stage, **more))
            if more:
                seen.wait_for(40)
            else:
                wanted = "monolith" if stage in {"monolith", "shadow"} else "products"
                seen.wait_for_only(wanted, streak=40)
    assert seen.failures == []


def test_instances_come_and_go_without_one_failure(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith, one, two = backends("monolith"), backends("products"), backends("products-2")
    proxy = started(policy(monolith, one, stage="extracted"))
    with load(proxy.port, PATH) as seen:
        for instances in [(one, two), (two,), (), (one,), (), (one, two)] * 2:
            proxy.apply(policy(monolith, *instances, stage="extracted"))
            seen.wait_for(30)
    assert seen.failures == []
    assert set(seen.upstreams) == {"monolith", "products"}


def test_without_an_instance_the_control_answers_even_without_fallback(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith = backends("monolith")
    proxy = started(policy(monolith, stage="extracted", fallback="false"))
    assert proxy.client.get(PATH).upstream == "monolith"


def test_upstreams_come_and_go_with_their_routes(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith, products = backends("monolith"), backends("products")
    with_service = policy(monolith, products, stage="extracted")
    without = f'[upstreams.monolith]\ninstances = ["{monolith.address}"]\n'
    proxy = started(without)
    with load(proxy.port, PATH) as seen:
        for text in [with_service, without] * 3:
            proxy.apply(text)
            seen.wait_for(20)
    assert seen.failures == []
    folder = proxy.state_dir / "envoy" / "endpoints"
    assert sorted(path.name for path in folder.iterdir()) == ["monolith"]


def test_what_stands_in_the_listener_is_refused_and_named(
    backends: Callable[..., Backend], started: Callable[[str], Running]
) -> None:
    monolith, products = backends("monolith"), backends("products")
    proxy = started(policy(monolith, products))
    with pytest.raises(EngineError, match=r"proxy\.trusted_hops cannot change"):
        proxy.apply("trusted_hops = 1\n" + policy(monolith, products, stage="extracted"))
    assert proxy.client.get(PATH).upstream == "monolith"


def test_a_configuration_envoy_refuses_leaves_the_one_before_live(
    backends: Callable[..., Backend],
    started: Callable[[str], Running],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monolith, products = backends("monolith"), backends("products")
    proxy = started(policy(monolith, products))
    broken = '{"match": {"prefix": "/"}, "no_such_field": 1}'
    monkeypatch.setattr(
        "strangler.engines.envoy.render.render_routes",
        lambda *_args, **_more: {
            "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
            "name": "strangler",
            "virtual_hosts": [broken],
        },
    )
    with pytest.raises(EngineError, match="Envoy refused the routes"):
        proxy.apply(policy(monolith, products, stage="extracted"))
    monkeypatch.undo()
    assert proxy.client.get(PATH).upstream == "monolith"
    proxy.apply(policy(monolith, products, stage="extracted"))
    assert proxy.client.get(PATH).upstream == "products"
