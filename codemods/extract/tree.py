"""The prepared tree as an extraction reads it: modules, files, and what each file imports."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from codemods.extract.imports import Read, read
from codemods.extract.shown import NOTHING, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from codemods.extract.stand_in_factories import Supplied
    from codemods.project.contexts import Contexts
    from codemods.project.graph import App, Graph


@dataclass(frozen=True)
class Tree:
    """The prepared tree, as a closure reads it.

    `modules` maps each module of the project to its path, `files` are all its paths, `text` gives
    a Python file's. `supplied` stand in for modules of factories of other services; `apart` are
    packages of the repository that are no part of the monolith; `without`
    are apps that the service does not install, such as "admin": their modules stay. What strings in
    the module `settings` name is told by its values, not by its text. `shown` are serializers of
    other services that can be written over their values.
    """

    graph: Graph
    contexts: Contexts
    services: tuple[str, ...]
    modules: Mapping[str, str]
    files: Collection[str]
    text: Callable[[str], str | None]
    supplied: Mapping[str, Supplied] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    settings: str = ""
    shown: Shown = NOTHING
    _read: dict[str, Read | None] = field(default_factory=dict)

    def read(self, path: str) -> Read | None:
        """Return what a Python file imports, read once."""
        if path not in self._read:
            text = self.text(path)
            is_package = path.endswith("__init__.py")
            found = None if text is None else read(text, self.names[path], is_package=is_package)
            self._read[path] = found
        return self._read[path]

    @cached_property
    def names(self) -> dict[str, str]:
        """Return the module of each path."""
        return {path: name for name, path in self.modules.items()}

    @cached_property
    def models(self) -> frozenset[str]:
        """Return the modules that hold a model."""
        return frozenset(
            cls.partition(":")[0]
            for model in self.graph.models.values()
            for cls in (model.name, *model.bases)
            if cls.partition(":")[0] in self.modules
        )

    def app_of(self, path: str) -> App | None:
        """Return the innermost app whose folder a path is in."""
        holding = [a for a in self.graph.apps if a.path and path.startswith(f"{a.path}/")]
        return max(holding, key=lambda app: len(app.path or ""), default=None)
