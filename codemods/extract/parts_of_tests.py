"""Which part of each test file a service can have: what is not here, found by its imports.

import ─> apart from the monolith? lost by the other test file? ─> in the way of a trial closure?
    ─> names, lines and fixtures that are not here ─> tests_alone.alone
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from codemods.extract.imports import modules_of
from codemods.extract.tests_alone import Alone, alone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from codemods.extract.findings import Blocker
    from codemods.extract.imports import Import
    from codemods.extract.tree import Tree

    class InTheWay(Protocol):
        """Tells what would keep a file from having one of its imports."""

        def __call__(self, path: str, one: Import) -> Collection[Blocker]:
            """Return the blockers; none where it can."""


CONFTEST = "conftest.py"


class Parts:
    """The part of each test file that runs alone, worked out once."""

    def __init__(self, tree: Tree, is_test: Callable[[str], bool]) -> None:
        self.tree, self.is_test = tree, is_test
        self.known: dict[str, Alone] = {}

    def conftests(self, own: Iterable[str]) -> list[str]:
        """Return the conftest files above the service's tests, outermost first."""
        above = {
            "/".join([*path.split("/")[:depth], CONFTEST])
            for path in own
            if self.is_test(path) and path.endswith(".py")
            for depth in range(path.count("/") + 1)
        }
        return sorted((each for each in above if each in self.tree.files), key=len)

    def of(self, path: str, in_the_way: InTheWay) -> Alone:
        """Return what of a test file runs without what is not here."""
        if path not in self.known:
            text = self.tree.text(path) or ""
            self.known[path] = Alone(text)  # within a cycle
            found = self.tree.read(path)
            if found is not None:
                names, lines = self._lost(path, found.imports, in_the_way)
                fixtures = self._lost_above(path)
                self.known[path] = alone(text, names=names, lines=lines, fixtures=fixtures)
        return self.known[path]

    def _lost_above(self, path: str) -> set[str]:
        return {
            name
            for other, part in self.known.items()
            if other.endswith(CONFTEST) and path.startswith(other[: -len(CONFTEST)])
            for name in part.fixtures
        }

    def _lost(
        self, path: str, imports: Iterable[Import], in_the_way: InTheWay
    ) -> tuple[dict[str, str], dict[int, str]]:
        """Return the names that a test file cannot import, and the lines that need too much."""
        names: dict[str, str] = {}
        lines: dict[int, str] = {}
        for one in imports:
            if reason := self._not_here(one, in_the_way):
                names[one.bound] = reason
            elif blockers := in_the_way(path, one):
                first = min(blockers)
                reason = first.what.partition(", line")[0]
                if first.path == path and one.module in self.tree.models:
                    lines.update(dict.fromkeys(first.uses, reason))
                else:
                    where = "" if first.path == path else f" ({first.path}:{first.line})"
                    names[one.bound] = reason + where
        return names, lines

    def _not_here(self, one: Import, in_the_way: InTheWay) -> str:
        """Return why a name is nowhere among the files of a service; "" where it may be."""
        found = modules_of(one, self.tree.modules)
        if not found and one.module.split(".")[0] in self.tree.apart:
            return f"{one.module} is apart from the monolith"
        for name in found:
            target = self.tree.modules[name]
            if self.is_test(target) and one.name in (part := self.of(target, in_the_way)).names:
                return part.names[one.name]
        return ""
