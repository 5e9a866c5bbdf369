"""A project as it is read for a rewrite: as on disk, or with other texts and another graph."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from codemods.crossings import discover
from codemods.crossings.reader import decode
from codemods.crossings.survey import survey_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from codemods.crossings.crossing import Crossing
    from codemods.crossings.discover import Source
    from codemods.crossings.infer.typed import Span
    from codemods.crossings.rounds import Readers
    from codemods.crossings.survey import Typed
    from codemods.crossings.values import Type
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph


def _silent(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Monolith:
    """A project as it is read: its models, its context map, and its files by digest.

    `overlay` has contents that stand in for files, as one given on standard input does. `readers`
    are kept for all surveys of a rewrite.
    """

    root: Path
    graph: Graph
    contexts: Contexts
    digests: Mapping[str, str]
    pages: Mapping[str, str]
    processes: int | None = None
    progress: Callable[[str, int, int], None] = _silent
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    readers: Readers | None = None

    def raw(self, path: str) -> bytes | None:
        """Return a file's bytes; None when it is not there."""
        if path in self.overlay:
            return self.overlay[path]
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def text(self, path: str) -> str | None:
        """Return a Python file's text; None when it is not there or cannot be decoded."""
        raw = self.raw(path)
        try:
            return None if raw is None else decode(raw)
        except (SyntaxError, ValueError):
            return None

    def survey(
        self,
        graph: Graph,
        wanted: Callable[[list[Crossing]], Iterable[str]] = lambda _crossings: (),
        overlay: Mapping[str, str | None] | None = None,
        step: str = "",
        supposed: Mapping[str, Mapping[Span, Type]] | None = None,
    ) -> Typed:
        """Read the project as it is, or as an overlay, another graph and suppositions have it."""
        return survey_typed(
            self.root, graph, self.contexts, self.digests, self.pages,
            wanted=lambda crossings: frozenset(wanted(crossings)),
            overlay={**self._overlaid, **(overlay or {})},
            supposed=supposed,
            processes=self.processes,
            progress=lambda what, done, total: self.progress(f"{step}{what}", done, total),
            readers=self.readers,
        )  # fmt: skip

    @cached_property
    def _overlaid(self) -> dict[str, str | None]:
        return {path: self.text(path) or "" for path in self.overlay}

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Return every Python file, those left unread too."""
        everything = replace(self.contexts, exclude=())
        digests = {**self.digests, **dict.fromkeys(self.overlay, "")}
        return tuple(discover.python_sources(self.graph, everything, digests))
