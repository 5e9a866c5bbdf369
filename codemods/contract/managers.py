"""Which managers give every row, so that it does not matter which of them is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.project.graph import Graph

EVERY_ROW = "_base_manager"
_KNOWN = ("django.db.models.", "django.contrib.auth.")


def hides_rows(graph: Graph, label: str, name: str) -> bool:
    """Tell whether a model's manager may leave rows out, for all that is known of its class.

    One does when it, or a class it inherits from, makes its own queryset; a library's class may,
    unless it is Django's.
    """
    manager = graph.models[label].managers.get(name)
    if manager is None:
        return name not in {EVERY_ROW, ""}
    for base in manager.bases:
        if base.startswith(_KNOWN) or base.startswith("builtins:"):
            continue
        own = graph.classes.get(base)
        if own is None or own.names.keys() & {"get_queryset", "get_query_set"}:
            return True
    return False


def manager_of_every_row(graph: Graph, label: str) -> str:
    """Return the name of a manager that gives every row: the default one where it does."""
    default = graph.models[label].default_manager
    return default if default and not hides_rows(graph, label, default) else EVERY_ROW
