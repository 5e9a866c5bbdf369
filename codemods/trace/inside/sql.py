# ruff: noqa: UP006, UP035, UP045 - must run on Python 3.6
"""Which tables a statement reads and writes, by its text."""

import re
from typing import Any, Optional, Set, Tuple

Statement = Tuple[str, Tuple[str, ...], Tuple[str, ...]]

_NAME = r"""(?:"[^"]+"|`[^`]+`|\[[^\]]+\]|[A-Za-z_][\w$]*)"""
_QUALIFIED = _NAME + r"(?:\s*\.\s*" + _NAME + ")*"
_LISTED = _QUALIFIED + r"(?:\s+(?:AS\s+)?(?!ON\b|SET\b)" + _NAME + r")?\s*,\s*"
_TABLES = re.compile(
    r"\b(FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+|LATERAL\s+)?((?:" + _LISTED + ")*" + _QUALIFIED + ")",
    re.IGNORECASE,
)
_ALIAS = re.compile("(" + _QUALIFIED + r")[^,]*(?:,\s*|$)")
_LAST_NAME = re.compile("(" + _NAME + r")\s*$")
_LITERALS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_VERB = re.compile(r"^[\s(]*(SELECT|INSERT|REPLACE|UPDATE|DELETE|MERGE|WITH)\b", re.IGNORECASE)
_WRITE_AFTER_WITH = re.compile(r"\)\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_LOCK = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+|KEY\s+)?(?:UPDATE|SHARE)\b", re.IGNORECASE)
_NOT_A_TABLE = re.compile(r"\b(?:FOR|DO|KEY)\s+$", re.IGNORECASE)
_DELETE = re.compile(r"\bDELETE\s+$", re.IGNORECASE)
_LOOK_BACK = 12
_VERBS = {"replace": "insert", "merge": "update"}


def tables_of(sql: str) -> Optional[Statement]:
    """Return (verb, tables read, tables written), or None for what is not a query of rows.

    The verb is select, lock (a select for update), insert, update or delete. A name may be no
    table at all, such as that of a WITH query; whoever reads the trace knows the tables.
    """
    if "'" in sql or "--" in sql or "/*" in sql:
        sql = _LITERALS.sub(" ", sql)
    head = _VERB.match(sql)
    if head is None:
        return None
    verb = head.group(1).lower()
    if verb == "with":
        write = _WRITE_AFTER_WITH.search(sql)
        verb = write.group(1).lower() if write else "select"
    elif verb == "select" and _LOCK.search(sql):
        verb = "lock"
    reads: Set[str] = set()
    writes: Set[str] = set()
    for match in _TABLES.finditer(sql):
        word, names = match.groups()
        before = sql[max(0, match.start() - _LOOK_BACK) : match.start()]
        word = word.upper()
        if word == "UPDATE" and _NOT_A_TABLE.search(before):
            continue
        is_written = word in ("INTO", "UPDATE") or _DELETE.search(before) is not None
        (writes if is_written else reads).update(_unquoted(names))
    return _VERBS.get(verb, verb), tuple(sorted(reads - writes)), tuple(sorted(writes))


def _unquoted(names: str) -> Tuple[str, ...]:
    """Return the last part of each name of a list: `"public"."a" x, "b"` gives a and b."""
    found = []
    for qualified in _ALIAS.findall(names):
        last = _LAST_NAME.search(qualified)
        if last is not None:
            found.append(last.group(1).strip('"`[]'))
    return tuple(found)


def text_of(sql: Any, cursor: Any) -> str:
    """Return the text of what a driver composes, such as psycopg's `sql.SQL`."""
    if isinstance(sql, str):
        return str(sql)
    if isinstance(sql, bytes):
        return sql.decode("utf-8", "replace")
    return str(sql.as_string(cursor.cursor))
