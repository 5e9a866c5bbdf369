"""Raw SQL: strings that name another context's table where SQL names tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

    from codemods.crossings.infer.walker import Walker

STATEMENT = re.compile(
    r"\b(select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from|join)\b", re.I | re.S
)
TABLE = re.compile(r"""\b(from|join|into|update|table|,)\s+["`\[]?([A-Za-z_]\w*)""", re.I)
WRITES = re.compile(r"^\s*(insert|update|delete|truncate|alter|drop)\b", re.I)


def read_text(walker: Walker, node: ast.AST, text: str) -> None:
    """Record each table of another context that a SQL string names."""
    if not STATEMENT.search(text):
        return
    access = "write" if WRITES.search(text) else "read"
    for match in TABLE.finditer(text):
        label = walker.graph.tables.get(match.group(2))
        if label:
            if access == "write":
                walker.wrote(label)
            walker.emit("raw-sql", node, label, access=access)
