"""Which tables a statement's text names, quoted and written as databases and people do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql as composed

import codemods.trace
from codemods.trace.inside.sql import tables_of, text_of

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
QUOTES = st.sampled_from(['"{}"', "`{}`", "[{}]", '"public"."{}"', '"schema" . "{}"'])


@pytest.mark.parametrize(
    ("sql", "verb", "reads", "writes"),
    [
        ('SELECT "a"."id" FROM "a"', "select", ["a"], []),
        ("  (select 1 from a) union (select 2 from b)", "select", ["a", "b"], []),
        ('SELECT 1 FROM "a" INNER JOIN "b" ON ("a"."b_id" = "b"."id")', "select", ["a", "b"], []),
        ('SELECT 1 FROM "a" LEFT OUTER JOIN "b" T3 ON 1', "select", ["a", "b"], []),
        ('SELECT 1 FROM "a" x, "b", public.c AS y WHERE 1', "select", ["a", "b", "c"], []),
        ('SELECT EXISTS(SELECT 1 FROM "b" U0) FROM "a"', "select", ["a", "b"], []),
        ('SELECT 1 FROM "a" WHERE "a"."s" = \'x FROM "b"\'', "select", ["a"], []),
        ("SELECT 1 /* FROM b */ FROM a -- JOIN c\n", "select", ["a"], []),
        ('SELECT 1 FROM "a" FOR UPDATE OF "a"', "lock", ["a"], []),
        ('SELECT 1 FROM "a" FOR NO KEY UPDATE', "lock", ["a"], []),
        ('INSERT INTO "a" ("x") VALUES (%s)', "insert", [], ["a"]),
        ('INSERT INTO "a" SELECT * FROM "b"', "insert", ["b"], ["a"]),
        ('INSERT OR IGNORE INTO "a" ("x") VALUES (1)', "insert", [], ["a"]),
        ('INSERT INTO "a" (x) VALUES (1) ON CONFLICT DO UPDATE SET x = 1', "insert", [], ["a"]),
        ("INSERT INTO `a` (x) VALUES (1) ON DUPLICATE KEY UPDATE x = 1", "insert", [], ["a"]),
        ("REPLACE INTO `a` (x) VALUES (1)", "insert", [], ["a"]),
        ('UPDATE "a" SET "x" = (SELECT 1 FROM "b")', "update", ["b"], ["a"]),
        ("update only a set x = 1", "update", [], ["a"]),
        ('DELETE FROM "a" WHERE "a"."id" IN (1)', "delete", [], ["a"]),
        ('DELETE FROM "a" WHERE id IN (SELECT 1 FROM "b")', "delete", ["b"], ["a"]),
        ('WITH w AS (SELECT 1 FROM "b") SELECT 1 FROM w', "select", ["b", "w"], []),
        ('WITH w AS (SELECT 1 FROM "b") UPDATE "a" SET x = 1', "update", ["b"], ["a"]),
        ("-- why\nSELECT 1 FROM a", "select", ["a"], []),
    ],
)
def test_tables_are_read_off_the_text(
    sql: str, verb: str, reads: list[str], writes: list[str]
) -> None:
    assert tables_of(sql) == (verb, tuple(reads), tuple(writes))


@pytest.mark.parametrize(
    "sql",
    ["", "SAVEPOINT s1", "PRAGMA foreign_keys", 'CREATE TABLE "a" (x)', "BEGIN", "ALTER TABLE a"],
)
def test_what_is_no_query_of_rows_is_none(sql: str) -> None:
    assert tables_of(sql) is None


@given(
    st.lists(st.tuples(NAMES, QUOTES), min_size=1, max_size=5), st.sampled_from([", ", " JOIN "])
)
def test_every_quoted_name_is_found_whatever_the_quotes(
    tables: list[tuple[str, str]], between: str
) -> None:
    sql = "SELECT 1 FROM " + between.join(quote.format(name) for name, quote in tables) + " WHERE 1"
    assert tables_of(sql) == ("select", tuple(sorted({name for name, _ in tables})), ())


@given(st.text())
def test_no_text_breaks_it(sql: str) -> None:
    tables_of(sql)
    tables_of("SELECT " + sql)


def test_what_a_driver_composes_is_asked_for_its_text() -> None:
    class Cursor:
        cursor = None

    query = composed.SQL("select 1 from {}").format(composed.Identifier("public", "a"))
    assert tables_of(text_of(query, Cursor)) == ("select", ("a",), ())
    assert text_of(b"select 1", Cursor) == "select 1"


@pytest.mark.parametrize("folder", ["inside", "inject"])
def test_what_runs_inside_is_python_3_6(folder: str) -> None:
    paths = sorted((Path(codemods.trace.__file__).parent / folder).glob("*.py"))
    assert paths
    for path in paths:
        text = path.read_text()
        ast.parse(text, feature_version=(3, 6))
        assert "from __future__" not in text, f"{path.name}: annotations came with Python 3.7"
