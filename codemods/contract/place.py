"""Where generated files go, by module and by path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.project.contexts import Contexts
    from codemods.project.graph import App, Graph

CONTRACTS = "contracts"


@dataclass(frozen=True, slots=True)
class Place:
    """Modules and paths of one service's generated files; `source` is what precedes packages.

    `clients` is the package of all clients, `client` that of this service in it.
    """

    service: str
    source: str
    clients: str
    client: str
    provider: str
    contract_path: str

    def path(self, module: str) -> str:
        """Return the path of a module that is a file."""
        return self.source + module.replace(".", "/") + ".py"

    def package_path(self, module: str) -> str:
        """Return the path of a package's folder."""
        return self.source + module.replace(".", "/")


def place_of(graph: Graph, contexts: Contexts, service: str) -> Place:
    """Return where a service's files go; `[rewrite] clients` of the context map overrides.

    Without it the clients go into `clients` in the package that holds all the project's own apps,
    or at the top where no one package does; the provider into the service's first own app, or
    beside the client when none is the project's own.
    """
    own = [app for app in graph.apps if app.path]
    package = _common_package([app.name for app in own])
    clients = contexts.clients or f"{package}.clients".lstrip(".")
    word = service.replace("-", "_")
    labels = [label for label, owner in contexts.by_app.items() if owner == service]
    home = next((app for label in labels for app in own if app.label == label), None)
    return Place(
        service,
        _source([app for app in own if app.name.split(".")[0] == clients.split(".")[0]] or own),
        clients,
        f"{clients}.{word}_client",
        f"{home.name}.provider" if home else f"{clients}.{word}_provider",
        f"{CONTRACTS}/{word}.json",
    )


def _common_package(names: list[str]) -> str:
    """Return the innermost package that holds all apps; an app may hold others, never itself."""
    packages = [name.split(".")[:-1] for name in names]
    common: list[str] = []
    for parts in zip(*packages, strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return ".".join(common)


def _source(apps: list[App]) -> str:
    """Return the folder that the import path starts at, such as "src/"; "" for the root."""
    for app in apps:
        folder = app.name.replace(".", "/")
        if app.path and app.path.endswith(folder):
            return app.path.removesuffix(folder)
    return ""
