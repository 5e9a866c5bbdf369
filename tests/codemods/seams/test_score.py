"""The ranking: what makes a context dear, and that more to cut never makes it cheaper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods.crossings.crossing import KINDS
from codemods.seams.report import row, to_json
from codemods.seams.score import rank, seam_of
from codemods.seams.weights import GROUP_OF, GROUPS, LOW_CONFIDENCE, MUTUAL_POINTS
from codemods.trace.merge import RUNTIME, STATIC, Marked
from tests.codemods.trace.made import crossing

NAMES = ("people", "shop", "desk")
MARKS = st.builds(
    lambda kind, ends, confidence: mark(kind, *ends, confidence=confidence),
    st.sampled_from(sorted(KINDS)),
    st.permutations([*NAMES, "project"]).map(lambda names: names[:2]),
    st.sampled_from(["high", "low"]),
)


def mark(
    kind: str, source: str, target: str, *, confidence: str = "high", count: int = 0
) -> Marked:
    made = crossing(kind=kind, source=source, target=target, confidence=confidence)
    return Marked(made, RUNTIME if count else STATIC, count)


def test_each_kind_of_crossing_has_one_group() -> None:
    assert set(GROUP_OF) == set(KINDS)
    assert sum(len(group.kinds) for group in GROUPS) == len(GROUP_OF)


def test_groups_are_written_dearest_first() -> None:
    assert [group.points for group in GROUPS] == sorted(
        (group.points for group in GROUPS), reverse=True
    )


def test_a_context_that_nothing_crosses_is_free_and_first() -> None:
    seams = rank([mark("query", "shop", "people")], NAMES)
    assert [seam.context for seam in seams] == ["desk", "people", "shop"]
    assert seams[0].cost == 0
    assert seams[0].advice == "Nothing crosses: take it out as it is."


def test_a_crossing_counts_at_both_its_ends_each_in_its_way() -> None:
    marks = [mark("query", "shop", "people"), mark("join", "shop", "people")]
    people, shop = (seam_of(name, marks, None) for name in ("people", "shop"))
    assert people.incoming == shop.outgoing == (("join", 1), ("query", 1))
    assert people.outgoing == shop.incoming == ()
    assert (people.callers, shop.callees) == (("shop",), ("people",))
    assert people.cost == shop.cost == GROUP_OF["join"].points + GROUP_OF["query"].points


def test_reasons_are_counted_each_way_and_the_dearest_comes_first() -> None:
    marks = [mark("query", "shop", "people")] * 3 + [mark("transaction", "people", "shop")]
    reasons = seam_of("people", marks, None).reasons
    assert [(r.name, r.incoming, r.outgoing, r.points) for r in reasons] == [
        ("transactions", 0, 1, 15.0),
        ("mutual", 1, 1, MUTUAL_POINTS),
        ("reads", 3, 0, 3.0),
    ]


def test_what_the_source_only_hints_at_counts_less_until_it_is_seen_to_run() -> None:
    costs = [
        seam_of("people", [mark("query", "shop", "people", **given)], None).cost
        for given in ({}, {"confidence": "low"}, {"confidence": "low", "count": 1})
    ]
    assert costs == [1.0, LOW_CONFIDENCE, 1.0]


def test_traffic_raises_the_cost_by_orders_of_magnitude_only() -> None:
    marks = [mark("query", "shop", "people")]
    costs = [
        seam_of("people", marks, {("shop", "people"): count, ("desk", "shop"): 9}).cost
        for count in (0, 1, 1000, 1_000_000)
    ]
    assert costs == sorted(costs)
    assert costs[3] - costs[2] == pytest.approx(costs[2] - costs[1], rel=0.2)
    assert seam_of("people", marks, None).statements is None
    assert seam_of("people", marks, {}).statements == 0


@pytest.mark.parametrize(
    ("marks", "advice"),
    [
        (
            [mark("query", "shop", "people")] * 2,
            (
                "Only called, by shop: 2 reads weigh most;"
                " let the rewrite turn them into client calls."
            ),
        ),
        (
            [mark("query-write", "people", "shop")],
            (
                "Only calls shop: 1 write weighs most;"
                " turn each into an operation of the context that owns the rows."
            ),
        ),
        (
            [mark("query", "shop", "people"), mark("transaction", "people", "shop")],
            (
                "Tied both ways to shop: 1 transaction over several contexts weighs most;"
                " decide first on an outbox or a saga."
            ),
        ),
        (
            [mark("query", "shop", "people"), mark("key", "people", "desk")],
            (
                "Called by shop, calls desk: 1 read weighs most;"
                " let the rewrite turn them into client calls."
            ),
        ),
    ],
)
def test_the_advice_speaks_of_the_dearest_reason(marks: list[Marked], advice: str) -> None:
    assert seam_of("people", marks, None).advice == advice


@given(st.lists(MARKS, max_size=12), MARKS)
def test_one_crossing_more_never_makes_a_context_cheaper(marks: list[Marked], more: Marked) -> None:
    for name in NAMES:
        assert seam_of(name, [*marks, more], None).cost >= seam_of(name, marks, None).cost


@given(st.lists(MARKS, max_size=12))
def test_the_cost_is_the_sum_of_its_reasons_and_order_does_not_matter(marks: list[Marked]) -> None:
    seams = rank(marks, NAMES)
    assert seams == rank(marks[::-1], NAMES[::-1])
    assert [seam.cost for seam in seams] == sorted(seam.cost for seam in seams)
    for seam in seams:
        assert seam.cost == pytest.approx(sum(reason.points for reason in seam.reasons))
        assert len(row(seam)) == 9
    assert [entry["context"] for entry in to_json(seams)["seams"]] == [s.context for s in seams]
