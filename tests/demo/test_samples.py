"""The figures the demonstration tells are worked out right."""

import math

import pytest

from tests.demo.comparison import Probe
from tests.demo.parity import Parity, claim_parity
from tests.demo.samples import (
    MONOLITH,
    SERVICE,
    Sample,
    Window,
    changed_sides,
    moved_back,
    percentile,
    rate_per_s,
    share_tolerance_pct,
    visitor_share_pct,
)
from tests.demo.screen import Screen
from tests.demo.summary import Summary


def sample(visitor=1, side=MONOLITH, *, moved=True, failure="", at_s=0.0, took_ms=5.0):
    return Sample(
        int(at_s * 1e9), took_ms, visitor, "detail" if moved else "list", moved, side, 200, failure
    )


def test_only_answered_requests_of_the_moving_endpoint_count_for_a_side():
    window = Window([
        sample(1, MONOLITH), sample(1, SERVICE), sample(2, SERVICE, failure="502"),
        sample(3, SERVICE, moved=False),
    ])  # fmt: skip
    assert (window.answered_by(MONOLITH), window.answered_by(SERVICE)) == (1, 1)
    assert len(window.failures) == 1
    assert window.sides_of_visitors() == {1: {MONOLITH, SERVICE}}


def test_visitor_answered_by_the_service_before_and_the_monolith_now_has_moved_back():
    before = {1: {SERVICE}, 2: {MONOLITH}, 3: {SERVICE}}
    after = {1: {SERVICE}, 2: {SERVICE}, 3: {MONOLITH}, 4: {MONOLITH}}
    assert moved_back(before, after) == {3}


def test_visitor_with_two_sides_in_one_window_has_changed():
    assert changed_sides({1: {SERVICE}, 2: {SERVICE, MONOLITH}}) == {2}


def test_share_counts_visitors_not_requests():
    assert visitor_share_pct({1: {SERVICE}, 2: {MONOLITH}, 3: {MONOLITH}, 4: {MONOLITH}}) == 25
    assert visitor_share_pct({}) == 0


def test_tolerance_narrows_with_the_number_of_visitors():
    assert share_tolerance_pct(50, 400) == pytest.approx(10)
    assert share_tolerance_pct(0, 400) == 0


def test_percentile_is_the_nearest_rank():
    assert percentile([4, 1, 3, 2], 50) == 2
    assert percentile([4, 1, 3, 2], 95) == 4
    assert math.isnan(percentile([], 50))


def test_rate_is_taken_between_first_and_last_start():
    assert rate_per_s(Window([sample(at_s=second / 10) for second in range(11)])) == 10
    assert rate_per_s(Window([sample()])) == 0


def test_summary_names_the_claims_that_failed(capsys):
    summary = Summary()
    summary.claim("reads go on", "3 of 9 failed", held=False)
    summary.claim("writes go on", "0 of 9 failed", held=True)
    summary.show(Screen(), took_s=1)
    output = capsys.readouterr().out
    assert [claim.text for claim in summary.failed] == ["reads go on"]
    assert "1 of 2 claims failed:\n  reads go on: 3 of 9 failed" in output


def test_parity_since_an_earlier_look_counts_only_what_came_after():
    now = Parity(50, 7, ("body.price",))
    assert now.since(Parity(40, 5)) == Parity(10, 2, ("body.price",))


def test_claim_of_parity_needs_at_least_one_pair():
    summary = Summary()
    claim_parity(Screen(), summary, "shadow", Parity())
    assert summary.failed


def test_probe_takes_the_first_request_after_which_only_the_monolith_answered():
    probe = Probe("http://127.0.0.1:1/", {})
    probe._answers = [
        (1_000_000, SERVICE), (2_000_000, MONOLITH), (3_000_000, SERVICE), (5_000_000, MONOLITH),
    ]  # fmt: skip
    assert probe.effect_ms(written_ns=1_000_000) == 4
    probe._answers = [(1, SERVICE)]
    assert probe.effect_ms(written_ns=0) == math.inf
