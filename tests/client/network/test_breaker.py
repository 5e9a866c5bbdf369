"""The circuit opens when half of the tries fail, lets one probe through, and closes again."""

import threading

import pytest

from strangler.client.network.breaker import CLOSED, HALF_OPEN, OPEN, Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=3, open_s=5, clock=clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.admit().failed()


def test_it_opens_at_the_failure_that_is_one_too_many(breaker):
    fail(breaker, 2)
    assert breaker.state == CLOSED
    fail(breaker, 1)
    assert breaker.state == OPEN
    assert breaker.admit() is None


def test_few_failures_among_many_answers_open_nothing(breaker):
    for _ in range(10):
        breaker.admit().answered()
    fail(breaker, 9)
    assert breaker.state == CLOSED
    fail(breaker, 1)
    assert breaker.state == OPEN


def test_failures_of_long_ago_do_not_count(breaker, clock):
    fail(breaker, 2)
    clock.now += 25
    fail(breaker, 2)
    assert breaker.state == CLOSED


def test_failures_of_the_window_before_do(breaker, clock):
    fail(breaker, 2)
    clock.now += 11
    fail(breaker, 1)
    assert breaker.state == OPEN


def test_it_never_opens_where_that_is_not_wanted(clock):
    breaker = Breaker(failures=0, open_s=5, clock=clock)
    fail(breaker, 100)
    assert breaker.state == CLOSED


def test_exactly_one_of_many_threads_may_probe(breaker, clock):
    fail(breaker, 3)
    clock.now += 5
    start, permits = threading.Barrier(20), []

    def ask() -> None:
        start.wait()
        permits.append(breaker.admit())

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([permit for permit in permits if permit]) == 1
    assert breaker.state == HALF_OPEN


def test_a_probe_that_is_answered_closes_it(breaker, clock):
    fail(breaker, 3)
    clock.now += 5
    breaker.admit().answered()
    assert breaker.state == CLOSED
    fail(breaker, 2)
    assert breaker.state == CLOSED


def test_a_probe_that_fails_opens_it_for_as_long_again(breaker, clock):
    fail(breaker, 3)
    clock.now += 5
    breaker.admit().failed()
    clock.now += 4.9
    assert breaker.admit() is None
    clock.now += 0.1
    assert breaker.admit() is not None


def test_a_probe_that_teaches_nothing_lets_the_next_one_probe_at_once(breaker, clock):
    fail(breaker, 3)
    clock.now += 5
    breaker.admit().void()
    assert breaker.state == OPEN
    assert breaker.admit().is_probe


def test_what_was_sent_before_it_opened_neither_closes_nor_opens_it(breaker, clock):
    late, later = breaker.admit(), breaker.admit()
    fail(breaker, 3)
    late.answered()
    assert breaker.state == OPEN
    clock.now += 5
    probe = breaker.admit()
    later.failed()
    assert breaker.state == HALF_OPEN
    probe.answered()
    assert breaker.state == CLOSED


def test_it_tells_each_state_it_enters(clock):
    told: list[str] = []
    breaker = Breaker(failures=1, open_s=5, clock=clock, on_change=told.append)
    fail(breaker, 1)
    clock.now += 5
    breaker.admit().failed()
    clock.now += 5
    breaker.admit().answered()
    assert told == [OPEN, HALF_OPEN, OPEN, HALF_OPEN, CLOSED]


def test_calls_are_not_made_one_after_the_other(breaker):
    """Every thread holds its permit while all others get theirs."""
    together = threading.Barrier(8, timeout=10)

    def call() -> None:
        permit = breaker.admit()
        together.wait()
        permit.answered()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not together.broken
