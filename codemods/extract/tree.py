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
    other services that can be written over their values. `configs` has the module of each app's
    configuration by label, where it is the project's.
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
    configs: Mapping[str, str] = field(default_factory=dict)
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

    def loaded(self, path: str) -> list[str]:
        """Return the modules of what a module's calls loaded: classes, functions and models.

        What a project loads by names of its own, as oscar's `get_class("partner.strategy", ...)`
        does, no import tells; what its globals were once it stood does. The user's model is none
        of them: `accounts` stand in for it. Apps that are asked of Django by label come as well.
        """
        module, found = self.graph.modules.get(self.names.get(path, "")), self.read(path)
        wanted = {self.configs.get(label, "") for label in (found.labels if found else ())}
        for text in found.strings if found else ():
            wanted |= self._by_label(text)
        for name in found.assigned if module and found else ():
            kind, bound = module.names.get(name, ("", "")) if module else ("", "")
            origin = bound.partition(":")[0]
            if kind == "model":
                wanted |= self._home(bound)
            elif origin in self.modules:
                wanted |= {origin, self._of_fork(self.modules[origin])}
        return sorted(one for one in wanted & self.modules.keys() if self.modules[one] != path)

    def related(self, app: App) -> list[str]:
        """Return the modules of the models that an app's models have relations to, but users'."""
        targets = {
            field.target
            for model in self.graph.models.values()
            if model.app == app.label
            for field in model.fields.values()
        }
        homes = (self._home(target) for target in targets if target)
        return sorted(set().union(*homes) & self.modules.keys())

    def _home(self, label: str) -> set[str]:
        """Return the modules of a model's class and of its app's configuration."""
        model = self.graph.models.get(label)
        if model is None or label == self.graph.auth_user_model:
            return set()
        return {model.name.partition(":")[0], self.configs.get(model.app, "")}

    def _by_label(self, text: str) -> set[str]:
        """Return the modules that "label.module" names, of an app or of the one it forks."""
        label, _, rest = text.partition(".")
        app = next((one for one in self.graph.apps if one.label == label and one.path), None)
        folders = (app.path, *app.inherits) if app and rest else ()
        paths = (f"{folder}/{rest.replace('.', '/')}.py" for folder in folders)
        found = {self.names[path] for path in paths if path in self.names}
        return {*found, self.configs.get(label, "")} if found else found

    def _of_fork(self, path: str) -> str:
        """Return the configuration of the app that stands in place of the one a file is of."""
        forks = [
            app
            for app in self.graph.apps
            for folder in app.inherits
            if path.startswith(f"{folder}/")
        ]
        return self.configs.get(forks[0].label, "") if len(forks) == 1 else ""

    def app_of(self, path: str) -> App | None:
        """Return the innermost app whose folder a path is in."""
        holding = [a for a in self.graph.apps if a.path and path.startswith(f"{a.path}/")]
        return max(holding, key=lambda app: len(app.path or ""), default=None)
