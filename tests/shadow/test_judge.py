"""What counts, what is excused, and by what."""

from __future__ import annotations

from decimal import Decimal

import pytest

from strangler.shadow.judge import NOISE_BEFORE, NOISE_HERE, judge
from strangler.shadow.noise import MIN_CONTROL_PAIRS, NoiseHistory, stands_out
from strangler.shadow.normalisers import normalisers
from strangler.shadow.observation import Outcome
from strangler.shadow.rules import Rules
from tests.shadow.documents import observation, pair

RULES = Rules(hosts=frozenset(("shop.example", "127.0.0.1:8001")))


def verdict(control, candidate, again=None, rules=RULES, history=None):
    return judge(pair(control, candidate, again), rules, history or NoiseHistory())


@pytest.mark.parametrize(
    ("control", "candidate", "reason"),
    [
        ("12.50", Decimal("12.5"), "decimals"),
        ("12.50", "12.5", "decimals"),
        ("2026-01-01T10:00:00Z", "2026-01-01T11:00:00.000+01:00", "instants"),
        ("http://shop.example/api/x/?page=2", "http://127.0.0.1:8001/api/x/?page=2", "links"),
        ("http://shop.example/api/x/", "/api/x/", "links"),
    ],
)
def test_the_same_thing_written_otherwise_is_ignored(control, candidate, reason):
    for left, right in ((control, candidate), (candidate, control)):
        made = verdict({"v": left}, {"v": right})
        assert made.outcome == Outcome.IGNORED
        assert [item.reason for item in made.ignored] == [f"normaliser: {reason}"]


@pytest.mark.parametrize(
    ("control", "candidate"),
    [
        ("12.50", Decimal("12.51")),
        ("7", 7),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:01Z"),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00"),
        ("http://shop.example/api/x/?page=2", "http://127.0.0.1:8001/api/x/?page=3"),
        ("http://shop.example/api/x/", "http://evil.example/api/x/"),
        (True, 1),
        (None, ""),
    ],
)
def test_another_thing_is_a_mismatch(control, candidate):
    assert verdict({"v": control}, {"v": candidate}).outcome == Outcome.MISMATCHED


def test_the_location_may_carry_the_host_that_answered():
    made = verdict(
        observation(b"", status=302, headers=(("location", "http://shop.example/login/"),)),
        observation(b"", status=302, headers=(("location", "http://127.0.0.1:8001/login/"),)),
    )
    assert made.outcome == Outcome.IGNORED


@pytest.mark.parametrize(
    ("control", "candidate", "outcome"),
    [('"a"', '"b"', "ignored"), ('W/"a"', 'W/"b"', "ignored"), ('W/"a"', '"a"', "mismatched")],
)
def test_entity_tags_differ_only_in_strength(control, candidate, outcome):
    made = verdict(*(observation({}, headers=(("etag", tag),)) for tag in (control, candidate)))
    assert made.outcome == outcome


def test_tokens_of_one_page_are_ignored_and_the_rest_of_it_is_not():
    def page(token, text):
        form = f"<form><input name=csrfmiddlewaretoken value={token}></form>"
        html = f"{form}<script nonce={token}></script><p>{text}"
        return observation(html.encode(), headers=(("content-type", "text/html"),))

    assert verdict(page("aa", "x"), page("bb", "x")).outcome == Outcome.IGNORED
    made = verdict(page("aa", "x"), page("bb", "y"))
    assert [d.path for d in made.differences] == ["body.body[0].p[0].text[0]"]


def test_absent_for_null_only_where_the_route_says_so():
    assert verdict({"a": None}, {}).outcome == Outcome.MISMATCHED
    lenient = Rules(missing_is_null=True)
    assert verdict({"a": None}, {}, rules=lenient).outcome == Outcome.IGNORED
    assert verdict({"a": 1}, {}, rules=lenient).outcome == Outcome.MISMATCHED


