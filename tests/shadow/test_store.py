"""What goes into a store comes out of it, bounded and redacted."""

from __future__ import annotations

import sqlite3
import stat
from decimal import Decimal

import pytest

from strangler.errors import StoreError
from strangler.shadow import store as store_module
from strangler.shadow.judge import judge
from strangler.shadow.noise import NoiseHistory
from strangler.shadow.redact import Redactor
from strangler.shadow.rollup import read_pair, read_rollup
from strangler.shadow.rules import Rules
from strangler.shadow.store import Store
from strangler.shadow.store_file import load_key, open_to_write
from tests.shadow.documents import pair


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "shadow.sqlite3"


@pytest.fixture
def store(path):
    made = Store(path, examples_per_place=3)
    yield made
    made.close()


def put(store, *pairs, rules=None):
    redactor = Redactor(load_key(store.path))
    for made in pairs:
        verdict = judge(made, rules or Rules(), NoiseHistory())
        store.tally(verdict)
        store.keep(redactor.redact(verdict))
    store.flush()


def test_counts_places_and_the_newest_examples_first(store, path):
    put(
        store,
        *(
            pair(
                {"price": n, "items": [{"id": 1, "t": "a"}]},
                {"price": -n, "items": [{"id": 1, "t": "b"}]},
                received_at=1e9 + n,
            )
            for n in range(1, 6)
        ),
        pair({"price": 1}, {"price": 1}),
    )
    (route,) = read_rollup(path)
    assert (route.pairs, route.matched, route.mismatched) == (6, 1, 5)
    assert [(p.pattern, p.kind, p.mismatched) for p in route.places] == [
        ("body.items[*].t", "value", 5),
        ("body.price", "value", 5),
    ]
    price = route.places[1]
    assert [e.control for e in price.examples] == [5, 4, 3]
    assert price.examples[0].curl.startswith("curl ")
    verdict = read_pair(path, price.examples[0].pair_id)
    assert verdict.pair.control.body == b'{"price": 5, "items": [{"id": 1, "t": "a"}]}'


def test_decimals_come_back_exact(store, path):
    put(store, pair({"p": Decimal("1.25")}, {"p": Decimal("1.5")}))
    example = read_rollup(path)[0].places[0].examples[0]
    assert (example.control, example.candidate) == (Decimal("1.25"), Decimal("1.5"))


def test_ignored_places_are_counted_by_reason(store, path):
    put(
        store,
        pair({"a": 1, "b": "1.50"}, {"a": 2, "b": Decimal("1.5")}),
        rules=Rules(ignore=("body.a",)),
    )
    (route,) = read_rollup(path)
    assert (route.ignored, route.parity_pct) == (1, 100.0)
    assert {p.pattern: p.ignored for p in route.places} == {
        "body.a": {"ignore: body.a": 1},
        "body.b": {"normaliser: decimals": 1},
    }


def test_requests_that_made_no_pair_are_counted(store, path):
    store.count("orders", "refused: no sandbox", 3)
    store.flush()
    assert read_rollup(path)[0].other == {"refused: no sandbox": 3}


def test_noise_survives_a_restart(path):
    first = Store(path)
    put(first, *(pair({"now": n}, {"now": -n}, {"now": n + 100}) for n in range(1, 30)))
    first.close()
    second = Store(path)
    history = second.history()
    second.close()
    assert history.is_noise("product-detail", ("body.now", "value"))
    assert not history.is_noise("product-detail", ("body.now", "missing"))


def test_no_secret_is_in_any_byte_of_the_files(store, path):
    put(
        store,
        *(
            pair(
                {
                    "password": f"hunter2-hunter2-{n}",
                    "n": n,
                    f"ann{n}@example.com": {f"c00kie-{n}-0123456789abcdef": n},
                },
                {"password": f"hunter2-hunter2-{n}", "n": -n},
                headers=(
                    ("cookie", f"sessionid=c00kie-{n}-0123456789abcdef"),
                    ("authorization", "Basic aHVudGVyMg=="),
                ),
                target="/x/?email=ann%40example.com",
            )
            for n in range(30)
        ),
    )
    content = b"".join(
        file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith(".key")
    )
    assert b"product-detail" in content
    for needle in (b"hunter2", b"c00kie", b"aHVudGVyMg", b"ann@", b"ann%40", load_key(path)):
        assert needle not in content


def test_files_are_for_their_owner_only(store, path):
    load_key(path)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes <= {0o600}


def test_the_key_stays_the_same(path):
    assert load_key(path) == load_key(path)


def test_patterns_of_one_route_are_bounded(store, path, monkeypatch):
    monkeypatch.setattr(store_module, "MAX_PATTERNS", 10)
    put(store, pair({f"k{n}": 1 for n in range(50)}, {}))
    patterns = {place.pattern for place in read_rollup(path)[0].places}
    assert len(patterns) == 11
    assert store_module.FURTHER in patterns


def test_old_minutes_are_folded_into_hours_and_none_is_lost(store, path):
    put(store, pair({"a": 1}, {"a": 2}))
    connection = sqlite3.connect(path)
    for minute in range(0, 7200, 60):
        connection.execute("INSERT INTO counts VALUES (?, 'product-detail', 'pairs', 1)", (minute,))
    connection.commit()
    store._folded_at = 0.0
    put(store, pair({"a": 1}, {"a": 2}))
    assert read_rollup(path)[0].pairs == 122
    (rows,) = connection.execute("SELECT COUNT(*) FROM counts WHERE minute < 7200").fetchone()
    connection.close()
    assert rows == 2


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_a_file_that_is_no_store_is_refused(tmp_path, content):
    file = tmp_path / "x.sqlite3"
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"x\.sqlite3"):
        read_rollup(file)


def test_a_store_of_another_version_is_refused(path):
    connection = open_to_write(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    for opener in (read_rollup, Store):
        with pytest.raises(StoreError, match="version 99"):
            opener(path)


def test_no_store_says_what_to_do(path):
    with pytest.raises(StoreError, match="--store"):
        read_rollup(path)
