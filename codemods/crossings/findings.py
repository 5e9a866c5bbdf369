"""Collect the crossings of one file while it is read.

Chains are one crossing: `User.objects.filter(...).first().email` starts where `User` stands, and
each further link extends what was found there, so the longest reading wins.
"""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.crossings.crossing import Crossing
from codemods.project.contexts import FRAMEWORK

if TYPE_CHECKING:
    import ast

    from codemods.crossings.discover import Source
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

MAX_EXPRESSION = 160


@dataclass(slots=True)
class Event:
    """A crossing in the making; columns count from 0, in bytes, as `ast` has them."""

    kind: str
    label: str
    target: str
    line: int
    column: int
    end_line: int
    end_column: int
    access: str
    confidence: str
    function: str
    detail: str
    via: str = ""


class Findings:
    """The events of one file, by where they start."""

    def __init__(self, graph: Graph, contexts: Contexts, source: Source) -> None:
        self._graph = graph
        self._contexts = contexts
        self._source = source
        self._at: dict[tuple[int, int], list[Event]] = {}
        self._by_line: dict[int, list[Event]] = {}

    def is_foreign(self, label: str) -> bool:
        """Tell whether a model is another context's than the file's, and not the framework's."""
        owner = self._contexts.of_label(label)
        return owner not in (self._source.context, FRAMEWORK)

    def add(
        self,
        kind: str,
        node: ast.AST,
        label: str,
        *,
        function: str,
        access: str = "read",
        confidence: str = "high",
        detail: str = "",
        via: str = "",
    ) -> None:
        """Record a crossing, unless the model is the file's own or the framework's."""
        if self.is_foreign(label):
            self.add_to(
                self._contexts.of_label(label),
                kind,
                node,
                label,
                function=function,
                access=access,
                confidence=confidence,
                detail=detail,
                via=via,
            )

    def add_to(
        self,
        target: str,
        kind: str,
        node: ast.AST,
        label: str,
        *,
        function: str,
        access: str = "read",
        confidence: str = "high",
        detail: str = "",
        via: str = "",
    ) -> None:
        """Record a crossing into a context that is already known."""
        line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        here = self._at.setdefault((line, column), [])
        for event in here:
            known = (event.kind, event.label, event.target, event.detail, event.via)
            if known == (kind, label, target, detail, via):
                _extend(event, node, access)
                return
        event = Event(
            kind, label, target, line, column,
            node.end_lineno or line, node.end_col_offset or column,  # type: ignore[attr-defined]
            access, confidence, function, detail, via,
        )  # fmt: skip
        here.append(event)
        self._by_line.setdefault(line, []).append(event)

    def extend(self, node: ast.AST, label: str, *, access: str = "read", kind: str = "") -> bool:
        """Grow the chain on this model that starts where `node` does; False when there is none."""
        for event in self._at.get((node.lineno, node.col_offset), ()):  # type: ignore[attr-defined]
            if event.label == label and event.kind in CHAINED:
                _extend(event, node, access)
                if kind and event.kind == "query":
                    event.kind = kind
                return True
        return False

    def has(self, node: ast.AST, label: str) -> bool:
        """Tell whether a crossing to this model was already recorded inside `node`."""
        start = (node.lineno, node.col_offset)  # type: ignore[attr-defined]
        end = (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        for line in range(start[0], end[0] + 1):
            for event in self._by_line.get(line, ()):
                if event.label == label and start <= (event.line, event.column) <= end:
                    return True
        return False

    def crossings(self, text: str) -> list[Crossing]:
        """Return what was found, in file order, with expressions cut from the source."""
        lines = [f"{line}\n" for line in text.split("\n")]
        found = [
            self._crossing(event, lines)
            for _, events in sorted(self._at.items())
            for event in events
        ]
        return number(sorted(found))

    def _crossing(self, event: Event, lines: list[str]) -> Crossing:
        model = self._graph.models.get(event.label)
        column = _characters(lines, event.line, event.column)
        end_column = _characters(lines, event.end_line, event.end_column)
        return Crossing(
            path=self._source.path,
            line=event.line,
            column=column + 1,
            end_line=event.end_line,
            end_column=end_column + 1,
            kind=event.kind,
            source=self._source.context,
            target=event.target,
            model=event.label,
            table=model.table if model else "",
            access=event.access,
            confidence=event.confidence,
            function=event.function,
            expression=event.detail or _cut(lines, event.line, column, event.end_line, end_column),
            via=event.via,
        )


CHAINED = frozenset(
    {
        "query", "query-write", "relation", "reverse-relation", "many-to-many", "generic-relation",
        "construct", "get-model", "method", "attribute",
    }
)  # fmt: skip


def number(crossings: list[Crossing]) -> list[Crossing]:
    """Give equal crossings of one function ordinals in file order, so that each key is unique."""
    from dataclasses import replace

    seen: dict[str, int] = {}
    result = []
    for crossing in crossings:
        count = seen.get(crossing.key, 0)
        seen[crossing.key] = count + 1
        result.append(replace(crossing, ordinal=count) if count else crossing)
    return result


def _extend(event: Event, node: ast.AST, access: str) -> None:
    end = (node.end_lineno or 0, node.end_col_offset or 0)  # type: ignore[attr-defined]
    event.end_line, event.end_column = max((event.end_line, event.end_column), end)
    if access == "write":
        event.access = access


def _characters(lines: list[str], line: int, column: int) -> int:
    if not 0 < line <= len(lines) or lines[line - 1].isascii():
        return column
    return len(lines[line - 1].encode()[:column].decode(errors="ignore"))


def _cut(lines: list[str], line: int, column: int, end_line: int, end_column: int) -> str:
    if line == end_line:
        text = lines[line - 1][column:end_column] if line <= len(lines) else ""
    else:
        text = "".join(
            [
                lines[line - 1][column:],
                *lines[line : end_line - 1],
                lines[end_line - 1][:end_column],
            ]
        )
        text = _without_comments(text)
    return normalised(text)


def _without_comments(text: str) -> str:
    """Return an expression of several lines without the comments between them."""
    if "#" not in text:
        return text
    lines = f"({text})".splitlines(keepends=True)
    try:
        for token in list(tokenize.generate_tokens(io.StringIO("".join(lines)).readline)):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column] + "\n"
    except (tokenize.TokenError, SyntaxError):
        return text
    return "".join(lines)[1:-1]


def normalised(text: str) -> str:
    """Return an expression on one line, without the spacing that formatters change."""
    flat = " ".join(text.split())
    for spaced, tight in (
        ("( ", "("),
        (" )", ")"),
        ("[ ", "["),
        (" ]", "]"),
        (" .", "."),
        (",)", ")"),
        (",]", "]"),
    ):
        flat = flat.replace(spaced, tight)
    flat = flat.replace("'", '"').replace("|", "¦")
    return flat if len(flat) <= MAX_EXPRESSION else flat[: MAX_EXPRESSION - 1] + "…"