@pytest.mark.parametrize(
    ("rule", "covers"),
    [
        ("body.items[*].price", True), ("body.items[].price", True), ("body.items[0].price", True),
        ("body.**", True), ("**.price", True), ("body.items[*].*", True),
        ("body.items[1].price", False), ("body.items", False), ("body.*", False), ("body", False),
    ],
)  # fmt: skip
def test_ignores_are_patterns(rule, covers):
    made = verdict(
        {"items": [{"price": 1}]}, {"items": [{"price": 2}]}, rules=Rules(ignore=(rule,))
    )
    assert (made.outcome == Outcome.IGNORED) is covers
    if covers:
        assert made.ignored[0].reason == f"ignore: {rule}"


def test_where_control_differs_from_itself_the_candidate_may_too():
    made = verdict(
        {"now": 1, "items": [{"t": 1}, {"t": 2}]},
        {"now": 2, "items": [{"t": 1}, {"t": 9}]},
        {"now": 3, "items": [{"t": 5}, {"t": 2}]},
    )
    assert made.outcome == Outcome.IGNORED
    assert {item.reason for item in made.ignored} == {NOISE_HERE}


def test_noise_in_a_value_does_not_hide_its_loss_or_its_type():
    assert verdict({"now": 1}, {}, {"now": 3}).outcome == Outcome.MISMATCHED
    assert verdict({"now": 1}, {"now": "x"}, {"now": 3}).outcome == Outcome.MISMATCHED


def test_a_list_that_comes_in_any_order_is_learned_to_be_unordered():
    assert verdict([1, 2, 3], [3, 1, 2], [2, 3, 1]).outcome == Outcome.IGNORED
    assert verdict([1, 2, 3], [3, 1, 4], [2, 3, 1]).outcome == Outcome.MISMATCHED


def test_a_second_control_that_failed_teaches_nothing():
    gone = observation(status=0, headers=(), error="ConnectError")
    made = verdict({"a": 1}, {"a": 2}, gone)
    assert made.outcome == Outcome.MISMATCHED
    assert made.control_noise is None


def learned(pairs):
    history = NoiseHistory()
    for control, candidate, again in pairs:
        made = verdict(control, candidate, again, history=NoiseHistory())
        raw = (*made.differences, *(item.difference for item in made.ignored))
        history.learn("product-detail", raw, made.control_noise)
    return history


def test_what_control_does_as_often_by_itself_is_noise_by_history():
    pairs = [({"n": 1}, {"n": 1 + (i % 5 == 0)}, {"n": 1 + (i % 5 == 1)}) for i in range(100)]
    made = verdict({"n": 1}, {"n": 2}, {"n": 1}, history=learned(pairs))
    assert [item.reason for item in made.ignored] == [NOISE_BEFORE]


def test_a_regression_at_a_slightly_noisy_path_still_counts():
    pairs = [({"n": 1}, {"n": 2}, {"n": 1 + (i % 10 == 0)}) for i in range(100)]
    assert verdict({"n": 1}, {"n": 2}, {"n": 1}, history=learned(pairs)).outcome == "mismatched"


def test_a_short_history_excuses_nothing():
    pairs = [({"n": 1}, {"n": 1}, {"n": 2})] * (MIN_CONTROL_PAIRS - 1)
    assert verdict({"n": 1}, {"n": 2}, {"n": 1}, history=learned(pairs)).outcome == "mismatched"


@pytest.mark.parametrize(
    ("raw", "noise", "total", "expected"),
    [(5, 0, 100, True), (10, 10, 100, False), (15, 10, 100, False), (16, 10, 100, True),
     (9, 10, 100, False), (3, 1, 10_000, False), (5, 1, 10_000, True)],
)  # fmt: skip
def test_the_relative_and_absolute_limits(raw, noise, total, expected):
    assert stands_out(raw, noise, total) is expected


def test_every_normaliser_is_found_by_its_name():
    assert [name for name, _ in normalisers()] == [
        "absent_members", "decimals", "etags", "instants", "links", "response_tokens",
    ]  # fmt: skip
