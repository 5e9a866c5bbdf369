"""The ledger stays as it is under edits that change no crossing, and sees each one that is new."""

import ast
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
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
EDITED = """
from goods.models import Product
from shop.models import Order

COLOURS = ["red"]

def one(order: Order):
    first = order.person.nickname
    return (
        first
        + order.person.nickname
    )

class Box:
    def two(self, order: Order):
        for line in order.lines.all():
            print(line.product.name)
        Product.objects.filter(
            name="a",
            left=(
                1
            ),
        ).first()
        return Order.objects.filter(
            person__nickname="a",
            number="1",
        ).exclude(
            lines__product__name="b"
        )
"""
ABOVE = [
    "", "# order.person.email", "import os as operating_system", "'a docstring, or not'",
    "def added_{n}(order):\n    return order + 1\n", "ADDED_{n} = [\n    1,\n]",
    "class Added_{n}:\n    'Nothing.'\n",
]  # fmt: skip
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


@st.composite
def unrelated_edits(draw):
    """Return EDITED with blank lines, comments, functions and statements put in elsewhere."""
    lines = EDITED.splitlines()
    inside_a_statement = {
        row
        for node in ast.walk(ast.parse(EDITED))
        if isinstance(node, ast.stmt)
        for row in range(node.lineno + 1, node.end_lineno + 1)
    }
    places = draw(st.lists(st.integers(1, len(lines)), max_size=8, unique=True))
    for row in sorted(places, reverse=True):
        if row in inside_a_statement:
            indent = lines[row - 1][: len(lines[row - 1]) - len(lines[row - 1].lstrip())]
            line = draw(st.sampled_from(["", f"{indent}# person.badge", "# flush left"]))
        else:
            line = draw(st.sampled_from(ABOVE)).format(n=row)
        lines.insert(row - 1, line)
    for row in draw(st.lists(st.integers(0, len(lines) - 1), max_size=4, unique=True)):
        if lines[row] and "\n" not in lines[row]:
            lines[row] += "  # order.person"
    return "\n".join(lines) + "\n"


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(unrelated_edits())
def test_random_unrelated_edits_leave_the_ledger_byte_identical(read, text):
    assert ledger.render(read(text)) == ledger.render(read(EDITED))


def test_unrelated_edits_of_other_files_leave_the_ledger_byte_identical(project, read):
    other, before = project / "people/services.py", read(EDITED)
    text = other.read_text()
    other.write_text(f"# a comment\n\n\ndef unrelated():\n    return 1\n\n\n{text}\n\nLAST = 2\n")
    try:
        assert ledger.render(read(EDITED)) == ledger.render(before)
    finally:
        other.write_text(text)


def test_while_a_file_cannot_be_read_no_line_is_stale_for_others_may_hang_on_it():
    other = replace(CROSSING, path="shop/b.py")
    lines = (CROSSING.key, other.key)
    compared = ledger.compare(lines, [], unread={"shop/b.py"})
    assert (compared.stale, compared.unread, compared.kept) == ((), lines, 0)
    assert ledger.render([], compared.unread) == ledger.render([CROSSING, other])
    assert ledger.compare(lines, [other], unread=()).stale == (CROSSING.key,)


def test_what_a_bad_merge_left_can_be_written_anew(tmp_path):
    path = tmp_path / "crossings.ledger"
    assert ledger.load_what_can_be(path) == ()
    path.write_text(f"<<<<<<< HEAD\n{CROSSING.key}\n=======\n")
    assert ledger.load_what_can_be(path) == (CROSSING.key,)


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


def test_what_only_ran_is_kept_until_a_trace_shows_that_it_is_gone():
    shown, ran = Crossing(**BARE), Crossing(**BARE | {"expression": "select on people"})
    lines = ledger.render([shown], ran=[ran]).splitlines()[2:]
    assert len(lines) == 2
    without = ledger.compare(lines, [shown])
    assert (without.added, without.stale, without.kept) == ((), (), 1)
    assert without.unread == (ran.key + ledger.RAN,)
    assert ledger.compare(lines, [shown], ran=[]).stale == (ran.key + ledger.RAN,)
    assert ledger.compare(lines, [shown], ran=[ran]).kept == 2
    new = Crossing(**BARE | {"expression": "select on carts"})
    assert ledger.compare(lines, [shown], ran=[ran, new]).added == (new,)
    assert ledger.keys(lines) == {shown.key, ran.key}


def test_what_the_source_shows_by_now_is_not_new_where_it_was_listed_as_only_ran():
    ran = Crossing(**BARE)
    lines = ledger.render([], ran=[ran]).splitlines()[2:]
    assert ledger.compare(lines, [ran]).added == ()


BARE = {
    "path": "shop/views.py", "line": 3, "column": 1, "end_line": 3, "end_column": 9,
    "kind": "evaluate", "source": "shop", "target": "people", "model": "people.Person",
    "table": "people_person", "access": "read", "confidence": "high", "function": "page",
    "expression": "orders",
}  # fmt: skip
