"""Instances are taken in turn, and set aside while they fail."""

import pytest

from strangler.engines.mitm.upstreams import Upstreams
from strangler.policy import parse_policy


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def upstream():
    policy = parse_policy(
        "[upstreams.monolith]\n"
        'instances = ["a:1", "b:2", "c:3"]\n'
        "outlier = { consecutive_5xx = 2, base_ejection_s = 10 }\n"
    )
    return policy.upstreams["monolith"]


def first_of(upstreams, upstream, count):
    return [upstreams.in_turn(upstream)[0].host for _ in range(count)]


def test_each_instance_has_its_turn(clock, upstream):
    assert first_of(Upstreams(clock), upstream, 4) == ["a", "b", "c", "a"]


def test_every_instance_is_offered_in_case_the_first_is_gone(clock, upstream):
    assert {a.host for a in Upstreams(clock).in_turn(upstream)} == {"a", "b", "c"}


def test_one_failure_is_forgiven_and_a_success_forgets_it(clock, upstream):
    upstreams = Upstreams(clock)
    a = upstream.instances[0]
    for _ in range(5):
        upstreams.failed(upstream, a)
        upstreams.succeeded(a)

    assert len(upstreams.in_turn(upstream)) == 3


def test_failures_in_a_row_set_aside_for_longer_each_time(clock, upstream):
    upstreams = Upstreams(clock)
    a = upstream.instances[0]
    for out_s in (10, 20, 30):
        upstreams.failed(upstream, a)
        upstreams.failed(upstream, a)
        clock.now_s += out_s - 0.1
        assert a not in upstreams.in_turn(upstream)
        clock.now_s += 0.1
        assert a in upstreams.in_turn(upstream)


def test_when_all_are_set_aside_all_are_tried(clock, upstream):
    upstreams = Upstreams(clock)
    for address in upstream.instances * 2:
        upstreams.failed(upstream, address)

    assert len(upstreams.in_turn(upstream)) == 3
