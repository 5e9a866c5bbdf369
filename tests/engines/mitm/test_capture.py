"""The comparator hears of the control's answers, whole, and no user waits for it."""

from __future__ import annotations

import time

import pytest

from strangler.engines import ShadowCapture
from strangler.shadow.capture_grpc import CaptureServer
from strangler.shadow.service import ShadowService
from strangler.shadow.target import ShadowTarget

SHADOWED = """
[routes.items]
path = "/items/{id}/"
candidate = "service"
stage = "shadow"
shadow_pct = 100
[routes.unsampled]
path = "/unsampled/"
candidate = "service"
stage = "shadow"
shadow_pct = 0
"""


def eventually(condition):
    deadline = time.monotonic() + 15
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.fixture
def comparator(stage, tmp_path):
    """The real comparison service, listening where the engine is told to speak."""

    def target_for(route):
        urls = (f"http://{stage.monolith.address}", f"http://{stage.service.address}")
        return ShadowTarget(route, *urls, ignore=("body.backend", "header.x-*"))

    service = ShadowService(tmp_path / "shadow.sqlite3", target_for)
    capture = CaptureServer(service.submit, service.count)
    capture.start(f"unix:{tmp_path / 'shadow.sock'}")
    yield service
    capture.stop()
    service.stop(drain_s=10)


@pytest.fixture
def shadowing(stage, make_engine, comparator, tmp_path):
    stage.engine = make_engine(shadow=ShadowCapture(tmp_path / "shadow.sock"))
    stage.engine.start(stage.policy(SHADOWED))
    return stage


def test_a_read_is_compared_with_what_the_service_answers(shadowing, comparator):
    answer = shadowing.ask("/items/7/?page=2")

    assert answer.seen["backend"] == "monolith"
    assert eventually(lambda: comparator.stats().get("captured") == 1)
    assert eventually(lambda: shadowing.service.requests == ["GET /items/7/?page=2"])


def test_a_different_answer_is_found(shadowing, comparator):
    shadowing.service.status = 404
    shadowing.ask()

    assert eventually(lambda: comparator.stats().get("mismatched") == 1)


def test_a_write_is_told_and_never_carried_out_twice(shadowing, comparator):
    shadowing.ask("/items/7/", "POST", b"order")

    assert eventually(lambda: comparator.stats().get("refused: no sandbox") == 1)
    assert (shadowing.monolith.requests, shadowing.service.requests) == (["POST /items/7/"], [])


def test_what_is_not_sampled_or_not_shadowed_is_not_told(shadowing, comparator):
    shadowing.ask("/unsampled/")
    shadowing.ask("/elsewhere/")
    shadowing.ask("/items/1/")

    assert eventually(lambda: comparator.stats().get("captured"))
    assert comparator.stats()["captured"] == 1


def test_without_a_comparator_users_are_answered_as_ever(stage, make_engine, tmp_path):
    stage.engine = make_engine(shadow=ShadowCapture(tmp_path / "nobody.sock"))
    stage.engine.start(stage.policy(SHADOWED))

    assert {stage.ask().status for _ in range(20)} == {200}
