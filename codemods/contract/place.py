"""Where generated files go, by module and by path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

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
    provider_path: str
    contract_path: str

    def package_path(self, module: str) -> str:
        """Return the path of the folder of a package of clients."""
        return self.source + module.replace(".", "/")


def place_of(graph: Graph, contexts: Contexts, service: str) -> Place:
    """Return where a service's files go; `[rewrite] clients` of the context map overrides.

    Without it the clients go into `clients` in the package that holds all the project's own apps,
    or at the top where no one package does; the provider into the first package of the
    service that is the project's own, or beside the client when there is none.
    """
    own = [app for app in graph.apps if app.path and not contexts.is_excluded(f"{app.path}/x.py")]
    package = _common_package([app.name for app in own])
    clients = contexts.clients or f"{package}.clients".lstrip(".")
    word = service.replace("-", "_")
    inside = [app for app in own if app.name.split(".")[0] == clients.split(".")[0]] or own
    source = next(filter(None, (_source(app.name, app.path) for app in inside)), "")
    home = _home(graph, contexts, service)
    provider, path = f"{clients}.{word}_provider", f"{source}{clients.replace('.', '/')}"
    if home:
        provider, path = f"{home[0]}.provider", home[1]
    return Place(
        service,
        source,
        clients,
        f"{clients}.{word}_client",
        provider,
        f"{path}/{provider.rpartition('.')[2]}.py",
        f"{CONTRACTS}/{word}.json",
    )


def _home(graph: Graph, contexts: Contexts, service: str) -> tuple[str, str] | None:
    """Return the package that a service's provider goes into, and its folder.

    An app in a folder that is left unread, such as one that tests install, is no home for it.
    """
    packages = {
        module.path.removesuffix("/__init__.py"): name
        for name, module in graph.modules.items()
        if module.path.endswith("/__init__.py")
    }
    packages |= {app.path: app.name for app in graph.apps if app.path}
    labels = [label for label, owner in contexts.by_app.items() if owner == service]
    apps = {app.label: app.path for app in graph.apps if app.path}
    folders = [apps[label] for label in labels if label in apps]
    named = [folder for folder, owner in contexts.by_path if owner == service]
    folders += sorted(named, key=lambda folder: (folder.count("/"), folder))
    for folder in folders:
        if folder in packages and not contexts.is_excluded(f"{folder}/provider.py"):
            return packages[folder], folder
    return None


def _common_package(names: list[str]) -> str:
    """Return the innermost package that holds all apps, or is the one that holds the others."""
    packages = [
        name.split(".")[: None if any(other.startswith(f"{name}.") for other in names) else -1]
        for name in names
    ]
    common: list[str] = []
    for parts in zip(*packages, strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return ".".join(common)


def _source(package: str, path: str | None) -> str:
    """Return the folder that the import path starts at, such as "src/"; "" for the root."""
    folder = package.replace(".", "/")
    return path.removesuffix(folder) if path and path.endswith(folder) else ""
