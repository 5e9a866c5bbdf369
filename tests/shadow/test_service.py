"""The whole flow in one object: nothing is lost in the counts, little is kept of a flood."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from strangler.shadow.observation import Outcome
from strangler.shadow.replay import NO_TARGET, REFUSED_WRITE
from strangler.shadow.rollup import read_rollup
from strangler.shadow.service import EXAMPLES_BURST, ShadowService
from strangler.shadow.target import ShadowTarget
from tests.shadow.documents import exchange, observation
from tests.shadow.servers import answer_json, backend, until


@pytest.fixture
def path(tmp_path):
    return tmp_path / "p.sqlite3"


@pytest.fixture
def service(path):
    made = ShadowService(
        path, lambda route: None if route == "off" else ShadowTarget(route, "http://a", "http://b")
    )
    yield made
    made.stop()


def test_a_whole_pair_is_judged_and_counted(service, path):
    verdict = service.observe_pair(exchange(), observation({"a": 1}), observation({"a": 2}))
    assert verdict.outcome == Outcome.MISMATCHED
    assert service.stats() == {"mismatched": 1, "waiting": 0}
    service.flush()
    assert read_rollup(path)[0].mismatched == 1


def test_a_route_that_is_off_is_counted_and_not_judged(service):
    assert service.observe_pair(exchange(route="off"), observation({}), observation({})) is None
    assert service.stats()[NO_TARGET] == 1


def test_a_flood_from_many_threads_is_counted_whole_and_kept_in_part(service, path):
    def flood():
        for _ in range(100):
            service.observe_pair(exchange(), observation({"a": 1}), observation({"a": 2}))

    threads = [threading.Thread(target=flood) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    service.flush()
    (route,) = read_rollup(path)
    assert (route.pairs, route.mismatched, route.places[0].mismatched) == (400, 400, 400)
    connection = sqlite3.connect(path)
    (kept,) = connection.execute("SELECT COUNT(*) FROM pairs").fetchone()
    connection.close()
    assert 1 <= kept <= EXAMPLES_BURST


def test_the_controls_half_is_completed_from_both_sides(path):
    with (
        backend(lambda *_: answer_json({"a": 1})) as control,
        backend(lambda *_: answer_json({"a": 2})) as candidate,
    ):
        service = ShadowService(path, lambda r: ShadowTarget(r, control.url, candidate.url))
        service.submit(exchange(), observation({"a": 1}))
        service.submit(exchange(method="POST"), observation({"a": 1}))
        until(lambda: service.stats().get("mismatched"))
        service.stop()
    (route,) = read_rollup(path)
    assert (route.mismatched, route.control_pairs) == (1, 1)
    assert route.other == {REFUSED_WRITE: 1}


def test_what_waits_is_finished_before_it_stops(path):
    with backend(lambda *_: answer_json({"a": 1})) as side:
        service = ShadowService(path, lambda r: ShadowTarget(r, side.url, side.url))
        for _ in range(30):
            service.submit(exchange(), observation({"a": 1}))
        service.stop()
    assert read_rollup(path)[0].matched == 30


def test_noise_learned_before_a_restart_counts_after_it(path):
    def run(pairs):
        service = ShadowService(path, lambda r: ShadowTarget(r, "http://a", "http://b"))
        outcomes = [
            service.observe_pair(exchange(), *(observation({"n": n}) for n in numbers)).outcome
            for numbers in pairs
        ]
        service.stop()
        return outcomes

    run([(1, 1 + (i % 3 == 0), 1 + (i % 3 == 1)) for i in range(60)])
    assert run([(1, 2, 1)]) == [Outcome.IGNORED]
