"""Raw SQL: strings that name another context's table where SQL names tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.crossings.values import UNKNOWN, Type, one

if TYPE_CHECKING:
    import ast

    from codemods.crossings.infer.walker import Walker

STATEMENT = re.compile(
    r"\b(select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from|join)\b", re.I | re.S
)
TABLE = re.compile(r"""\b(from|join|into|update|table|,)\s+["`\[]?([A-Za-z_]\w*)""", re.I)
WRITES = re.compile(r"^\s*(insert|update|delete|truncate|alter|drop)\b", re.I)


PREFIX = "sql:"
RUNS = frozenset({"execute", "executemany"})


def read_text(walker: Walker, node: ast.AST, text: str) -> Type:
    """Record each table of another context that a SQL string names; return it as SQL."""
    if not STATEMENT.search(text):
        return UNKNOWN
    access = "write" if WRITES.search(text) else "read"
    labels = {walker.graph.tables.get(match.group(2)) for match in TABLE.finditer(text)}
    known = sorted(label for label in labels if label)
    for label in known:
        if access == "write":
            walker.wrote(label)
        walker.emit("raw-sql", node, label, access=access)
    return one("E", f"{PREFIX}{access}:{','.join(known)}") if known else UNKNOWN


def executed(walker: Walker, node: ast.Call, type_: Type) -> None:
    """Record that SQL written elsewhere runs here."""
    for value in type_:
        if value[0] == "E" and value[1].startswith(PREFIX):
            access, _, labels = value[1].removeprefix(PREFIX).partition(":")
            for label in labels.split(","):
                if not walker.found.has(node, label):
                    walker.emit("raw-sql", node, label, access=access)
