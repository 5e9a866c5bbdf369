"""A service that is dead, hangs or is unavailable costs no read, and no write is sent twice."""

from __future__ import annotations

import pytest

from strangler.engines.mitm import MitmEngine
from tests.engines.mitm.conftest import ROUTE, Stage, free_port

CANARY = ROUTE.replace('"extracted"', '"canary"\nshare_pct = 50')
NO_FALLBACK = ROUTE + "fallback = false\n"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """One engine for all of these; every test applies its own policy and has its own backends."""
    engine = MitmEngine(state_dir=tmp_path_factory.mktemp("engine"))
    yield engine, free_port()
    engine.stop(drain_s=0)


@pytest.fixture
def stage(engine, backends):
    running, port = engine
    return Stage(running, backends, backends.start("monolith"), backends.start("service"), port)


def test_a_dead_service_is_answered_for_by_the_monolith_reads_and_writes(live):
    live.backends.kill(live.service)

    for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
        answer = live.ask(method=method, body=b"x" if method == "POST" else b"")
        assert (answer.status, answer.seen["backend"]) == (200, "monolith")


@pytest.mark.parametrize("status", [502, 503, 504])
def test_an_unavailable_service_is_answered_for_when_reading(live, status):
    live.service.status = status

    assert live.ask().seen["backend"] == "monolith"


@pytest.mark.parametrize("status", [400, 404, 500])
def test_an_answer_that_is_the_services_own_is_passed_on(live, status):
    live.service.status = status

    assert (live.ask().status, live.monolith.requests) == (status, [])


def test_a_hanging_service_is_answered_for_when_reading(live):
    live.service.hang = True

    assert live.ask().seen["backend"] == "monolith"


def test_a_write_to_a_hanging_service_is_sent_once_and_times_out(live):
    live.service.hang = True

    answer = live.ask(method="POST", body=b"order")

    assert answer.status == 504
    assert (live.service.requests, live.monolith.requests) == (["POST /items/1/"], [])


def test_a_write_to_an_unavailable_service_is_sent_once_and_told(live):
    live.service.status = 503

    assert live.ask(method="POST", body=b"order").status == 503
    assert live.monolith.requests == []


def test_the_service_answers_again_once_it_is_back(live):
    live.backends.kill(live.service)
    assert live.ask().seen["backend"] == "monolith"
    live.backends.revive(live.service)

    assert live.ask().seen["backend"] == "service"


def test_a_dead_monolith_is_answered_for_by_a_canary_service(stage):
    stage.use(stage.policy(CANARY))
    stage.backends.kill(stage.monolith)

    assert {stage.ask().seen["backend"] for _ in range(12)} == {"service"}


def test_without_fallback_a_dead_service_is_an_error_that_names_it(stage):
    stage.use(stage.policy(NO_FALLBACK))
    stage.backends.kill(stage.service)

    answer = stage.ask()

    assert (answer.status, stage.monolith.requests) == (503, [])
    assert b"no instance of service can be reached" in answer.body


def test_a_service_without_instances_is_answered_for(stage):
    stage.use(stage.policy(service="instances = []"))

    assert stage.ask().seen["backend"] == "monolith"


def test_a_silent_upstream_without_fallback_times_out(stage):
    stage.use(stage.policy(NO_FALLBACK))
    stage.service.hang = True

    assert stage.ask().status == 504


def test_requests_go_round_the_instances_and_pass_over_a_dead_one(stage):
    second = stage.backends.start("second")
    addresses = f'instances = ["{stage.service.address}", "{second.address}"]'
    stage.use(stage.policy(NO_FALLBACK, service=addresses))
    assert {stage.ask().seen["backend"] for _ in range(6)} == {"service", "second"}
    stage.backends.kill(second)

    answers = [stage.ask(method=method) for method in ("GET", "POST") * 4]

    assert {(a.status, a.seen["backend"]) for a in answers} == {(200, "service")}


def test_a_failing_instance_is_set_aside(stage):
    second = stage.backends.start("second", status=500)
    addresses = f'instances = ["{stage.service.address}", "{second.address}"]\n'
    addresses += "outlier = { consecutive_5xx = 2, base_ejection_s = 60 }"
    stage.use(stage.policy(service=addresses))

    statuses = [stage.ask().status for _ in range(20)]

    assert statuses.count(500) == 2


def test_a_service_that_answers_garbage_is_answered_for(stage):
    garbage = stage.backends.start("garbage", extra=("Content-Length: nonsense",))
    stage.use(stage.policy(service=f'instances = ["{garbage.address}"]'))

    assert stage.ask().seen["backend"] == "monolith"
