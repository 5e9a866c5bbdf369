"""Answers are kept only where that is asked for, and forgotten when something is written."""

from collections.abc import Iterator

import pytest

from strangler.client import metrics
from strangler.client.propagation import identity
from tests.client.divertsite.odd import operations as odd
from tests.client.misbehaving import Misbehaving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Misbehaving]:
    misbehaving = Misbehaving()
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("ODD_CLIENT_URL", misbehaving.url)
    monkeypatch.setenv("ODD_CLIENT_CACHE_ADD_S", "60")
    yield misbehaving
    odd.SERVICE.close()
    misbehaving.stop()


def test_a_kept_answer_asks_nobody(server):
    hits = metrics.CACHE.value("odd", "add", "hit")
    assert [odd.add(1) for _ in range(3)] == [7] * 3
    assert odd.add(2) == 7
    assert len(server.seen) == 2
    assert metrics.CACHE.value("odd", "add", "hit") == hits + 2


def test_operations_that_did_not_ask_for_it_are_not_kept(server):
    odd.total([])
    odd.total([])
    assert len(server.seen) == 2


def test_a_user_never_gets_what_another_got(server):
    for user in (None, 1, 2, 1, None):
        with identity.acting_as(user):
            odd.add(1)
    assert len(server.seen) == 3


def test_a_write_forgets_everything_even_one_whose_answer_is_lost(server):
    odd.add(1)
    odd.append("x")
    odd.add(1)
    server.steps = ["drop"]
    with pytest.raises(Exception, match="not known"):
        odd.append("x")
    odd.add(1)
    assert [seen.target for seen in server.seen if "add" in seen.target] == [
        "/v1/add?left=1&right=1"
    ] * 3


def test_forgetting_can_be_asked_for(server):
    odd.add(1)
    odd.SERVICE.cache.invalidate("add", left=2, right=1)
    odd.add(1)
    assert len(server.seen) == 1
    odd.SERVICE.cache.invalidate("add", left=1, right=1)
    odd.add(1)
    assert len(server.seen) == 2


def test_errors_and_wrong_answers_are_not_kept(server):
    server.steps = [500]
    with pytest.raises(Exception, match="500"):
        odd.add(1)
    server.body = b'"no number"'
    with pytest.raises(Exception, match="not what the contract says"):
        odd.add(1)
    server.body = b"7"
    assert odd.add(1) == 7


def test_a_read_that_a_write_overtook_is_not_kept(server):
    """The write ends while the read is on its way; its answer may be of the time before."""

    def overtaken(connection) -> None:
        odd.append("x")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7")

    server.steps = [overtaken]
    odd.add(1)
    odd.add(1)
    assert len([seen for seen in server.seen if "add" in seen.target]) == 2


def test_in_process_nothing_is_kept(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT_ADD", "in_process")
    assert odd.add(1) == 2
    assert len(odd.SERVICE.cache) == 0
