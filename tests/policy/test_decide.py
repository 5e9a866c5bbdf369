"""Where requests go: nobody is moved by chance, nobody is moved back, and nothing raises."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler.policy import Request, Side, decide, parse_policy
from tests.engines.conformance.policies import POLICIES, STEERING, UPSTREAMS, conformance_policy
from tests.policy.strategies import asked_by, canary, requests, text

ALL = [
    conformance_policy(name, "127.0.0.1:8080", dict.fromkeys(UPSTREAMS, "127.0.0.1:8000"))
    for name in POLICIES
]
shares = st.sampled_from((0.01, 0.5, 1, 5, 10, 25, 33.33, 50, 66.67, 75, 90, 99, 99.99))
keys = text.filter(bool)
HALF = canary(50)


@given(st.sampled_from(ALL), requests)
@settings(max_examples=500)
def test_no_request_makes_it_raise(policy, request):
    decision = decide(policy, request)

    assert (decision.status in {400, 404}) != (decision.upstream in policy.upstreams)


@given(keys)
def test_the_same_key_always_gets_the_same_side(key):
    assert decide(HALF, asked_by(key)) == decide(HALF, asked_by(key))


@given(keys, st.tuples(shares, shares).map(sorted))
@settings(max_examples=300)
def test_raising_the_share_moves_nobody_back(key, pair):
    before, after = (decide(canary(share), asked_by(key)).side for share in pair)

    assert before is Side.CONTROL or after is Side.CANDIDATE


@given(keys, shares, st.tuples(shares, shares).map(sorted))
@settings(max_examples=300)
def test_raising_the_switch_moves_nobody_back_to_the_current_version_or_the_control(
    key, share, pair
):
    before, after = (
        decide(canary(share, switch_pct=switch), asked_by(key)).upstream for switch in pair
    )

    assert (before, after) in {
        ("monolith", "monolith"),
        ("service", "service"),
        ("service", "service-next"),
        ("service-next", "service-next"),
    }


@given(keys, st.tuples(shares, shares).map(sorted), shares)
@settings(max_examples=300)
def test_raising_the_share_behind_a_switch_keeps_everyone_on_the_service(key, pair, switch):
    before, after = (decide(canary(share, switch_pct=switch), asked_by(key)).side for share in pair)

    assert before is Side.CONTROL or after is Side.CANDIDATE


@pytest.mark.parametrize("share_pct", [0.5, 1, 10, 33.33, 50, 90, 99.9])
@pytest.mark.parametrize("salt", ["products", "orders"])
def test_the_share_of_many_keys_comes_close_to_the_percent(share_pct, salt):
    policy, count = canary(share_pct, salt=salt), 20_000

    moved = sum(decide(policy, asked_by(f"user-{i}")).side is Side.CANDIDATE for i in range(count))

    expected = share_pct / 100
    five_deviations = 5 * math.sqrt(expected * (1 - expected) / count)
    assert moved / count == pytest.approx(expected, abs=five_deviations)


def test_different_salts_move_different_users():
    sides = Counter(
        (
            decide(canary(50, salt="a"), asked_by(f"u{i}")).side,
            decide(canary(50, salt="b"), asked_by(f"u{i}")).side,
        )
        for i in range(2000)
    )

    assert len(sides) == 4
    assert min(sides.values()) > 400


def test_one_salt_keeps_a_user_on_one_side_of_all_its_routes():
    policy = next(p for p in ALL if any(r.name == "same-salt" for r in p.routes))
    sides = {
        tuple(
            decide(policy, Request("GET", path, (("cookie", f"strangler_user={i}"),))).side
            for path in ("/api/products/", "/api/products/9/")
        )
        for i in range(500)
    }

    assert sides == {(Side.CONTROL, Side.CONTROL), (Side.CANDIDATE, Side.CANDIDATE)}


@given(st.text("0123456789abcdef", min_size=1, max_size=32))
def test_a_client_that_keeps_the_cookie_it_was_handed_stays_where_it_was(fresh_id):
    first = decide(HALF, Request("GET", "/one/", (("host", "a"),), fresh_id=fresh_id))
    cookie = ("cookie", f"strangler_id={first.set_cookie}")
    second = decide(HALF, Request("GET", "/one/", (("host", "a"), cookie), fresh_id="another"))

    assert first.set_cookie == fresh_id
    assert (second.upstream, second.set_cookie) == (first.upstream, "")


@pytest.mark.parametrize(
    ("headers", "upstream"),
    [
        ((("x-side", "candidate"),), "service"),
        ((("x-side", "candidate"), ("x-forwarded-for", "10.0.0.1")), "monolith"),
        ((("x-side", "candidate"), ("x-side", "candidate")), "service"),
        ((("x-side", "0"), ("x-side", "candidate")), "service"),
        ((("x-side", "0,candidate"),), "monolith"),
        ((("x-side", "Candidate"),), "monolith"),
        ((("cookie", "side=candidate"),), "service"),
        ((("cookie", 'side="candidate"'),), "service"),
        ((("cookie", "side=x; side=candidate"),), "monolith"),
    ],
)
def test_an_override_is_heeded_when_one_header_says_exactly_its_value(headers, upstream):
    policy = parse_policy(
        """
        [upstreams.monolith]
        [upstreams.service]
        [routes.one]
        path = "/one/"
        candidate = "service"
        [[routes.one.overrides]]
        header = "X-Side"
        value = "candidate"
        to = "candidate"
        [[routes.one.overrides]]
        cookie = "side"
        value = "candidate"
        to = "candidate"
        """
    )

    assert decide(policy, Request("GET", "/one/", headers)).upstream == upstream


def test_steering_headers_of_outsiders_are_not_heeded():
    outsider = Request(
        "GET", "/api/products/", (("host", "a"), ("x-side", "candidate")), peer="203.0.113.9"
    )
    policy = next(p for p in ALL if any(r.name == "trusted" for r in p.routes))

    assert decide(policy, outsider).side is Side.CONTROL


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/a%2fb"),
        Request("GET", "relative"),
        Request("GET", "*"),
        Request("GET", "/a#b"),
        Request("get", "/"),
        Request("CONNECT", "/"),
        Request("GET", "/", (("host", "a"), ("host", "b"))),
        Request("GET", "/", (("host", "a,b"),)),
        Request("GET", "/", (("host", "a/b"),)),
        Request("GET", "/", (("x_user", "1"),)),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(request_):
    assert decide(HALF, request_).status == 400


def test_a_question_about_the_server_as_a_whole_has_no_route():
    assert decide(HALF, Request("OPTIONS", "*")).status == 404


def test_the_generated_requests_use_what_the_policies_look_at():
    sources = {k.name for p in ALL for r in p.routes for k in r.sticky if k.name}
    overrides = {o.header or o.cookie for p in ALL for r in p.routes for o in r.overrides}
    known = {name.lower().removeprefix("cookie:") for name in STEERING}

    assert sources | overrides <= known
