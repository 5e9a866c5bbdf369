"""Which statement and function each line of a file belongs to.

SQL is seen at the line the interpreter is on, which in a statement of several lines is any of
them; crossings are found at the line an expression starts. The statement is what they share.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULE = "<module>"
_BLOCK_TRANSLATE = re.compile(r"{%-?\s*(end)?blocktrans(?:late)?\b")


@dataclass(frozen=True, slots=True)
class Statement:
    """Lines from 1, both ends included; a compound statement is its header alone."""

    start: int
    end: int
    function: str


def of_python(text: str) -> dict[int, Statement]:
    """Map each line that holds code to its statement; a file that does not parse has none."""
    found: dict[int, Statement] = {}
    for node, qualname in _parsed(text):
        statement = Statement(_first_line(node), _last_line(node), qualname or MODULE)
        for line in range(statement.start, statement.end + 1):
            found[line] = statement
    return found


def classes(text: str) -> dict[str, Statement]:
    """Map each class of a file to all its lines; a file that does not parse has none."""
    return {
        f"{outer}.{node.name}".lstrip("."): Statement(
            _first_line(node), node.end_lineno or 0, outer
        )
        for node, outer in _parsed(text)
        if isinstance(node, ast.ClassDef)
    }


def _parsed(text: str) -> list[tuple[ast.stmt, str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return list(_statements(ast.parse(text), ""))
        except (SyntaxError, ValueError, RecursionError):
            return []


def _statements(parent: ast.AST, qualname: str) -> Iterator[tuple[ast.stmt, str]]:
    """Yield statements, outer before inner, with the qualified name of what encloses each."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.stmt):
            yield node, qualname
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        inner = f"{qualname}.{node.name}".lstrip(".") if named else qualname  # type: ignore[attr-defined]
        yield from _statements(node, inner)


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", ())
    return int(min([node.lineno, *(decorator.lineno for decorator in decorators)]))


def _last_line(node: ast.stmt) -> int:
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not body:
        return node.end_lineno or node.lineno
    first = body[0]
    start = first.pattern.lineno if isinstance(first, ast.match_case) else _first_line(first)
    return int(max(node.lineno, start - 1))


def of_template(text: str) -> dict[int, Statement]:
    """Map each line of a translated block to the block: its variables are read at its first."""
    found: dict[int, Statement] = {}
    start = 0
    for number, line in enumerate(text.splitlines(), 1):
        for match in _BLOCK_TRANSLATE.finditer(line):
            if not match.group(1):
                start = start or number
            elif start:
                statement = Statement(start, number, "")
                found.update(dict.fromkeys(range(start, number + 1), statement))
                start = 0
    return found
