"""Turn writes of one row into calls: a create, and an update of the row with a given key.

A write inside a transaction is left alone: over a network it would not be undone with the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract import types
from codemods.contract.operations import Operation, Parameter
from codemods.transforms import calls, chains, reads
from codemods.transforms.conditions import walk
from codemods.transforms.handing import (
    hand_key,
    hand_plain,
    handed,
    is_none,
    key_column,
)
from codemods.transforms.links import Unsupported, qualified
from codemods.transforms.shapes import OPERATION
from codemods.transforms.uses import ONE, Uses, uses_in

if TYPE_CHECKING:
    from codemods.transforms.reads import Draft
    from codemods.transforms.shapes import Shape
    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile

ATOMIC = "django.db.transaction.atomic"
OUTBOX = "write here and tell the service by an outbox, or make it a saga"


def create(file: SourceFile, site: Site) -> Draft:
    """Change `Model.objects.create(column=value)`, and that of related rows.

    Raises:
        Unsupported: it is in a transaction, sets what is no column, or needs the row afterwards.
    """
    _outside_transaction(file, site)
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
        Operation(chain.label, "create", "", writes=(*own, *(each for each, _, _ in writes))),
    )
    hands = [(each.lookup, hand, column) for each, hand, column in writes]
    owner = chain.conditions[0] if chain.conditions else None
    columns = calls.columns_of(file, chains.reread(chain, site.query)[1])

    def make(node: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(node, cst.BaseExpression)  # noqa: S101  what stands there is one
        shape, values = chains.reread(chain, reads.inner(site, node))
        args = []
        if owner is not None:
            value = handed(values[0], owner.hand, column=columns[0])
            args.append(calls.argument(_spelt(operation, owner.parameter.lookup), value))
        args += _given(operation, shape, hands)
        made = calls.call(file, f"{file.client}.{operation.name}", args, site.node, _opening(shape))
        return calls.wrapped(file, site.node, made)

    return reads.draft(file, site, operation, uses, make)


def update(file: SourceFile, site: Site) -> Draft:
    """Change `Model.objects.filter(pk=key).update(column=value)`, which gives how many there were.

    Raises:
        Unsupported: it is in a transaction, selects by more than the key, or is computed.
    """
    _outside_transaction(file, site)
    chain = site.chain
    lookups = [(each.parameter.lookup, each.is_negated) for each in chain.conditions]
    if lookups != [("pk", False)]:
        reason = "update() of rows that are not selected by their key alone"
        raise Unsupported(site.node, reason, OPERATION)
    writes = _writes(file, site)
    plain = calls.operation_of(file, chain, "update")
    operation = calls.named(
        file, replace(plain, name="", writes=tuple(each for each, _, _ in writes))
    )
    hands = [(each.lookup, hand, column) for each, hand, column in writes]
    return reads.written(
        file, site, operation, Uses(file), further=lambda shape: _given(operation, shape, hands)
    )


def _writes(file: SourceFile, site: Site) -> list[tuple[Parameter, str, str]]:
    """Return each column that is set, how its value is handed over, and the id column beside it."""
    chain = site.chain
    args = chain.shape.terminal.args if chain.shape.terminal else None
    if not args:
        raise Unsupported(site.node, "it sets nothing", OPERATION)
    found = []
    for arg in args:
        if arg.keyword is None or arg.star:
            raise Unsupported(arg, "what is set is put together at run time", "name the columns")
        name = arg.keyword.value
        if "__" in name:
            raise Unsupported(arg, f"{name} is no column of {chain.label}", OPERATION)
        target = walk(file, chain.label, name, arg)
        if target.is_multiple:
            raise Unsupported(arg, f"{name} is no column of {chain.label}", OPERATION)
        lookup = _column(file, chain.label, target.lookup)
        type_, _ = types.type_of_lookup(file.graph, chain.label, lookup) or ("any", False)
        if target.related and not is_none(arg.value):
            hand = hand_key(file, arg.value, target.related)
        else:
            hand = hand_plain(file, arg.value)
        field = key_column(file, arg.value)
        column = field.attname if field else ""
        found.append((Parameter("", lookup, type_, nullable=target.nullable), hand, column))
    return found


def _column(file: SourceFile, label: str, lookup: str) -> str:
    return file.graph.models[label].pk or "pk" if lookup == "pk" else lookup


def _given(operation: Operation, shape: Shape, hands: list[tuple[str, str, str]]) -> list[cst.Arg]:
    args = (shape.terminal.args if shape.terminal else None) or ()
    is_kept = any(calls.has_comment(arg) for arg in args)
    found = []
    for arg, (lookup, hand, column) in zip(args, hands, strict=True):
        written = calls.argument(_spelt(operation, lookup), handed(arg.value, hand, column=column))
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


def _outside_transaction(file: SourceFile, site: Site) -> None:
    around = file.parent(site.node)
    while around is not None:
        marks: list[cst.BaseExpression] = []
        if isinstance(around, cst.With):
            marks = [item.item for item in around.items]
        elif isinstance(around, cst.FunctionDef):
            marks = [decorator.decorator for decorator in around.decorators]
        if any(_is_atomic(file, mark) for mark in marks):
            reason = "a transaction that spans contexts writes it"
            raise Unsupported(site.node, reason, OUTBOX)
        around = file.parent(around)


def _is_atomic(file: SourceFile, mark: cst.BaseExpression) -> bool:
    return ATOMIC in qualified(file, mark.func if isinstance(mark, cst.Call) else mark)
