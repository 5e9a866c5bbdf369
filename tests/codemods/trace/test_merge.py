"""Static crossings and what ran, joined: who saw what, and what only the run saw."""

from __future__ import annotations

import pytest

from codemods.crossings.crossing import KINDS
from codemods.trace.access import accesses, spanning, traffic
from codemods.trace.merge import BOTH, RUNTIME, STATIC, Merged, merge
from tests.codemods.trace.made import CONTEXTS, GRAPH, crossing, site, trace


def merged(crossings: list, *sites: object) -> Merged:
    return merge(crossings, trace(*sites), GRAPH, CONTEXTS)  # type: ignore[arg-type]


def seen(result: Merged) -> list[tuple[str, str, int]]:
    return [(mark.crossing.kind, mark.seen, mark.count) for mark in result.marked]


def test_without_a_run_all_is_static_and_unchanged() -> None:
    crossings = [crossing(), crossing(line=12, end_line=12)]
    result = merged(crossings)
    assert [mark.crossing for mark in result.marked] == crossings
    assert {mark.seen for mark in result.marked} == {STATIC}
    assert result.recall_pct == 100.0


def test_a_crossing_that_ran_is_both() -> None:
    result = merged([crossing(), crossing(line=99, end_line=99)], site(count=7))
    assert seen(result) == [("query", BOTH, 7), ("query", STATIC, 0)]
    assert result.marked[0].to_json()["seen"] == BOTH


def test_any_line_of_the_statement_is_enough() -> None:
    result = merged([crossing(line=11, end_line=11)], site(line=13, start=9, end=14))
    assert seen(result) == [("query", BOTH, 1)]


def test_the_crossing_on_the_table_that_ran_is_preferred_to_its_neighbours() -> None:
    badge = crossing(model="people.Badge", table="people_badge", column=9)
    result = merged([crossing(), badge], site(reads=("people_badge",), count=3))
    assert [(m.crossing.table, m.seen) for m in result.marked] == [
        ("people_person", STATIC),
        ("people_badge", BOTH),
    ]


def test_an_import_never_explains_sql() -> None:
    result = merged([crossing(kind="import")], site())
    assert seen(result) == [("evaluate", RUNTIME, 1), ("import", STATIC, 0)]


def test_another_context_on_the_same_line_explains_nothing() -> None:
    result = merged([crossing(target="desk", table="desk_note")], site())
    assert [access.target for access in result.missed] == ["people"]
    assert result.recall_pct == 0.0


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, "evaluate"),
        ({"via": "django.forms.models:validate"}, "library"),
        ({"verb": "update", "reads": (), "writes": ("people_person",)}, "instance-write"),
        ({"node": "ForNode", "path": "shop/templates/shop/a.html"}, "template"),
        ({"node": "class Page", "via": "django.views:get"}, "library"),
    ],
)
def test_what_only_ran_is_added_with_a_kind_that_is_known(changed: dict, kind: str) -> None:
    result = merged([], site(**changed))
    assert seen(result) == [(kind, RUNTIME, 1)]
    assert kind in KINDS
    assert result.marked[0].crossing.source == "shop"


def test_keys_of_added_crossings_are_unique_and_survive_moved_lines() -> None:
    first = merged([], site(line=10), site(line=20))
    moved = merged([], site(line=110), site(line=120))
    keys = [mark.crossing.key for mark in first.marked]
    assert len(set(keys)) == 2
    assert keys == [mark.crossing.key for mark in moved.marked]


def test_a_queryset_shaped_at_a_known_crossing_is_found_but_not_in_place() -> None:
    ran_elsewhere = site(line=30, origin="shop/code.py:9-11")
    result = merged([crossing()], ran_elsewhere)
    assert seen(result) == [("query", BOTH, 1)]
    assert (result.recall_pct, result.recall_in_place_pct) == (100.0, 0.0)


def test_all_of_a_class_takes_only_crossings_on_its_own_table() -> None:
    page = site(line=1, end=50, node="class Page", via="x:y", reads=("people_badge",))
    assert [access.table for access in merged([crossing()], page).missed] == ["people_badge"]


def test_files_changed_since_the_run_are_named() -> None:
    result = merge([], trace(site()), GRAPH, CONTEXTS, {"shop/code.py": "d2", "other.py": "d"})
    assert result.stale == ("shop/code.py",)


def test_tests_migrations_own_and_framework_tables_are_no_accesses() -> None:
    sites = (
        site(path="tests/test_x.py"),
        site(path="shop/migrations/0001.py"),
        site(reads=("shop_order",)),
        site(reads=("auth_permission", "no_such_table")),
    )
    assert accesses(trace(*sites), GRAPH, CONTEXTS) == ()


def test_table_names_are_compared_without_case() -> None:
    assert [a.table for a in accesses(trace(site(reads=("PEOPLE_PERSON",))), GRAPH, CONTEXTS)] == [
        "people_person"
    ]


WRITES = (
    site(line=21, verb="update", reads=(), writes=("shop_order",), atomics=("shop/code.py:20",)),
    site(line=22, verb="update", reads=(), writes=("people_person",), atomics=("shop/code.py:20",)),
)


def test_a_transaction_that_wrote_two_contexts_is_a_crossing() -> None:
    assert [(b.line, b.contexts, b.count) for b in spanning(trace(*WRITES), GRAPH, CONTEXTS)] == [
        (20, ("people", "shop"), 2)
    ]
    result = merged([], *WRITES)
    assert ("transaction", RUNTIME, 2) in seen(result)


def test_a_transaction_that_the_source_shows_is_both() -> None:
    block = crossing(kind="transaction", line=20, end_line=23, model="", table="")
    result = merged([block], *WRITES)
    assert ("transaction", BOTH, 2) in seen(result)
    assert not [m for m in result.marked if m.crossing.kind == "transaction" and m.seen == RUNTIME]


def test_a_tests_own_transaction_and_one_context_do_not_span() -> None:
    of_test = [site(line=1, verb="update", writes=(t,), atomics=("tests/test_x.py:5",))
               for t in ("shop_order", "people_person")]  # fmt: skip
    alone = [site(line=1, verb="update", writes=("shop_order",), atomics=("shop/code.py:5",))]
    assert spanning(trace(*of_test, *alone), GRAPH, CONTEXTS) == ()


def test_traffic_counts_a_statement_once_per_context() -> None:
    ran = trace(site(reads=("people_person", "people_badge", "desk_note", "shop_order"), count=4))
    assert traffic(ran, GRAPH, CONTEXTS) == {("shop", "people"): 4, ("shop", "desk"): 4}
