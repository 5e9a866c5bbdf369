import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.engines.registry import Registry
from strangler.engines.registry_state import (
    Instance,
    RegistryState,
    beat,
    expire,
    join,
    leave,
)
from strangler.errors import RegistryError
from strangler.policy.model import Address

KNOWN = ("monolith", "products")
PRODUCTS = Address("127.0.0.1", 9001)


def instance(
    name: str = "a", *, upstream: str = "products", address: Address = PRODUCTS, ttl_s: float = 10
) -> Instance:
    return Instance(upstream, address, name, ttl_s=ttl_s)


def joined(*instances: Instance, now: float = 0) -> RegistryState:
    state = RegistryState()
    for each in instances:
        state = join(state, each, known=KNOWN, now=now)
    return state


def test_an_instance_that_joined_is_told_by_upstream():
    other = Address("127.0.0.1", 9000)
    state = joined(instance("a"), instance("b", address=other), instance("c", upstream="monolith"))
    assert state.addresses == {"monolith": (PRODUCTS,), "products": (other, PRODUCTS)}


def test_the_last_writer_wins():
    state = joined(Instance("products", PRODUCTS, "a", version="1"))
    state = join(state, Instance("products", PRODUCTS, "a", version="2"), known=KNOWN, now=1)
    assert [i.version for i in state.instances.values()] == ["2"]


def test_an_address_stays_until_its_last_process_left():
    state = leave(joined(instance("before"), instance("after")), "before")
    assert state.addresses == {"products": (PRODUCTS,)}
    assert leave(state, "after").addresses == {}


def test_a_beat_gives_another_ttl_from_now():
    state = beat(joined(instance(ttl_s=10)), "a", now=9)
    assert expire(state, now=18.9).addresses
    assert not expire(state, now=19).addresses


def test_a_beat_of_who_has_not_joined_asks_to_register_again():
    with pytest.raises(RegistryError, match="'gone' has joined; register it again"):
        beat(joined(instance()), "gone", now=0)


def test_an_unknown_upstream_is_refused_with_the_nearest_name():
    with pytest.raises(RegistryError, match=r"unknown upstream 'prodcts'; did you mean products\?"):
        joined(instance(upstream="prodcts"))


def test_leaving_twice_changes_nothing():
    state = joined(instance())
    assert leave(state, "b") is state


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["join", "beat", "leave", "expire"]),
        st.sampled_from(["a", "b", "c"]),
        st.floats(0.1, 5),
    ),
    max_size=40,
)


@given(EVENTS)
def test_whatever_happens_who_was_heard_of_within_the_ttl_and_has_not_left_is_in(events):
    """Against a plain model: the time each id was last heard of."""
    state, now, heard, ttl_s = RegistryState(), 0.0, {}, 4.0
    for event, name, wait_s in events:
        now += wait_s
        heard = {who: when for who, when in heard.items() if when + ttl_s > now}
        state = expire(state, now=now)
        if event == "join":
            state = join(state, instance(name, ttl_s=ttl_s), known=KNOWN, now=now)
            heard[name] = now
        elif event == "beat" and name in heard:
            state = beat(state, name, now=now)
            heard[name] = now
        elif event == "leave":
            state = leave(state, name)
            heard.pop(name, None)
        assert {i.id for i in state.instances.values()} == set(heard)
        assert bool(state.addresses) == bool(heard)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "registry.json"


def test_a_silent_instance_expires_and_the_subscriber_is_told(path):
    registry = Registry(path, ttl_s=10)
    seen: list[dict] = []
    gone = threading.Event()

    def look() -> None:
        seen.append(registry.instances())
        if not seen[-1]:
            gone.set()

    registry.subscribe(look)
    registry.start()
    try:
        registry.join(instance(ttl_s=0.2), known=KNOWN)
        assert gone.wait(20)
    finally:
        registry.stop()
    assert seen == [{"products": (PRODUCTS,)}, {}]


def test_beats_and_a_second_process_on_an_address_tell_the_subscriber_nothing(path):
    registry = Registry(path, ttl_s=10)
    registry.join(instance("a"), known=KNOWN)
    calls: list[int] = []
    registry.subscribe(lambda: calls.append(1))
    registry.beat("a")
    registry.join(instance("b"), known=KNOWN)
    registry.leave("a")
    assert calls == []
    registry.leave("b")
    assert calls == [1]


def test_a_failing_subscriber_does_not_undo_a_registration(path, caplog):
    registry = Registry(path, ttl_s=10)
    registry.subscribe(lambda: 1 // 0)
    registry.join(instance(), known=KNOWN)
    assert registry.instances() == {"products": (PRODUCTS,)}
    assert "subscriber" in caplog.text


def test_a_restart_keeps_the_instances(path):
    address = Address("::1", 9001)
    before = Registry(path, ttl_s=10)
    before.join(
        Instance("products", address, "a", version="1.2", host="h", pid=7, started_at=5.0),
        known=KNOWN,
    )
    after = Registry(path, ttl_s=10)
    assert after.instances() == {"products": (address,)}
    restored = after.beat("a")
    assert (restored.version, restored.host, restored.pid, restored.started_at) == (
        "1.2", "h", 7, 5.0,
    )  # fmt: skip


def test_a_restart_drops_who_was_silent_for_its_ttl(path):
    Registry(path, ttl_s=10).join(instance(), known=KNOWN)
    content = json.loads(path.read_text())
    content["instances"][0]["expires_at"] -= 11
    path.write_text(json.dumps(content))
    assert Registry(path, ttl_s=10).instances() == {}


def test_beats_reach_the_file(path):
    registry = Registry(path, ttl_s=10)
    registry.join(instance(), known=KNOWN)
    content = json.loads(path.read_text())
    registry.beat("a")
    registry.stop()
    later = json.loads(path.read_text())["instances"][0]["expires_at"]
    assert later >= content["instances"][0]["expires_at"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"instances": [{"id": "a"}]}'])
def test_an_unusable_file_starts_an_empty_registry_and_says_so(path, content, caplog):
    path.parent.mkdir()
    path.write_text(content)
    registry = Registry(path, ttl_s=10)
    assert registry.instances() == {}
    assert str(path) in caplog.text
    registry.join(instance(), known=KNOWN)
    assert Registry(path, ttl_s=10).instances() == {"products": (PRODUCTS,)}


def test_many_threads_lose_nothing(path):
    registry = Registry(path, ttl_s=60)

    def come_and_go(number: int) -> None:
        for turn in range(10):
            registry.join(instance(f"{number}-{turn}"), known=KNOWN)
            if turn % 2:
                registry.leave(f"{number}-{turn}")

    threads = [threading.Thread(target=come_and_go, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(registry.state.instances) == 8 * 5
    assert len(Registry(path, ttl_s=60).state.instances) == 8 * 5
