"""Queries on the service's own rows that are handed what a diverted relation gives: its key does.

`Profile.objects.get_or_create(user=order.user)` takes an instance, which `order.user` no longer is;
`get_or_create(user_id=order.user_id)` finds and makes the same row, whether the column is null or
not. Only of queries that stay as they are: what becomes an operation hands over the key by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms import planning
from codemods.transforms.key_types import walk
from codemods.transforms.relations import DJANGO_MODULE
from codemods.transforms.sites import TRANSFORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from codemods.transforms.source import SourceFile


def column_for(file: SourceFile, label: str, arg: cst.Arg) -> str:
    """Return the id column that an argument's relation is looked up or set by; "" to leave it."""
    walked = walk(file, arg.value)
    model = file.graph.models.get(label)
    if walked is None or model is None or arg.keyword is None:
        return ""
    field = model.fields.get(arg.keyword.value)
    if field is None or field.target != walked.field.target or field.module != DJANGO_MODULE:
        return ""
    target = file.graph.models.get(field.target or "")
    is_plain = not field.many and target is not None and field.to_field in (None, target.pk)
    return field.attname if is_plain and not any(_asking(file, arg)) else ""


def _asking(file: SourceFile, arg: cst.Arg) -> Iterator[bool]:
    """Tell of each change to a query whether the argument is a part of it."""
    for name in sorted(set(TRANSFORMS.values())):
        for change in planning.proposal(file, name).changes:
            yield file.is_within(arg, change.node)
