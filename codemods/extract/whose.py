"""Whose a file of the prepared tree is, for one service, and what Django does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.extract.imports import modules_of
from codemods.project.contexts import PROJECT

if TYPE_CHECKING:
    from codemods.extract.tree import Tree
    from codemods.project.graph import App

ROOT_MODULES = ("__init__", "apps", "models", "admin", "tasks", "provider", "translation")
ROOT_FOLDERS = ("management", "templatetags", "models", "admin", "tasks")
RUNTIME = "strangler"  # what generated clients stand on is installed, never copied


class Whose:
    """What is asked of the tree's paths while one service's files are gathered."""

    def __init__(self, tree: Tree, service: str) -> None:
        self.tree, self.service = tree, service
        self._plain: dict[str, bool] = {}

    def context(self, path: str) -> str:
        """Return the context that a file is of."""
        return self.tree.contexts.of_path(path)

    def is_others(self, path: str) -> bool:
        """Tell whether a file is of another context that is a service."""
        context = self.context(path)
        return context != self.service and context in self.tree.services

    def is_root(self, path: str) -> bool:
        """Tell whether Django finds a file by itself, whoever imports it."""
        app = self.tree.app_of(path)
        if app is None or app.path is None or self.is_test(path) or self.is_without(path):
            return False
        first, _, rest = path.removeprefix(f"{app.path}/").partition("/")
        if "migrations" in (first, *rest.split("/")):
            return False
        if not rest:
            return first.removesuffix(".py") in ROOT_MODULES
        return first in ROOT_FOLDERS

    def is_without(self, path: str) -> bool:
        """Tell whether what reads a file, such as the admin, is not installed in the service."""
        app = self.tree.app_of(path)
        first = path.removeprefix(f"{app.path}/").partition("/")[0] if app else ""
        return first.removesuffix(".py") in self.tree.without

    def is_test(self, path: str) -> bool:
        """Tell whether the context map leaves a file out: it is a test, or serves tests."""
        return self.tree.contexts.is_excluded(path)

    def is_migration(self, path: str) -> bool:
        """Tell whether a file is made anew with the service's own history."""
        return "/migrations/" in f"/{path}"

    def is_copyable(self, path: str) -> bool:
        """Tell whether a module that is only named by a string may come along."""
        return not self.tree.names[path].startswith(f"{RUNTIME}.") and not self.is_test(path)

    def own_packages(self, path: str) -> list[str]:
        """Return the packages that a module is in: importing it runs them."""
        name = self.tree.names.get(path, "")
        parts = name.split(".")
        above = (".".join(parts[:end]) for end in range(1, len(parts)))
        return [self.tree.modules[one] for one in above if one in self.tree.modules]

    def of_app(self, app: App) -> list[str]:
        """Return what Django imports of an installed app at its start."""
        names = (f"{app.path}/{name}.py" for name in ("__init__", "apps", "models"))
        config = self.tree.modules.get(self.tree.configs.get(app.label, ""))
        return [
            *([config] if config else []),
            *(name for name in names if name in self.tree.files),
            *(p for p in self.tree.files if p.startswith(f"{app.path}/models/")),
        ]

    def is_plain(self, name: str) -> bool:
        """Tell whether a module of another service holds no data, nor anything it imports."""
        if name not in self._plain:
            self._plain[name] = True  # within a cycle
            self._plain[name] = self._has_no_models(name)
        return self._plain[name]

    def _has_no_models(self, name: str) -> bool:
        path = self.tree.modules[name]
        if name in self.tree.models or self.is_migration(path) or name.endswith(".provider"):
            return False
        found = self.tree.read(path)
        if found is None:
            return not (self.tree.text(path) or "").strip()
        for one in found.imports:
            for other in modules_of(one, self.tree.modules):
                if other.split(".")[0] == RUNTIME:
                    break
                target = self.tree.modules[other]
                if target == path:
                    continue
                context = self.context(target)
                is_plain = context == PROJECT or (
                    other not in self.tree.models
                    if context not in self.tree.services
                    else context == self.service or self.is_plain(other)
                )
                if not is_plain:
                    return False
        return True
