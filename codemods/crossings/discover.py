"""Which files there are to read: their module names, contexts and digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

TEMPLATE_SUFFIXES = (".html", ".txt", ".xml", ".htm")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read. `kind` is python, migration or template; `name` is its module or template."""

    path: str
    kind: str
    name: str
    context: str
    digest: str


def python_sources(graph: Graph, contexts: Contexts, digests: dict[str, str]) -> list[Source]:
    """Return the Python files to read, in path order."""
    tops = _import_roots(graph)
    found = []
    for path, digest in sorted(digests.items()):
        if contexts.is_excluded(path):
            continue
        kind = "migration" if "/migrations/" in f"/{path}" else "python"
        name = graph.module_of_path.get(path) or _module_name(path, tops)
        found.append(Source(path, kind, name, contexts.of_path(path), digest))
    return found


def _import_roots(graph: Graph) -> tuple[str, ...]:
    """Return the folders that modules are imported from, longest first, such as "src/"."""
    roots = {""}
    for name, module in graph.modules.items():
        tail = name.replace(".", "/")
        for end in (f"{tail}.py", f"{tail}/__init__.py"):
            if module.path.endswith(end):
                roots.add(module.path[: -len(end)])
    return tuple(sorted(roots, key=lambda root: (-len(root), root)))


def _module_name(path: str, roots: tuple[str, ...]) -> str:
    root = next(root for root in roots if path.startswith(root))
    name = path[len(root) :].removesuffix(".py").removesuffix("/__init__")
    return name.replace("/", ".")


def template_folders(graph: Graph) -> tuple[str, ...]:
    """Return the folders that templates are loaded from, longest first."""
    found = set(graph.template_dirs)
    found |= {f"{app.path}/templates" for app in graph.apps if app.path}
    return tuple(sorted(found, key=lambda folder: (-len(folder), folder)))


def template_sources(graph: Graph, contexts: Contexts, digests: dict[str, str]) -> list[Source]:
    """Return the templates to read, each named as `render()` would name it."""
    folders = template_folders(graph)
    found = []
    for path, digest in sorted(digests.items()):
        if contexts.is_excluded(path):
            continue
        folder = next((f for f in folders if path.startswith(f + "/")), None)
        if folder is not None:
            name = path[len(folder) + 1 :]
            found.append(
                Source(path, "template", name, _template_context(path, name, contexts), digest)
            )
    return found


def _template_context(path: str, name: str, contexts: Contexts) -> str:
    """Return a template's context: its folder's, else that of the app its first folder names."""
    owner = contexts.of_path(path)
    folders = name.split("/")[:-1]
    if owner == "project":
        for folder in reversed(folders):
            if folder in contexts.by_app:
                return contexts.by_app[folder]
            if folder in contexts.names:
                return folder
    return owner
