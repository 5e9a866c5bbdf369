"""Each operation takes the transport that the environment names, for a share of its calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.client import metrics, routing
from strangler.client.failures import MisconfiguredError
from strangler.client.propagation import identity
from tests.client.divertsite.odd import operations as odd
from tests.client.misbehaving import Misbehaving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch):
    misbehaving = Misbehaving()
    monkeypatch.setenv("ODD_CLIENT_URL", misbehaving.url)
    yield misbehaving
    odd.SERVICE.close()
    misbehaving.stop()


def test_one_operation_moves_while_the_others_stay(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT_ADD", "http")
    assert odd.add(1) == 7
    assert odd.total([]) == 0
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT_ADD", "in_process")
    assert odd.add(1) == 2
    assert odd.total([]) == 7


def test_a_share_of_the_calls_moves(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("ODD_CLIENT_SHARE_ADD_PCT", "30")
    moved = sum(odd.add(1) == 7 for _ in range(300))
    assert 45 < moved < 150
    for share, answer in (("0", 2), ("100", 7)):
        monkeypatch.setenv("ODD_CLIENT_SHARE_PCT", "50")
        monkeypatch.setenv("ODD_CLIENT_SHARE_ADD_PCT", share)
        assert [odd.add(1) for _ in range(20)] == [answer] * 20


def test_a_user_keeps_a_side(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("ODD_CLIENT_SHARE_PCT", "50")
    sides = set()
    for user in range(30):
        with identity.acting_as(user):
            answers = {odd.add(1) for _ in range(3)}
        assert len(answers) == 1
        sides |= answers
    assert sides == {2, 7}


@given(st.text(min_size=1), st.floats(0, 100), st.floats(0, 100))
def test_raising_a_share_moves_nobody_back(user, share, higher):
    share, higher = sorted((share, higher))
    place = routing.place_pct("users.get_user", user)
    if routing.side("http", share, place) == "http":
        assert routing.side("http", higher, place) == "http"
    assert routing.side("http", 100, place) == "http"
    assert routing.side("http", 0, place) == "in_process"


def test_a_share_is_the_share_of_users():
    places = [routing.place_pct("users.get_user", str(user)) for user in range(4000)]
    assert 0.17 < sum(place < 20 for place in places) / len(places) < 0.23


@pytest.mark.parametrize(
    ("variable", "text", "complaint"),
    [
        ("SHARE_PCT", "much", "ODD_CLIENT_SHARE_PCT must be a number from 0 to 100, got 'much'"),
        ("SHARE_ADD_PCT", "101", "must be a number from 0 to 100, got '101'"),
        ("TRANSPORT_ADD", "pigeon", "must be in_process, http or shadow, got .pigeon"),
        ("TIMEOUT_ADD_S", "soon", "ODD_CLIENT_TIMEOUT_ADD_S must be a number from 0 to 86400"),
        ("IDEMPOTENCY", "maybe", "must be learned, always or never, got 'maybe'"),
    ],
)
def test_what_cannot_be_used_is_named(server, monkeypatch, variable, text, complaint):
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv(f"ODD_CLIENT_{variable}", text)
    with pytest.raises(MisconfiguredError, match=complaint):
        odd.add(1)


def test_every_problem_is_named_at_once(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("ODD_CLIENT_RETRIES", "-1")
    monkeypatch.setenv("ODD_CLIENT_POOL", "big")
    with pytest.raises(MisconfiguredError, match=r"RETRIES must be .*; ODD_CLIENT_POOL must be"):
        odd.add(1)


def test_calls_are_counted_and_timed_by_operation_transport_and_outcome(server, monkeypatch):
    metrics.clear()
    odd.add(1)
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    odd.add(1)
    server.steps = [500]
    with pytest.raises(Exception, match="500"):
        odd.add(1)
    assert metrics.CALLS.value("odd", "add", "in_process", "ok") == 1
    assert metrics.CALLS.value("odd", "add", "http", "ok") == 1
    assert metrics.CALLS.value("odd", "add", "http", "failed") == 1
    assert metrics.CALL_SECONDS.count("odd", "add", "http") == 2
