"""What a service can do wrong, on real sockets: deadlines hold, the circuit opens and closes."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from strangler.client import metrics
from strangler.client.failures import (
    CircuitOpenError,
    DeadlineError,
    ServiceError,
    UnavailableError,
)
from strangler.client.propagation import deadline
from tests.client.divertsite.odd import operations as odd
from tests.client.ledgers import ledger, running
from tests.client.ledgersite.ledger import operations as ledger_client
from tests.client.misbehaving import (
    Misbehaving,
    answer_and_close,
    cut_short,
    dripping,
    garbage,
    silent,
)
from tests.client.sites import free_port, until

SLOW_HEADERS = b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 10_000
SLOW_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + b"7" * 10_000
GRACE_S = 5.0
"""What a busy machine may add to a deadline of a second; without the deadline it were minutes."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Misbehaving]:
    misbehaving = Misbehaving()
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("ODD_CLIENT_URL", misbehaving.url)
    yield misbehaving
    odd.SERVICE.close()
    misbehaving.stop()


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    began_at = time.monotonic()
    yield
    assert time.monotonic() - began_at < seconds + GRACE_S


@pytest.mark.parametrize(
    "step",
    [dripping(SLOW_BODY), dripping(SLOW_HEADERS), dripping(b"H" * 10_000), silent],
    ids=["body", "headers", "status line", "silence"],
)
@pytest.mark.parametrize(
    "call", [lambda: odd.add(1), lambda: odd.append("x")], ids=["read", "write"]
)
def test_the_deadline_ends_a_call_however_slowly_the_answer_drips(server, monkeypatch, step, call):
    monkeypatch.setenv("ODD_CLIENT_TIMEOUT_S", "0.4")
    server.steps = [step] * 5
    with ends_within(0.4), pytest.raises(DeadlineError, match=r"no answer within 0\.\d+ s"):
        call()
    assert server.connections <= 1


