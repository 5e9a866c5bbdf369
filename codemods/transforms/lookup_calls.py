"""Calls that look rows up by keyword: `filter`, `get`, Q inside them, and of which model's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.links import called
from codemods.transforms.tree import is_name

if TYPE_CHECKING:
    from codemods.transforms.source import SourceFile

LOOKUPS = frozenset({"filter", "exclude", "get", "get_or_create", "update_or_create", "update"})
MAKERS = frozenset({"create"})
NOT_FOUND = frozenset({"django.shortcuts.get_object_or_404", "django.shortcuts.get_list_or_404"})


def query_of(file: SourceFile, call: cst.Call) -> cst.Call | None:
    """Return the query whose keywords a call's are: itself, or for a Q the one it is given to.

    A Q is followed through `&`, `|`, `~` and other Qs alone.
    """
    if not _is_q(call):
        return call
    around = file.parent(call)
    links = (cst.BinaryOperation, cst.UnaryOperation, cst.Arg)
    while around is not None and (isinstance(around, links) or _is_q(around)):
        around = file.parent(around)
    return around if isinstance(around, cst.Call) else None


def _is_q(node: cst.CSTNode) -> bool:
    func = node.func if isinstance(node, cst.Call) else None
    return is_name(func.attr if isinstance(func, cst.Attribute) else func, "Q")


def is_or_404(file: SourceFile, call: cst.Call) -> bool:
    """Tell whether a call is one of Django's shortcuts that look rows up."""
    name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    is_alike = isinstance(name, cst.Name) and name.value.endswith("_or_404")
    return is_alike and called(file, call) in NOT_FOUND


def model_of(file: SourceFile, query: cst.Call) -> str | None:
    """Return the model whose rows a call looks up or makes; None when it does neither for sure."""
    func = query.func
    is_lookup = isinstance(func, cst.Attribute) and func.attr.value in LOOKUPS | MAKERS
    label = rows_of(file, func.value) if is_lookup and isinstance(func, cst.Attribute) else None
    if label is not None:
        return label
    if is_or_404(file, query) and query.args:
        return rows_of(file, query.args[0].value, "MQGR")
    value = file.certain(query.func)
    return str(value[1]) if value is not None and value[0] == "M" else None


def rows_of(file: SourceFile, node: cst.BaseExpression, shapes: str = "QGR") -> str | None:
    """Return the model of which an expression is a manager or queryset for sure, of either kind."""
    found = {value[1] if value[0] in shapes else None for value in file.type_of(node)}
    is_sure = len(found) == 1 and file.span(node) not in file.guessed
    return found.pop() if is_sure else None
