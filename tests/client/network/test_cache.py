"""Answers are kept for a while, for one user, until something is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.client.network.cache import LARGEST_BYTES, Cache, entry_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> Cache:
    return Cache(3, clock)


def put(cache: Cache, operation: str, user_id: str = "", **arguments: object) -> tuple:
    entry = entry_of(operation, arguments, user_id)
    cache.put(entry, b"1", for_s=5, era=cache.era)
    return entry


def test_an_answer_is_kept_for_its_time(cache, clock):
    entry = put(cache, "get", id=1)
    clock.now = 4.9
    assert cache.get(entry) == b"1"
    clock.now = 5.0
    assert cache.get(entry) is None
    assert len(cache) == 0


def test_arguments_in_another_order_are_the_same_call():
    assert entry_of("find", {"a": 1, "b": [2]}, "") == entry_of("find", {"b": [2], "a": 1}, "")
    assert entry_of("find", {"a": 1}, "") != entry_of("find", {"a": "1"}, "")


@given(st.text(max_size=5), st.text(max_size=5))
def test_one_user_never_gets_what_another_got(one, other):
    entries = {entry_of("get", {"id": 1}, user) for user in (one, other)}
    assert len(entries) == len({one, other})


def test_the_least_used_goes_first(cache):
    entries = [put(cache, "get", id=number) for number in range(3)]
    cache.get(entries[0])
    put(cache, "get", id=9)
    assert [cache.get(entry) for entry in entries] == [b"1", None, b"1"]


def test_what_is_large_is_not_kept(cache):
    entry = entry_of("get", {}, "")
    cache.put(entry, b"x" * (LARGEST_BYTES + 1), for_s=5, era=cache.era)
    assert cache.get(entry) is None


def test_forgetting_takes_one_call_an_operation_or_all(cache):
    one, two, other = put(cache, "get", id=1), put(cache, "get", "7", id=1), put(cache, "count")
    cache.invalidate("get", id=2)
    assert len(cache) == 3
    cache.invalidate("get", id=1)
    assert [cache.get(entry) for entry in (one, two, other)] == [None, None, b"1"]
    put(cache, "get", id=1)
    cache.invalidate("get")
    assert len(cache) == 1
    cache.invalidate()
    assert len(cache) == 0


def test_a_read_that_began_before_something_was_forgotten_is_not_kept(cache):
    era = cache.era
    cache.invalidate("other")
    entry = entry_of("get", {}, "")
    cache.put(entry, b"before", for_s=5, era=era)
    assert cache.get(entry) is None
