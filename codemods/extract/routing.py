"""The monolith's URL tree, as the probe tells it: which entries a service answers, which not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codemods.extract.facts import Above, PageElsewhere, RouteFact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from codemods.extract.tree import Tree


def longest(name: str, modules: Collection[str]) -> str:
    """Return the module that a dotted name leads into, "" for one that is not the project's."""
    parts = name.replace(":", ".").split(".")
    for end in range(len(parts), 0, -1):
        if (found := ".".join(parts[:end])) in modules:
            return found
    return ""


def _owner(entry: Mapping[str, Any], tree: Tree) -> str:
    """Return the context that an entry's module or view belongs to; "" for a list or a library."""
    named = entry["include"] if "inside" in entry else entry["view"]
    module = longest(named, tree.modules) if named else ""
    path = tree.modules.get(module)
    return tree.contexts.of_path(path) if path and "." in module else ""


def routes(
    entries: Iterable[Mapping[str, Any]], tree: Tree, service: str, above: tuple[Above, ...] = ()
) -> tuple[RouteFact, ...]:
    """Return the entries that a service answers, each below what it stood in."""
    found: list[RouteFact] = []
    for entry in entries:
        kind, route = entry["kind"], entry["route"]
        is_own = _owner(entry, tree) == service
        if "inside" not in entry:
            if is_own and entry["call"] is not None:
                view = f"{entry['view']}{entry['call']}"
                found.append(RouteFact(route, kind, view=view, name=entry["name"], above=above))
        elif is_own:
            found.append(RouteFact(route, kind, above=above, **_included(entry)))
        else:
            inner = Above(kind, route, entry["namespace"], entry["app_name"])
            found += routes(entry["inside"], tree, service, (*above, inner))
    return tuple(found)


def _included(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return how an include names its module: a namespace only where it was given there."""
    app_name = "" if entry["own_app_name"] else entry["app_name"]
    is_given = entry["namespace"] != entry["app_name"]
    namespace = entry["namespace"] if is_given else ""
    return {"include": entry["include"], "namespace": namespace, "app_name": app_name}


def modules(entries: Iterable[Mapping[str, Any]], tree: Tree, service: str) -> list[str]:
    """Return the paths of the modules that a service's own entries lead to."""
    names = (route.include or route.view for route in routes(entries, tree, service))
    return [tree.modules[longest(name, tree.modules)] for name in names]


def unmade(
    entries: Iterable[Mapping[str, Any]], tree: Tree, service: str
) -> Iterator[tuple[str, str]]:
    """Yield (route, view) of a service's entries whose view cannot be written down again."""
    for entry in entries:
        if "inside" in entry and _owner(entry, tree) != service:
            yield from unmade(entry["inside"], tree, service)
        elif entry.get("call", "") is None and _owner(entry, tree) == service:
            yield entry["route"], entry["view"]


def elsewhere(
    entries: Iterable[Mapping[str, Any]], tree: Tree, service: str, texts: Collection[str]
) -> tuple[PageElsewhere, ...]:
    """Return the pages that others answer and that the service's files may name."""
    found = dict.fromkeys(_pages(entries, tree, service, (), ()))
    return tuple(page for page in found if any(page.name in text for text in texts))


def _pages(
    entries: Iterable[Mapping[str, Any]],
    tree: Tree,
    service: str,
    above: tuple[Mapping[str, Any], ...],
    namespaces: tuple[str, ...],
) -> Iterator[PageElsewhere]:
    for entry in entries:
        steps = (*above, entry)
        if _owner(entry, tree) == service:
            continue
        if "inside" in entry:
            inner = (*namespaces, entry["namespace"]) if entry["namespace"] else namespaces
            yield from _pages(entry["inside"], tree, service, steps, inner)
        elif entry["name"]:
            yield PageElsewhere(entry["name"], namespaces, *_joined(steps))


def _joined(steps: tuple[Mapping[str, Any], ...]) -> tuple[str, str]:
    """Return one pattern for entries inside each other; a mixed one is a regular expression."""
    if all(step["kind"] == "path" for step in steps):
        return "path", "".join(step["route"] for step in steps)
    return "re_path", "^" + "".join(
        step["regex"].removeprefix("^").removesuffix("\\Z").removesuffix("$") for step in steps
    ) + "$"
