"""Read one file once more and keep what each of its expressions is, by where it stands."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.crossings.infer.walker import Walker, root_name
from codemods.crossings.values import Type, cut

if TYPE_CHECKING:
    from codemods.crossings.discover import Source
    from codemods.crossings.facts import Facts
    from codemods.crossings.infer.walker import Project

Span = tuple[int, int, int, int]
PARENTHESISED = (ast.Tuple, ast.GeneratorExp)


@dataclass(frozen=True, slots=True, eq=False)
class FileTypes:
    """A file's text as it was read, and the type of each expression in it that has one.

    A span is (line from 1, column from 0 in characters, end line, exclusive end column), as
    libcst's PositionProvider gives it. What is not in `types` is unknown. `guessed` are the spans
    of those that only the name of a variable tells: likely, never certain.
    """

    path: str
    module: str
    context: str
    text: str
    types: dict[Span, Type]
    guessed: frozenset[Span]


class TypedWalker(Walker):
    """Keeps the type of each expression it reads."""

    def __init__(self, project: Project, source: Source, facts: Facts, text: str) -> None:
        super().__init__(project, source, facts)
        self._text = text
        self._lines = text.split("\n")
        self._types: dict[Span, Type] = {}
        self._guessed: set[Span] = set()

    def eval(self, node: ast.AST | None) -> Type:
        """Return the type of an expression, and keep it."""
        type_ = super().eval(node)
        if node is not None:
            self.note(node, type_)
        return type_

    def note(self, node: ast.AST, type_: Type) -> None:
        """Keep the type of a node, beside what it was seen to be before."""
        if not type_ or not getattr(node, "lineno", 0):
            return
        span = self.span(node)
        self._types[span] = cut(self._types.get(span, type_) | type_)
        if self.guessed and root_name(node) in self.guessed:
            self._guessed.add(span)

    def span(self, node: ast.AST) -> Span:
        """Return where a node stands, without the parentheses that `ast` counts as its own."""
        start = (node.lineno, node.col_offset)  # type: ignore[attr-defined]
        if isinstance(node, ast.arg):
            name = node.arg
            column = self._characters(*start)
            return (start[0], column, start[0], column + len(name))
        end = (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        column, end_column = self._characters(*start), self._characters(*end)
        span = (start[0], column, end[0], end_column)
        return self._bare(span) if self._is_parenthesised(node, span) else span

    def _is_parenthesised(self, node: ast.AST, span: Span) -> bool:
        """Tell whether the first and last character of a node are parentheses around all of it."""
        if isinstance(node, ast.Tuple) and node.elts:
            if self._lines[span[0] - 1][span[1]] != "(":
                return False
            first = node.elts[0]
            begin = self._characters(first.lineno, first.col_offset)
            end = self._characters(first.end_lineno or 0, first.end_col_offset or 0)
            before = self._lines[first.lineno - 1][
                span[1] if first.lineno == span[0] else 0 : begin
            ]
            opened = before.count("(") + (first.lineno != span[0])
            after = self._lines[(first.end_lineno or 0) - 1][end:].partition(",")[0]
            return opened > after.count(")")
        return isinstance(node, PARENTHESISED)

    def _bare(self, span: Span) -> Span:
        """Leave off the parentheses and the spaces inside them."""
        line, column, end_line, end_column = span
        first, last = self._lines[line - 1], self._lines[end_line - 1]
        inside = first[column + 1 :]
        start = column + 1 + len(inside) - len(inside.lstrip())
        end = len(last[: end_column - 1].rstrip())
        return (line, start, end_line, end)

    def _characters(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        return column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))

    def result(self) -> FileTypes:
        """Return what was kept."""
        return FileTypes(
            self.source.path,
            self.source.name,
            self.source.context,
            self._text,
            self._types,
            frozenset(self._guessed),
        )
