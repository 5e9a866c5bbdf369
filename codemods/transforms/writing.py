"""Turn writes of one row into calls: a create, an update of the row with a given key, and both.

A write inside a transaction is left alone: over a network it would not be undone with the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract.operations import Operation
from codemods.transforms import calls, chains, reads, transactions
from codemods.transforms.columns import Column, column_of, given
from codemods.transforms.handing import handed
from codemods.transforms.links import Unsupported
from codemods.transforms.shapes import OPERATION
from codemods.transforms.uses import ONE, Uses, uses_in

if TYPE_CHECKING:
    from codemods.transforms.chains import Chain
    from codemods.transforms.reads import Draft
    from codemods.transforms.shapes import Shape
    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile


def create(file: SourceFile, site: Site) -> Draft:
    """Change `Model.objects.create(column=value)`, and that of related rows.

    Raises:
        Unsupported: it is in a transaction, sets what is no column, or needs the row afterwards.
    """
    transactions.check_outside(file, site.node)
    chain = site.chain
    if any(raw for raw in chain.shape.conditions):
        raise Unsupported(site.node, "create() of filtered rows", "create them from the manager")
    uses = uses_in(file, site.node, chain.label, ONE)
    writes = _writes(file, site)
    own = tuple(replace(each.parameter, nullable=False) for each in chain.conditions)
    if any(each.is_multiple for each in chain.conditions):
        raise Unsupported(site.node, "create() links the row too", OPERATION)
    operation = calls.named(
        file,
        Operation(chain.label, "create", "", writes=(*own, *(each.parameter for each in writes))),
    )
    owner = chain.conditions[0] if chain.conditions else None
    columns = calls.columns_of(file, chains.reread(chain, site.query)[1])

    def make(node: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(node, cst.BaseExpression)  # noqa: S101  what stands there is one
        shape, values = chains.reread(chain, reads.inner(site, node))
        args = []
        if owner is not None:
            value = handed(values[0], owner.hand, column=columns[0])
            args.append(calls.argument(_spelt(operation, owner.parameter.lookup), value))
        args += _given(operation, shape, writes)
        made = calls.call(file, f"{file.client}.{operation.name}", args, site.node, _opening(shape))
        return calls.wrapped(file, site.node, made)

    return reads.draft(file, site, operation, uses, make)


def update(file: SourceFile, site: Site) -> Draft:
    """Change `Model.objects.filter(pk=key).update(column=value)`, which gives how many there were.

    Further conditions on the row only decide whether it is changed, as one that takes a lock does.

    Raises:
        Unsupported: it is in a transaction, may select several rows, or is computed.
    """
    transactions.check_outside(file, site.node)
    chain = site.chain
    if not _selects_one(file, chain):
        reason = "update() of rows that are not selected by their key"
        raise Unsupported(site.node, reason, OPERATION)
    writes = _writes(file, site)
    plain = calls.operation_of(file, chain, "update")
    operation = calls.named(
        file, replace(plain, name="", writes=tuple(each.parameter for each in writes))
    )
    return reads.written(
        file, site, operation, Uses(file), further=lambda shape: _given(operation, shape, writes)
    )


def _selects_one(file: SourceFile, chain: Chain) -> bool:
    """Tell whether a query's conditions leave at most one row: its key, or a one-to-one's."""
    model = file.graph.models[chain.label]
    keys = {"pk", *(name for name, field in model.attnames.items() if field.one)}
    return not chain.shape.window and any(
        each.parameter.lookup in keys and not each.is_negated for each in chain.conditions
    )


def _writes(file: SourceFile, site: Site) -> list[Column]:
    """Return each column that is set."""
    args = site.chain.shape.terminal.args if site.chain.shape.terminal else None
    if not args:
        raise Unsupported(site.node, "it sets nothing", OPERATION)
    found = []
    for arg in args:
        if arg.keyword is None or arg.star:
            raise Unsupported(arg, "what is set is put together at run time", "name the columns")
        found.append(column_of(file, site.chain.label, arg.keyword.value, arg.value, arg))
    return found


def _given(operation: Operation, shape: Shape, writes: list[Column]) -> list[cst.Arg]:
    args = (shape.terminal.args if shape.terminal else None) or ()
    is_kept = any(calls.has_comment(arg) for arg in args)
    found = []
    for arg, column in zip(args, writes, strict=True):
        written = given(operation, column, arg.value)
        if is_kept:
            written = written.with_changes(
                comma=arg.comma, whitespace_after_arg=arg.whitespace_after_arg
            )
        found.append(written)
    return found


def _opening(shape: Shape) -> cst.BaseParenthesizableWhitespace | None:
    node = shape.terminal.node if shape.terminal else None
    return node.whitespace_before_args if isinstance(node, cst.Call) else None


def _spelt(operation: Operation, lookup: str) -> str:
    return next(each.name for each in operation.writes if each.lookup == lookup)
