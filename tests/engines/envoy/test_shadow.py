"""The comparator hears of what the control answers, on the routes that shadow, and only that."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from strangler.engines import ShadowCapture
from strangler.engines.envoy import EnvoyEngine
from strangler.policy import parse_policy
from strangler.shadow.capture_grpc import CaptureServer
from tests.engines.envoy.client import Client
from tests.servers.backend import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from strangler.shadow.observation import Exchange, Observation
    from tests.servers.backend import Backend

POLICY = """
[proxy]
listen = "127.0.0.1:{port}"
[upstreams.monolith]
instances = ["{monolith}"]
[upstreams.products]
instances = ["{products}"]
[routes.products]
path = "/api/products/{{id}}/"
candidate = "products"
stage = "canary"
share_pct = 50
shadow_pct = 100
[routes.carts]
path = "/carts/"
candidate = "products"
stage = "monolith"
"""


def test_pairs_are_told_with_bodies_and_a_dead_comparator_costs_nobody_anything(
    backends: Callable[..., Backend], tmp_path: Path
) -> None:
    heard: list[tuple[Exchange, Observation]] = []
    socket = tmp_path / "shadow.sock"
    capture = CaptureServer(lambda *pair: heard.append(pair), lambda *_: None)
    capture.start(f"unix:{socket}")
    port = free_port()
    monolith, products = backends("monolith").address, backends("products").address
    engine = EnvoyEngine(state_dir=tmp_path / "state", shadow=ShadowCapture(socket))
    client = Client(port)
    try:
        engine.start(parse_policy(POLICY.format(port=port, monolith=monolith, products=products)))
        answers = [
            client.send("POST", "/api/products/7/", {"Cookie": f"strangler_user=u{n}"}, b"x" * 5000)
            for n in range(30)
        ]
        client.get("/carts/")
        told = [answer.body for answer in answers if answer.upstream == "monolith"]
        deadline = time.monotonic() + 10
        while len(heard) < len(told) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert 0 < len(told) < 30
        assert {exchange.route for exchange, _ in heard} == {"products"}
        assert {len(exchange.body) for exchange, _ in heard} == {5000}
        assert sorted(control.body for _, control in heard) == sorted(told)
        capture.stop()
        assert client.get("/api/products/7/").status == 200
    finally:
        client.close()
        engine.stop(drain_s=0)
