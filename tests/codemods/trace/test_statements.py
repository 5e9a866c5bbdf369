"""Which statement and function a line belongs to, in Python and in templates."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods.trace import statements
from codemods.trace.statements import Statement

PYTHON = dedent("""\
    import this

    @decorated(
        by=1,
    )
    class Cart:
        name = "x"

        async def total(self, items):
            for item in (
                items
            ):
                if item.price and \\
                        item.count:
                    yield item.price
            else:
                return sum(
                    i for i in
                    items
                )

    match this:
        case 1:
            pass
    """)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (1, Statement(1, 1, "<module>")),
        (4, Statement(3, 6, "<module>")),
        (7, Statement(7, 7, "Cart")),
        (9, Statement(9, 9, "Cart")),
        (11, Statement(10, 12, "Cart.total")),
        (14, Statement(13, 14, "Cart.total")),
        (15, Statement(15, 15, "Cart.total")),
        (18, Statement(17, 20, "Cart.total")),
        (22, Statement(22, 22, "<module>")),
        (24, Statement(24, 24, "<module>")),
    ],
)
def test_a_line_belongs_to_its_statement_or_header(line: int, expected: Statement) -> None:
    assert statements.of_python(PYTHON)[line] == expected


def test_lines_without_code_belong_to_none() -> None:
    assert 2 not in statements.of_python(PYTHON)


def test_a_class_is_all_its_lines() -> None:
    nested = "class A:\n    x = 1\n    class B:\n        y = 2\n"
    assert statements.classes(nested) == {
        "A": Statement(1, 4, ""),
        "A.B": Statement(3, 4, "A"),
    }


@pytest.mark.parametrize("text", ["def (", "\0", "x = '"])
def test_a_file_that_does_not_parse_has_no_statements(text: str) -> None:
    assert statements.of_python(text) == {}
    assert statements.classes(text) == {}


def test_a_translated_block_is_one_statement() -> None:
    text = "{{ a }}\n{% blocktrans with b=a.b %}\n{{ b }}\n{% endblocktrans %}\n{{ c }}\n"
    found = statements.of_template(text)
    assert found == dict.fromkeys((2, 3, 4), Statement(2, 4, ""))


@given(st.integers(min_value=1, max_value=5), st.integers(min_value=0, max_value=4))
def test_the_statement_of_every_line_holds_the_line(depth: int, spread: int) -> None:
    lines = [f"{'    ' * level}if x:" for level in range(depth)]
    lines += ["    " * depth + "f(", *["    " * depth + "1," for _ in range(spread)]]
    lines.append("    " * depth + ")")
    text = "\n".join(lines)
    ast.parse(text)
    found = statements.of_python(text)
    assert set(found) == set(range(1, len(lines) + 1))
    assert all(statement.start <= line <= statement.end for line, statement in found.items())