def test_a_timeout_of_one_second_is_over_after_one_second(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TIMEOUT_ADD_S", "1")
    server.steps = [dripping(SLOW_BODY)]
    with ends_within(1), pytest.raises(DeadlineError, match=r"within (1|0\.999) s"):
        odd.add(1)


def test_the_deadline_is_over_all_tries_and_pauses(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TIMEOUT_S", "0.5")
    monkeypatch.setenv("ODD_CLIENT_READ_TIMEOUT_S", "0.15")
    monkeypatch.setenv("ODD_CLIENT_RETRIES", "9")
    server.steps = [silent] * 20
    with ends_within(0.5), pytest.raises(UnavailableError):
        odd.add(1)
    assert 1 < len(server.seen) <= 4


def test_an_inherited_deadline_that_ends_sooner_holds(server):
    server.steps = [dripping(SLOW_BODY)]
    with ends_within(0.3), pytest.raises(DeadlineError), deadline.within(0.3):
        odd.add(1)


def test_nothing_is_sent_once_no_time_is_left(server):
    with pytest.raises(DeadlineError, match="nothing was sent"), deadline.within(0):
        odd.add(1)
    assert not server.seen


def test_the_service_learns_what_is_left(server):
    with deadline.within(2):
        odd.add(1)
    assert 1000 < int(server.seen[0].headers["x-request-deadline-ms"]) <= 2000


@pytest.mark.parametrize("step", [garbage, cut_short, "drop", 503])
def test_a_read_outlives_one_bad_answer(server, step):
    server.steps = [step]
    assert odd.add(1) == 7
    assert len(server.seen) == 2


@pytest.mark.parametrize("step", [garbage, cut_short])
def test_garbage_for_ever_is_unavailable(server, step):
    server.steps = [step] * 9
    with pytest.raises(UnavailableError, match="no answer"):
        odd.add(1)
    assert len(server.seen) == 3


def test_an_answer_that_never_ends_is_not_read_to_its_end(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_MAX_ANSWER_BYTES", "1000")
    monkeypatch.setenv("ODD_CLIENT_RETRIES", "0")
    server.body = b"7" * 100_000
    with pytest.raises(UnavailableError, match="no answer"):
        odd.add(1)


def test_a_kept_connection_that_was_closed_meanwhile_costs_nobody_a_call(server):
    server.steps = [answer_and_close] * 20
    for _ in range(20):
        assert odd.add(1) == 7
        assert odd.append("x") == 7
    assert len(server.seen) == 40


def test_a_burst_of_502_is_ridden_out(server):
    server.steps = [502, 504]
    assert [odd.add(1) for _ in range(5)] == [7] * 5


def test_a_burst_of_failures_uses_the_budget_and_not_the_service(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_BREAKER_FAILURES", "0")
    server.steps = [503] * 100
    for _ in range(30):
        with pytest.raises(UnavailableError):
            odd.add(1)
    assert len(server.seen) <= 30 + 10


def test_the_circuit_opens_asks_nothing_and_closes_by_one_probe(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_RETRIES", "0")
    monkeypatch.setenv("ODD_CLIENT_BREAKER_FAILURES", "4")
    monkeypatch.setenv("ODD_CLIENT_BREAKER_OPEN_S", "0.3")
    opened = metrics.OPENED.value("odd", "")
    server.steps = [503] * 4
    for _ in range(4):
        with pytest.raises(UnavailableError, match="answered 503"):
            odd.add(1)
    for _ in range(10):
        with pytest.raises(CircuitOpenError, match=r"not asked.*ODD_CLIENT_BREAKER_OPEN_S"):
            odd.add(1)
    assert len(server.seen) == 4
    assert metrics.OPENED.value("odd", "") == opened + 1
    assert metrics.CIRCUIT.value("odd", "") == 1

    time.sleep(0.3)
    gate = threading.Event()

    def held(connection) -> None:
        gate.wait(10)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7")

    server.steps = [held]
    outcomes: list[object] = []
    threads = [threading.Thread(target=lambda: outcomes.append(outcome())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads[:]:
        thread.join(0.05)
    gate.set()
    for thread in threads:
        thread.join()
    assert len(server.seen) == 5
    assert outcomes.count(7) == 1
    assert outcomes.count(CircuitOpenError) == 19
    assert odd.add(1) == 7
    assert metrics.CIRCUIT.value("odd", "") == 0


def outcome() -> object:
    try:
        return odd.add(1)
    except ServiceError as error:
        return type(error)


def test_a_group_has_a_circuit_of_its_own(server, monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_RETRIES", "0")
    monkeypatch.setenv("ODD_CLIENT_BREAKER_FAILURES", "2")
    monkeypatch.setenv("ODD_CLIENT_GROUP_TOTAL", "reports")
    server.steps = [503] * 2
    for _ in range(2):
        with pytest.raises(UnavailableError):
            odd.total([])
    with pytest.raises(CircuitOpenError):
        odd.total([])
    assert odd.add(1) == 7


def test_a_service_that_is_down_is_named_and_left_alone(monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("ODD_CLIENT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("ODD_CLIENT_RETRIES", "0")
    try:
        for _ in range(5):
            with pytest.raises(UnavailableError, match="Connection refused"):
                odd.add(1)
        with pytest.raises(CircuitOpenError):
            odd.add(1)
    finally:
        odd.SERVICE.close()


def test_a_process_that_hangs_holds_nobody_and_is_found_again(tmp_path, monkeypatch):
    """A real service, stopped and continued: deadline, open circuit, probe, closed circuit."""
    service = ledger(tmp_path)
    monkeypatch.setenv("LEDGER_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("LEDGER_CLIENT_TIMEOUT_S", "0.5")
    monkeypatch.setenv("LEDGER_CLIENT_BREAKER_FAILURES", "2")
    monkeypatch.setenv("LEDGER_CLIENT_BREAKER_OPEN_S", "0.2")
    with running(service) as url:
        monkeypatch.setenv("LEDGER_CLIENT_URL", url)
        try:
            until(lambda: answers(lambda: ledger_client.count("x")))
            os.killpg(service.process.pid, signal.SIGSTOP)
            for _ in range(2):
                with ends_within(0.5), pytest.raises(DeadlineError):
                    ledger_client.count("x")
            with pytest.raises(CircuitOpenError):
                ledger_client.count("x")
            os.killpg(service.process.pid, signal.SIGCONT)
            until(lambda: answers(lambda: ledger_client.count("x")))
            assert metrics.CIRCUIT.value("ledger", "") == 0
        finally:
            os.killpg(service.process.pid, signal.SIGCONT)
            ledger_client.SERVICE.close()


def answers(call: Callable[[], object]) -> bool:
    try:
        call()
    except UnavailableError:
        return False
    return True


def test_calls_of_several_threads_overlap(server):
    together = threading.Barrier(4, timeout=10)

    def wait_for_all(connection) -> None:
        together.wait()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7")

    server.steps = [wait_for_all] * 4
    outcomes: list[object] = []
    threads = [threading.Thread(target=lambda: outcomes.append(outcome())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [7] * 4


def test_a_write_that_may_have_arrived_says_so(server):
    server.steps = ["drop"]
    with pytest.raises(UnavailableError, match="whether it was done is not known"):
        odd.append("x")
    assert len(server.seen) == 1


def test_a_write_goes_again_with_its_key_once_the_service_keeps_keys(server):
    server.headers = "Idempotency-Keys: kept\r\n"
    odd.add(1)
    server.steps = ["drop", 503]
    assert odd.append("x") == 7
    tries = server.seen[1:]
    assert len(tries) == 3
    assert len({(each.headers["idempotency-key"], each.body) for each in tries}) == 1
    assert [each.headers.get("idempotency-attempt") for each in tries] == [None, "2", "3"]
    odd.append("x")
    assert server.seen[-1].headers["idempotency-key"] != tries[0].headers["idempotency-key"]


@pytest.mark.parametrize(("decided", "tries"), [("always", 2), ("never", 1)])
def test_whether_writes_go_again_can_be_decided(server, monkeypatch, decided, tries):
    monkeypatch.setenv("ODD_CLIENT_IDEMPOTENCY", decided)
    server.headers = "Idempotency-Keys: kept\r\n"
    odd.add(1)
    server.steps = ["drop"]
    assert (outcome_of_write() == 7) is (decided == "always")
    assert len(server.seen) == 1 + tries


def outcome_of_write() -> object:
    try:
        return odd.append("x")
    except ServiceError as error:
        return type(error)


def test_a_write_under_way_elsewhere_is_waited_for(server):
    def in_progress(connection) -> None:
        body = b'{"error": {"code": "in_progress", "message": "come back"}}'
        head = f"HTTP/1.1 409 Conflict\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)

    server.headers = "Idempotency-Keys: kept\r\n"
    odd.add(1)
    server.steps = ["drop", *[in_progress] * 4]
    assert odd.append("x") == 7
