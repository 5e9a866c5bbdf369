"""The ledger stays as it is under edits that change no crossing, and sees each one that is new."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods.crossings import ledger
from codemods.crossings.crossing import Crossing
from codemods.crossings.findings import normalised, number
from codemods.errors import LedgerError

CODE = """
from shop.models import Order

def one(order: Order):
    return order.person.nickname + order.person.nickname

class Box:
    def two(self, order: Order):
        return Order.objects.filter(person__nickname="a", number="1")
"""
FORMATTED = """
'''A docstring that was not there.'''
import os

from shop.models import Order


def unrelated():
    return os.sep


def one(order: Order):
    # a comment
    return (
        order.person.nickname
        + order.person.nickname
    )


class Box:
    colour = "red"

    def two(self, order: Order):
        return Order.objects.filter(
            person__nickname='a',
            number="1",
        )
"""
CROSSING = Crossing(
    "shop/a.py",
    3,
    1,
    3,
    9,
    "relation",
    "shop",
    "people",
    "people.Person",
    "t",
    "read",
    "high",
    "f",
    "a.b",
)


def keys(crossings):
    return [crossing.key for crossing in crossings]


def test_inserted_lines_and_formatting_leave_the_ledger_as_it_is(read):
    before, after = read(CODE), read(FORMATTED)
    assert len(before) >= 3
    assert ledger.render(before) == ledger.render(after)
    assert [c.line for c in before] != [c.line for c in after]


def test_equal_crossings_of_one_function_are_told_apart(read):
    found = [key for key in keys(read(CODE)) if "order.person.nickname" in key]
    assert len(found) == len(set(found)) == 2
    assert found[1] == f"{found[0]} #2"


def test_a_new_crossing_and_a_stale_line_are_seen(tmp_path, read):
    path = tmp_path / "crossings.ledger"
    path.write_text(ledger.render(read(CODE)))
    changed = CODE.replace("+ order.person.nickname", "+ order.person.username")
    compared = ledger.compare(ledger.load(path), read(changed))
    assert [c.expression for c in compared.added] == ["order.person.username"]
    assert [line.endswith("order.person.nickname #2") for line in compared.stale] == [True]


def test_lines_are_sorted_and_unique(read):
    lines = ledger.render(read(CODE)).splitlines()[2:]
    assert lines == sorted(set(lines))


def test_a_ledger_broken_by_a_merge_is_refused_with_each_bad_line(tmp_path):
    path = tmp_path / "crossings.ledger"
    path.write_text(f"# header\n<<<<<<< HEAD\n{CROSSING.key}\n=======\n")
    with pytest.raises(LedgerError) as caught:
        ledger.load(path)
    assert ":2: not a crossing" in str(caught.value)
    assert ":4: not a crossing" in str(caught.value)


def test_a_missing_ledger_says_how_to_write_one(tmp_path):
    with pytest.raises(LedgerError, match="--write-ledger"):
        ledger.load(tmp_path / "none.ledger")


@given(st.lists(st.integers(1, 5), max_size=20), st.integers(1, 1000))
def test_keys_do_not_depend_on_where_crossings_stand(copies, shift):
    crossings = [
        replace(CROSSING, line=i, end_line=i, expression=f"a.b{n}") for i, n in enumerate(copies, 1)
    ]
    moved = [replace(c, line=c.line + shift, end_line=c.end_line + shift) for c in crossings]
    assert keys(number(crossings)) == keys(number(moved))
    assert len(set(keys(number(crossings)))) == len(crossings)


@given(st.text(alphabet="ab.()[], '\"|\n\t", max_size=300))
def test_expressions_are_one_line_without_the_ledgers_separator(text):
    flat = normalised(text)
    assert "\n" not in flat
    assert "|" not in flat
    assert len(flat) <= 160
