"""What a service may do with rows of another that it holds a copy of: read and join them.

A copy does not serve what changes or locks such a row, or waits to hear of a change. A deletion
that minds copied rows is noted, for it knows only of those that have been copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.rewrite.follow_ups import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from codemods.crossings.crossing import Crossing
    from codemods.extract.prepared import Prepared
    from codemods.extract.tree import Tree

WRITES = frozenset(
    {
        "attribute-write", "construct", "form", "instance-write", "query-write", "signal", "task",
    }
)  # fmt: skip
"""Kinds that a copy of the rows does not serve: they change them, or wait to hear of it."""
LOCK = "select_for_update"


def is_read_here(crossing: Crossing, tree: Tree, service: str) -> bool:
    """Tell whether a crossing only reads rows that the service holds a copy of."""
    return (
        crossing.kind not in WRITES
        and LOCK not in crossing.expression
        and tree.contexts.is_replicated(crossing.model, service)
    )


def is_written_here(crossing: Crossing, tree: Tree, service: str) -> bool:
    """Tell whether a crossing writes or locks rows that the service only holds a copy of."""
    return tree.contexts.is_replicated(crossing.model, service) and (
        crossing.kind in {"query-write", "form"} or LOCK in crossing.expression
    )


def guarded_by_copies(
    prepared: Prepared, tree: Tree, files: Collection[str], service: str
) -> Iterator[str]:
    """Yield "path:line: what" of deletions that mind rows of which the service holds a copy."""
    for crossing in prepared.crossings:
        if (
            crossing.kind == "cascade"
            and crossing.path in files
            and tree.contexts.is_replicated(crossing.model, service)
        ):
            yield f"{crossing.path}:{crossing.line}: {crossing.expression} ({crossing.model})"


def readable(tree: Tree, label: str, carried: frozenset[str], service: str) -> frozenset[str]:
    """Return what rows of a model can be asked in a service: values, or those of a copy."""
    if not tree.contexts.is_replicated(label, service):
        return carried
    model = tree.graph.models[label]
    return carried | {"pk", *model.fields, *model.attnames, *model.members}


def backwards(tree: Tree, crossing: Crossing, service: str) -> frozenset[str]:
    """Return the names by which another's value gives the service's own rows that refer to it."""
    models = tree.graph.models
    return frozenset(
        name
        for name, side in models[crossing.model].accessors.items()
        if models[side.model].fields[side.field].type == REFERENCE
        and (
            tree.contexts.of_label(side.model) == service
            or tree.contexts.is_replicated(side.model, service)
        )
    ) if crossing.model in models else frozenset()  # fmt: skip
