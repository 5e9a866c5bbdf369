"""Decide which relations are diverted, and which queries asked of the client, by supposing it.

    all that fit ─> survey ─> misuses, but for what other transforms change ─┐
        ▲                                                                    ▼
        └──────────── those that nobody misuses ◀── refused, with the reason ┘

What a query gives is a matter of this where its function does not show all that is done with it.
A value's reverse accessors work only where the relation behind them is diverted too, so what is
refused in one round may make a misuse of the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codemods.crossings.values import LAZY, QUERY
from codemods.transforms import prefetch, relations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from codemods.crossings.crossing import Crossing
    from codemods.crossings.infer.typed import Span
    from codemods.crossings.values import Type
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph
    from codemods.transforms.change import Change
    from codemods.transforms.source import SourceFile

Relation = tuple[str, str]
Parsed = tuple["SourceFile", str]
Given = dict[str, tuple[str, "Span", "Type"]]
Standing = dict[str, dict["Span", "Type"]]
MAX_ROUNDS = 6
OUT_OF_SIGHT = frozenset({"escape", "lacks", "rows"})


@dataclass(frozen=True)
class Decided:
    """Why each relation stays as it is, "" when it is or can be diverted; and what queries give.

    `given` maps the place of each query that a client may answer, because of what is done with its
    rows elsewhere, to its path, its span as `ast` counts it, and what it is supposed to give.
    `refused` says of those that it may not, where what they give is misused.
    """

    relations: dict[Relation, str]
    given: Given = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def trusted(self) -> frozenset[str]:
        """The places of those queries."""
        return frozenset(self.given)


@dataclass(frozen=True)
class Diverting:
    """Decides for one service.

    `survey` gives the crossings of the project with another graph and what is supposed to stand
    where; `asking` the changes that would do without an instance, of a file and its module, were
    relations decided so.
    """

    graph: Graph
    contexts: Contexts
    service: str
    survey: Callable[[Graph, Mapping[str, Mapping[Span, Type]]], Sequence[Crossing]]
    asking: Callable[[SourceFile, str, Mapping[Relation, str]], Sequence[Change]]

    def decided(
        self, everywhere: Sequence[SourceFile], files: Sequence[Parsed], *, diverts: bool = True
    ) -> Decided:
        """Decide of each relation and query.

        `everywhere` are the files that load rows ahead, the service's own too; `files` those that
        may change. Relations are left as they are unless it `diverts`.
        """
        hoped = relations.decide(self.graph, self.contexts, self.service, ())
        if not diverts:
            hoped = {
                key: "" if self.graph.models[key[0]].fields[key[1]].service else relations.SKIPPED
                for key in hoped
            }
        hoped = self._blocked(hoped, everywhere)
        supposed = Decided(hoped, self._hoped_of(files, hoped))
        for _ in range(MAX_ROUNDS):
            if not supposed.given and all(supposed.relations.values()):
                return supposed
            found = self._round(supposed, files)
            found = replace(found, relations=self._blocked(found.relations, everywhere))
            if found == supposed:
                return found
            supposed = found
        return replace(supposed, given={})

    def _standing(self, supposed: Decided, files: Sequence[Parsed]) -> Standing:
        """Return what is to stand where queries are: what the client gives, or may give."""
        found: Standing = {}
        for file, module in files:
            file.trusted = supposed.trusted
            for change in self.asking(file, module, supposed.relations):
                if change.operations:
                    found.setdefault(file.path, {})[_in_bytes(file, change)] = change.given
        for path, span, type_ in supposed.given.values():
            found.setdefault(path, {})[span] = type_
        return found

    def _hoped_of(self, files: Sequence[Parsed], hoped: Mapping[Relation, str]) -> Given:
        """Return what queries would give whose functions do not show all that is done with it."""
        found: Given = {}
        for file, module in files:
            file.trusted = None
            for change in self.asking(file, module, hoped):
                if change.supposed is not None:
                    span = _in_bytes(file, change)
                    supposed = (file.path, span, frozenset((change.supposed,)))
                    found[file.origin(change.node)] = supposed
        return found

    def _round(self, supposed: Decided, files: Sequence[Parsed]) -> Decided:
        """Decide by one survey; what another transform is going to change is no reason."""
        graph = relations.with_service(self.graph, self.contexts, self.service, supposed.relations)
        crossings = self.survey(graph, self._standing(supposed, files))
        in_doubt = {crossing.path for crossing in crossings if crossing.via}
        spans: dict[str, list[Span]] = {}
        for file, module in files if in_doubt else ():
            if file.path in in_doubt:
                file.trusted = supposed.trusted
                changes = self.asking(file, module, supposed.relations)
                spans[file.path] = [file.span(change.node) for change in changes]

        def is_covered(crossing: Crossing) -> bool:
            here = (crossing.line, crossing.column - 1)
            return crossing.kind not in OUT_OF_SIGHT and any(
                span[:2] <= here < span[2:] for span in spans.get(crossing.path, ())
            )

        again = relations.decide(self.graph, self.contexts, self.service, crossings, is_covered)
        misused = relations.misused(self.service, crossings, is_covered)
        refused = {
            place: reason
            for place in supposed.given
            for lazily in ("", LAZY)
            if (reason := misused.get(f"{QUERY}.{place}{lazily}"))
        }
        return Decided(
            {key: reason or again[key] for key, reason in supposed.relations.items()},
            {place: given for place, given in supposed.given.items() if place not in refused},
            {**supposed.refused, **refused},
        )

    def _blocked(
        self, found: dict[Relation, str], everywhere: Sequence[SourceFile]
    ) -> dict[Relation, str]:
        """Keep relations beyond which rows are loaded ahead in a way that cannot be rewritten."""
        for file in everywhere:
            file.relations = found
            blocked = prefetch.blocks(file)
            found = {key: reason or blocked.get(key, "") for key, reason in found.items()}
        return relations.settle(self.graph, found)


def _in_bytes(file: SourceFile, change: Change) -> Span:
    """Return the span of a change with columns counted in bytes, as `ast` does."""
    lines = file.text.split("\n")
    line, column, end_line, end_column = file.span(change.node)
    return (
        line,
        len(lines[line - 1][:column].encode()),
        end_line,
        len(lines[end_line - 1][:end_column].encode()),
    )
