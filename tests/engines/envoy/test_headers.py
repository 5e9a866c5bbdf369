"""What the proxy believes of a client, what it hides from services, and what it leaves alone."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from strangler.policy import Request, decide

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engines.envoy.client import Answer
    from tests.engines.envoy.conftest import Running
    from tests.servers.backend import Backend

POLICY = """
[upstreams.monolith]
instances = ["{monolith}"]
[upstreams.products]
instances = ["{products}"]
[routes.products]
path = "/api/products/{{id}}/"
candidate = "products"
stage = "canary"
share_pct = 50
[[routes.products.overrides]]
header = "X-Side"
value = "candidate"
to = "candidate"
[[routes.products.overrides]]
header = "X-Side"
value = "control"
to = "control"
"""
PATH = "/api/products/7/"
OUTSIDE = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture
def proxy(backends: Callable[..., Backend], started: Callable[[str], Running]) -> Running:
    monolith, products = backends("monolith"), backends("products")
    return started(POLICY.format(monolith=monolith.address, products=products.address))


def received(answer: Answer) -> dict[str, str]:
    return dict(json.loads(answer.body)["headers"])


def test_steering_is_heeded_from_inside_only(proxy: Running) -> None:
    for side, upstream in [("candidate", "products"), ("control", "monolith")]:
        assert proxy.client.get(PATH, {"X-Side": side}).upstream == upstream
    users = [{"Cookie": f"strangler_user=u{n}", **OUTSIDE} for n in range(30)]
    steered = {proxy.client.get(PATH, {"X-Side": "candidate", **user}).upstream for user in users}
    assert steered == {"monolith", "products"}


def test_what_identifies_is_removed_from_outside(proxy: Running) -> None:
    claims = {"X-Internal-User": "1", "X-Side": "candidate", "X-Forwarded-Host": "evil"}
    inside = received(proxy.client.get("/page", claims))
    assert {name.lower() for name in claims} <= inside.keys()
    outside = received(proxy.client.get("/page", {**claims, **OUTSIDE}))
    assert {name.lower() for name in claims} & outside.keys() == set()
    assert outside["x-forwarded-for"].startswith("203.0.113.9")


def test_the_host_stays_what_the_client_asked_for(proxy: Running) -> None:
    for path in ("/page", PATH):
        answer = proxy.client.get(path, {"Host": "shop.example:8443"})
        assert received(answer)["host"] == "shop.example:8443"


def test_paths_are_normalised_before_they_are_matched(proxy: Running) -> None:
    for path in ("/api/x/../products/7/", "//api//products/7/", "/api/%70roducts/7/"):
        answer = proxy.client.get(path, {"X-Side": "candidate"})
        assert (answer.upstream, json.loads(answer.body)["path"]) == ("products", PATH), path
    assert proxy.client.get("/api%2Fproducts/7/").status == 400
    assert proxy.client.get("/page", {"X_Under": "1"}).status == 400


def test_the_first_answer_to_a_stranger_already_agrees_with_the_cookie_it_sets(
    proxy: Running,
) -> None:
    text = POLICY.format(monolith="127.0.0.1:1", products="127.0.0.1:2")
    sides = set()
    for _ in range(20):
        answer = proxy.client.get(PATH)
        cookie = answer.headers["set-cookie"]
        identity = re.fullmatch(
            r"strangler_id=([0-9a-f-]{36}); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax",
            cookie,
        )
        assert identity, cookie
        kept = f"strangler_id={identity[1]}"
        decided = decide(proxy.policy(text), Request("GET", PATH, (("cookie", kept),)))
        again = proxy.client.get(PATH, {"Cookie": kept})
        assert answer.upstream == decided.upstream == again.upstream
        assert "set-cookie" not in again.headers
        sides.add(answer.upstream)
    assert sides == {"monolith", "products"}


def test_a_client_from_outside_cannot_choose_the_id_it_is_given(proxy: Running) -> None:
    answer = proxy.client.get(PATH, {"X-Request-Id": "mine", **OUTSIDE})
    assert "mine" not in answer.headers["set-cookie"]
