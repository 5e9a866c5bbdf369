"""What a service may do with rows of another that it holds a copy of: read and join them.

A copy does not serve what changes or locks such a row, or waits to hear of a change. A deletion
that minds copied rows is noted, for it knows only of those that have been copied.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.extract.account_copies import SECRET
from codemods.rewrite.follow_ups import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from codemods.crossings.crossing import Crossing
    from codemods.extract.prepared import Prepared
    from codemods.extract.tree import Tree
    from codemods.project.graph import Field

WRITES = frozenset(
    {
        "attribute-write", "construct", "form", "instance-write", "query-write", "signal", "task",
    }
)  # fmt: skip
"""Kinds that a copy of the rows does not serve: they change them, or wait to hear of it."""
TOLD = re.compile(r"\bpost_(save|delete)\b")
LOCK = "select_for_update"
SETS = re.compile(r"\.(add|aadd|set|aset|remove|aremove|clear|aclear|create|acreate)\(")
"""What is done with a relation to many rows that changes what links them."""


def is_held(tree: Tree, label: str, service: str) -> bool:
    """Tell whether a service holds a copy of a model's rows, or of those that link such rows."""
    return label in held(tree, service)


def held(tree: Tree, service: str) -> frozenset[str]:
    """Return the models whose rows a service holds copies of, with those that link them."""
    copied = tree.contexts.replicas.get(service, ())
    links = (
        field.through
        for label in copied
        for field in tree.graph.models[label].fields.values()
        if field.many and field.through_auto and field.through and _is_here(tree, field, service)
    )
    return frozenset({*copied, *links})


def _is_here(tree: Tree, field: Field, service: str) -> bool:
    label = field.target or ""
    owner = tree.contexts.of_label(label)
    is_own = owner == service or owner not in tree.services
    return is_own or tree.contexts.is_replicated(label, service)


def is_read_here(crossing: Crossing, tree: Tree, service: str) -> bool:
    """Tell whether a crossing only reads rows that the service holds a copy of."""
    return (
        crossing.kind not in WRITES
        and LOCK not in crossing.expression
        and (crossing.kind, crossing.access) != ("reverse-relation", "write")
        and not _sets_links(crossing, tree, service)
        and not _is_secret(crossing, tree)
        and is_held(tree, crossing.model, service)
    )


def _sets_links(crossing: Crossing, tree: Tree, service: str) -> bool:
    """Tell whether it changes which rows another's relation to many rows links."""
    is_link = not tree.contexts.is_replicated(crossing.model, service)
    return is_link and bool(SETS.search(crossing.expression))


def _is_secret(crossing: Crossing, tree: Tree) -> bool:
    """Tell whether it is of what no copy of the accounts has."""
    is_account = crossing.model == tree.graph.auth_user_model
    return is_account and any(name in crossing.expression for name in SECRET)


def is_written_here(crossing: Crossing, tree: Tree, service: str) -> bool:
    """Tell whether a crossing writes or locks rows that the service only holds a copy of."""
    return tree.contexts.is_replicated(crossing.model, service) and (
        crossing.kind in {"query-write", "form"} or LOCK in crossing.expression
    )


def is_heard_here(crossing: Crossing, tree: Tree, service: str) -> bool:
    """Tell whether it waits to hear what `copy_tables --replicas` tells of copied rows."""
    return (
        crossing.kind == "signal"
        and bool(TOLD.search(crossing.expression))
        and tree.contexts.is_replicated(crossing.model, service)
    )


def heard_later(
    prepared: Prepared, tree: Tree, files: Collection[str], service: str
) -> Iterator[str]:
    """Yield "path:line: what" of receivers that hear of copied rows once they are copied."""
    for crossing in prepared.crossings:
        if crossing.path in files and is_heard_here(crossing, tree, service):
            yield f"{crossing.path}:{crossing.line}: {crossing.expression} ({crossing.model})"


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
    lacking = SECRET if label == tree.graph.auth_user_model else frozenset[str]()
    return carried | ({"pk", *model.fields, *model.attnames, *model.members} - lacking)


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
