"""What became of a crossing is told by what is left, however its spelling has changed."""

from dataclasses import replace

from codemods.crossings.crossing import Crossing
from codemods.rewrite.outcome import (
    BATCHED,
    LISTED,
    REWRITTEN,
    Outcome,
    confirmed,
    counts,
    match,
    percentages,
)
from codemods.rewrite.report import reads_that_ran


def crossing(expression="User.objects.all()", kind="query", line=3, **changes):
    found = Crossing(
        "shop/views.py", line, 5, line, 20, kind, "shop", "users", "users.User", "users_user",
        "read", "high", "page", expression,
    )  # fmt: skip
    return replace(found, **changes)


def test_a_crossing_is_left_when_its_line_moved():
    assert match([crossing()], [crossing(line=9)]) == (frozenset({crossing()}), ())


def test_a_crossing_is_left_when_it_is_spelled_anew():
    left, extra = match([crossing()], [crossing("User.objects.filter(pk=1)", kind="evaluate")])
    assert (left, extra) == ({crossing()}, ())


def test_of_two_alike_one_may_be_gone():
    two = [crossing(), crossing(line=4, ordinal=1)]
    left, extra = match(two, [crossing(line=4)])
    assert (len(left), extra) == (1, ())


def test_what_is_in_no_place_of_before_is_told_of():
    new = crossing(function="other")
    assert match([crossing()], [new]) == (frozenset(), (new,))


def test_what_ran_is_marked_and_what_only_ran_is_listed():
    found = [Outcome(crossing(), REWRITTEN), Outcome(crossing("b"), BATCHED)]
    only_ran = crossing("c", kind="relation")
    elsewhere = crossing("d", target="goods")
    seen = {crossing(): ("both", 4), only_ran: ("runtime", 2), elsewhere: ("runtime", 9)}
    marked = {each.crossing: each for each in confirmed(found, "users", seen)}
    assert (marked[crossing()].seen, marked[crossing()].count) == ("both", 4)
    assert marked[only_ran].state == LISTED
    assert marked[only_ran].reason
    assert elsewhere not in marked
    assert reads_that_ran(marked.values()) == "1 of 2 reads that ran (50.0 %) are rewritten"
    assert reads_that_ran(found) == ""


def test_shares_are_of_all_and_nothing_has_none():
    found = [Outcome(crossing(), REWRITTEN), Outcome(crossing("b"), LISTED)]
    assert percentages(found) == {REWRITTEN: 50.0, BATCHED: 0.0, LISTED: 50.0}
    assert percentages([]) == {REWRITTEN: 0.0, BATCHED: 0.0, LISTED: 0.0}
    assert counts(found)["query"] == {REWRITTEN: 1, LISTED: 1}
