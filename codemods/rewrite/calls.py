"""Who uses which operation of a client: read from the sources, changed or not.

The same reading serves the first run, on the texts as they will be, and every later one.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from codemods.contract.operations import Consumer
from codemods.rewrite.exports import parent, resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from codemods.contract.place import Place
    from codemods.crossings.discover import Source

Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def client_of(place: Place) -> str:
    """Return what call sites know the client by: "users_client"."""
    return place.client.rpartition(".")[2]


def is_generated(place: Place, path: str) -> bool:
    """Tell whether a file is one of the client's, or the provider."""
    folder = place.package_path(place.client)
    return path == place.provider_path or path.startswith(f"{folder}/")


def consumers(
    sources: Iterable[Source],
    text_of: Callable[[str], str | None],
    place: Place,
    operations: Collection[str],
) -> tuple[Consumer, ...]:
    """Return each place that names one of these operations on the service's client, sorted."""
    found: set[Consumer] = set()
    for source in sources:
        if source.kind != "python" or is_generated(place, source.path):
            continue
        text = text_of(source.path)
        if text is None or client_of(place) not in text:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        names = _names_of_client(tree, source, place)
        for function, name in _uses(tree, names, "<module>"):
            if name in operations:
                found.add(Consumer(name, source.context, source.path, function))
    return tuple(sorted(found))


def diverted(text: str, module: str, client: str) -> set[tuple[str, str]]:
    """Return the fields that a module declares with the client's field classes, by class."""
    found: set[tuple[str, str]] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    for qualname, definition in _classes(tree, ""):
        for statement in definition.body:
            value = getattr(statement, "value", None)
            if isinstance(statement, ast.Assign):
                targets = statement.targets
            elif isinstance(statement, ast.AnnAssign):
                targets = [statement.target]
            else:
                continue
            if (
                isinstance(value, ast.Call)
                and isinstance(value.func, ast.Attribute)
                and isinstance(value.func.value, ast.Name)
                and value.func.value.id == client
            ):
                found |= {
                    (f"{module}:{qualname}", target.id)
                    for target in targets
                    if isinstance(target, ast.Name)
                }
    return found


def _classes(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield prefix + child.name, child
            yield from _classes(child, f"{prefix}{child.name}.")
        elif not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.expr)):
            yield from _classes(child, prefix)


def _names_of_client(tree: ast.Module, source: Source, place: Place) -> frozenset[str]:
    """Return what the client is called in a file."""
    package = source.name if source.path.endswith("__init__.py") else parent(source.name)
    return frozenset(
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and resolved(node, package) == place.clients
        for alias in node.names
        if alias.name == client_of(place)
    )


def _uses(node: ast.AST, names: frozenset[str], function: str) -> Iterator[tuple[str, str]]:
    """Give (function, attribute) of every attribute of the client that is used."""
    for child in ast.iter_child_nodes(node):
        if (
            isinstance(child, ast.Attribute)
            and isinstance(child.value, ast.Name)
            and child.value.id in names
        ):
            yield function, child.attr
        inner = function
        if isinstance(child, Function):
            inner = child.name if function == "<module>" else f"{function}.{child.name}"
        yield from _uses(child, names, inner)
