"""What a query touches though no argument names it: a parent's table, all that a row refers to.

For `class Gallery(Page)`, rows of Gallery are read and written in Page's table too;
`select_related()` without arguments follows every relation that is not null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.project.contexts import FRAMEWORK

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from codemods.crossings.infer.walker import Walker

DEEPEST = 5  # as Django's SQL compiler goes


def parents(walker: Walker, label: str) -> frozenset[str]:
    """Return the models of other contexts whose tables hold a part of a model's rows."""
    model = walker.graph.models.get(label)
    owner = walker.contexts.of_label(label)
    return frozenset(
        parent
        for parent in (model.parents if model else ())
        if walker.contexts.of_label(parent) not in (owner, FRAMEWORK)
    )


def written(walker: Walker, label: str, node: ast.AST) -> None:
    """Record that a row which is saved or deleted has its other part in another context."""
    for parent in sorted(parents(walker, label)):
        walker.wrote(parent)
        walker.emit("instance-write", node, parent, access="write")


def referred_to(walker: Walker, label: str) -> Iterator[str]:
    """Give the lookups that `select_related()` without arguments follows.

    https://docs.djangoproject.com/en/5.2/ref/models/querysets/#select-related
    """
    yield from _paths(walker, label, "", ())


def _paths(walker: Walker, label: str, head: str, seen: tuple[str, ...]) -> Iterator[str]:
    model = walker.graph.models.get(label)
    if model is None or label in seen or len(seen) >= DEEPEST:
        return
    for name, field in model.fields.items():
        if field.target and not (field.many or field.generic or field.null):
            yield f"{head}{name}"
            yield from _paths(walker, field.target, f"{head}{name}__", (*seen, label))
