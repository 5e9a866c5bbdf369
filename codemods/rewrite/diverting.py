"""Decide which relations are diverted, by surveying the project as if they were.

    all that fit ─> survey ─> misuses, but for what other transforms change ─┐
        ▲                                                                    ▼
        └──────────── those that nobody misuses ◀── refused, with the reason ┘

A value's reverse accessors work only where the relation behind them is diverted too, so what is
refused in one round may make a misuse of the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.transforms import prefetch, relations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from codemods.crossings.crossing import Crossing
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph
    from codemods.transforms.change import Change
    from codemods.transforms.source import SourceFile, Span

Relation = tuple[str, str]
Parsed = tuple["SourceFile", str]
MAX_ROUNDS = 4


@dataclass(frozen=True)
class Diverting:
    """Decides for one service.

    `survey` gives the crossings of the project with another graph; `asking` the changes that would
    ask the service, of a file and its module, were these relations decided so.
    """

    graph: Graph
    contexts: Contexts
    service: str
    survey: Callable[[Graph], Sequence[Crossing]]
    asking: Callable[[SourceFile, str, Mapping[Relation, str]], Sequence[Change]]

    def decided(
        self, everywhere: Sequence[SourceFile], files: Sequence[Parsed]
    ) -> dict[Relation, str]:
        """Say of each relation why it stays as it is; "" when it is, or can be, diverted.

        `everywhere` are the files that load rows ahead, the service's own too; `files` those that
        may change.
        """
        if not relations.candidates(self.graph, self.contexts, self.service):
            return {}
        found = self._round(relations.with_service(self.graph, self.contexts, self.service), files)
        found = self._blocked(found, everywhere)
        for _ in range(MAX_ROUNDS):
            if not any(found.values()) or all(found.values()):
                break
            supposed = relations.with_service(self.graph, self.contexts, self.service, found)
            again = self._round(supposed, files)
            both = {key: reason or again[key] for key, reason in found.items()}
            both = self._blocked(both, everywhere)
            if both == found:
                break
            found = both
        return found

    def _round(self, supposed: Graph, files: Sequence[Parsed]) -> dict[Relation, str]:
        """Decide by one survey; what another transform is going to change is no reason."""
        crossings = self.survey(supposed)
        found = relations.decide(self.graph, self.contexts, self.service, crossings)
        in_doubt = {crossing.path for crossing in crossings if crossing.via}
        if not in_doubt or not any(found.values()):
            return found
        hoped = dict.fromkeys(found, "")
        spans: dict[str, list[Span]] = {
            file.path: [file.span(change.node) for change in self.asking(file, module, hoped)]
            for file, module in files
            if file.path in in_doubt
        }

        def is_covered(crossing: Crossing) -> bool:
            here = (crossing.line, crossing.column - 1)
            return any(span[:2] <= here < span[2:] for span in spans.get(crossing.path, ()))

        return relations.decide(self.graph, self.contexts, self.service, crossings, is_covered)

    def _blocked(
        self, found: dict[Relation, str], everywhere: Sequence[SourceFile]
    ) -> dict[Relation, str]:
        """Keep relations beyond which rows are loaded ahead in a way that cannot be rewritten."""
        for file in everywhere:
            file.relations = found
            blocked = prefetch.blocks(file)
            found = {key: reason or blocked.get(key, "") for key, reason in found.items()}
        return relations.settle(self.graph, found)
