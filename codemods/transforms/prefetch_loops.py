"""Loops over a queryset made in the same function that walk a diverted relation row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms import chain_edits, key
from codemods.transforms.key_tests import is_stored
from codemods.transforms.prefetch_paths import follow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.transforms.source import SourceFile

LAZY = frozenset(
    {
        "all", "filter", "exclude", "order_by", "select_related", "prefetch_related", "only",
        "defer", "annotate", "distinct", "using", "reverse", "select_for_update", "alias",
    }
)  # fmt: skip
Scope = cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.Module


def wanted(file: SourceFile) -> dict[cst.Call, list[str]]:
    """Map the last call of each queryset that is looped over to the paths the loop walks."""
    found: dict[cst.Call, list[str]] = {}
    keys: set[cst.CSTNode] | None = None
    loops: list[cst.For | cst.CompFor] = [*file.find(cst.For), *file.find(cst.CompFor)]
    for loop in loops:
        if not isinstance(loop.target, cst.Name):
            continue
        call = _queryset(file, loop)
        if call is None:
            continue
        if keys is None:
            keys = {change.node for change in key.propose(file).changes}
        for path in _walked(file, loop, loop.target.value, keys):
            paths = found.setdefault(call, [])
            if path not in paths:
                paths.append(path)
    return found


def _queryset(file: SourceFile, loop: cst.For | cst.CompFor) -> cst.Call | None:
    """Return the call that makes what a loop runs over, if this function alone uses it."""
    made: cst.BaseExpression = loop.iter
    if isinstance(made, cst.Subscript):
        made = made.value
    if isinstance(made, cst.Name):
        made = _assigned(file, made) or made
    if not isinstance(made, cst.Call) or chain_edits.method(made) not in LAZY:
        return None
    value = file.certain(made)
    if value is None or value[0] != "Q" or file.is_served(value[1]):
        return None
    return None if _may_be_loaded(file, made) else made


def _may_be_loaded(file: SourceFile, made: cst.Call) -> bool:
    """Tell `order.lines.all()`: its rows may be loaded, and a further link loads them again."""
    links = chain_edits.links(made)
    base = chain_edits.receiver(links[0])
    value = file.certain(base) if base is not None else None
    return (value is None or value[0] == "R") and all(chain_edits.method(c) == "all" for c in links)


def _assigned(file: SourceFile, name: cst.Name) -> cst.Call | None:
    """Return the one call assigned to a local name that is used for nothing but loops."""
    scope = _scope(file, name)
    if not isinstance(scope, cst.FunctionDef):
        return None
    made: list[cst.BaseExpression] = []
    for use in _uses(file, scope, name.value):
        around = file.parent(use)
        if isinstance(around, cst.AssignTarget):
            statement = file.parent(around)
            if not isinstance(statement, cst.Assign) or len(statement.targets) > 1:
                return None
            made.append(statement.value)
        elif isinstance(around, (cst.For, cst.CompFor)) and around.iter is use:
            continue
        elif not _is_only_a_name(around, use):
            return None
    return made[0] if len(made) == 1 and isinstance(made[0], cst.Call) else None


def _is_only_a_name(around: cst.CSTNode | None, use: cst.CSTNode) -> bool:
    """Tell an attribute or a keyword that is spelled like the variable."""
    if isinstance(around, cst.Attribute):
        return around.attr is use
    return isinstance(around, cst.Arg) and around.keyword is use


def _scope(file: SourceFile, node: cst.CSTNode) -> Scope:
    around = file.parent(node)
    while around is not None and not isinstance(around, Scope):
        around = file.parent(around)
    return around if isinstance(around, Scope) else file.module


def _walked(
    file: SourceFile, loop: cst.For | cst.CompFor, name: str, keys: set[cst.CSTNode]
) -> Iterator[str]:
    """Give the paths from the loop's variable to each diverted relation its body reads.

    `keys` are the places where the id column takes a relation's place: nothing is loaded there.
    """
    body: cst.CSTNode | None = (
        loop.body if isinstance(loop, cst.For) else _comprehension(file, loop)
    )
    uses = _uses(file, body, name) if body else []
    if any(_binds(file, use) for use in uses if use is not loop.target):
        return
    for use in uses:
        if path := _path(file, use, keys):
            yield path


def _uses(file: SourceFile, part: cst.CSTNode, name: str) -> list[cst.Name]:
    """Return where a name stands in a part of the file."""
    return [use for use in file.find(cst.Name) if use.value == name and file.is_within(use, part)]


def _binds(file: SourceFile, use: cst.Name) -> bool:
    """Tell whether a name is bound here to something else."""
    around = file.parent(use)
    if isinstance(around, (cst.For, cst.CompFor, cst.NamedExpr)):
        return around.target is use
    return isinstance(around, (cst.AssignTarget, cst.AsName, cst.Param))


def _comprehension(file: SourceFile, loop: cst.CSTNode) -> cst.CSTNode | None:
    around = file.parent(loop)
    while isinstance(around, cst.CompFor):
        around = file.parent(around)
    return around


def _path(file: SourceFile, use: cst.Name, keys: set[cst.CSTNode]) -> str:
    """Return "order__user" of `line.order.user.email`, where `use` is `line`; "" without one."""
    value = file.certain(use)
    if value is None or value[0] != "I":
        return ""
    label = value[1]
    node: cst.CSTNode = use
    parts: list[str] = []
    while isinstance(around := file.parent(node), cst.Attribute) and around.value is node:
        name = around.attr.value
        model = file.graph.models.get(label)
        field = model.fields.get(name) if model else None
        if model is None or field is None or field.target is None or field.many:
            return ""
        parts.append(name)
        if file.relations.get((label, name)) == "":
            is_needed = keys.isdisjoint((around, file.parent(around))) and not is_stored(
                file, around
            )
            return "__".join(parts) if is_needed else ""
        label = follow(model, name) or ""
        node = around
    return ""
