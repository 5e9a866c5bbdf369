"""Where the truth of a relation is all that is asked, and what asks its column instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Callable

    from codemods.transforms.source import SourceFile


def is_stored(file: SourceFile, node: cst.CSTNode) -> bool:
    """Tell whether an expression is assigned to or deleted, not read."""
    around = file.parent(node)
    if isinstance(around, (cst.AugAssign, cst.AnnAssign)):
        return around.target is node
    return isinstance(around, (cst.AssignTarget, cst.Del))


def tested(file: SourceFile, node: cst.Attribute) -> cst.BaseExpression | None:
    """Return the expression to replace when only a relation's truth is asked, else None.

    That is the relation itself, or the `not` around it. Behind `and` and `or` only where the whole
    is a condition, for their value is one of their sides.
    """
    around = file.parent(node)
    if isinstance(around, cst.UnaryOperation) and isinstance(around.operator, cst.Not):
        return around
    inner: cst.CSTNode = node
    while isinstance(around, cst.BooleanOperation):
        inner, around = around, file.parent(around)
    if isinstance(around, cst.UnaryOperation) and isinstance(around.operator, cst.Not):
        return node
    is_condition = isinstance(around, (cst.If, cst.While, cst.IfExp, cst.Assert, cst.CompIf))
    return node if is_condition and getattr(around, "test", None) is inner else None


def column_test(attname: str) -> Callable[[cst.CSTNode], object]:
    """Return what makes `order.user_id is not None` of `order.user`, and the contrary of `not`."""

    def make(node: cst.CSTNode) -> object:
        operator: cst.BaseCompOp = cst.IsNot()
        relation = cast("cst.BaseExpression", node)
        lpar, rpar = relation.lpar, relation.rpar
        if isinstance(node, cst.UnaryOperation):
            operator, relation = cst.Is(), node.expression
        column = relation.with_changes(attr=cst.Name(attname), lpar=[], rpar=[])
        target = cst.ComparisonTarget(operator, cst.Name("None"))
        return cst.Comparison(column, [target], lpar=lpar, rpar=rpar)

    return make
