"""Turn get_or_create() and update_or_create() into one call each: the owner does both steps.

What it finds, creates and tells is the same, for the owner calls the very method; two callers at
once meet the owner's unique columns as before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract.operations import Operation
from codemods.transforms import calls, chains, reads, shapes, transactions
from codemods.transforms.columns import Column, column_of, given
from codemods.transforms.handing import handed
from codemods.transforms.links import Unsupported
from codemods.transforms.uses import ONE, READ_ONLY, TWO, Uses

if TYPE_CHECKING:
    from codemods.transforms.reads import Draft
    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile

DEFAULTS = "defaults"
CALLABLE = frozenset("FBCXH")
Given = tuple[str, cst.BaseExpression, cst.CSTNode]


def or_created(file: SourceFile, site: Site) -> Draft:
    """Change `Model.objects.get_or_create(column=value, defaults={...})`, and its like.

    Raises:
        Unsupported: it is in a transaction, is of filtered rows, looks up by more than equality,
            sets what is no column, or the row is needed afterwards.
    """
    transactions.check_outside(file, site.node)
    chain = site.chain
    owner = chain.conditions[0] if chain.begin.owner is not None else None
    if chain.conditions[1 if owner else 0 :] or (owner and owner.is_multiple):
        reason = f"{site.verb}() of filtered rows"
        raise Unsupported(site.node, reason, "give all that is looked up to it")
    lookups, defaults = _parts(site.node, _args(chain.shape))
    found, set_ = ([_column(file, site, each) for each in part] for part in (lookups, defaults))
    uses = _uses(file, site)
    own = [replace(owner.parameter, nullable=False)] if owner else []
    operation = calls.named(
        file,
        Operation(
            chain.label,
            site.verb,
            "",
            filters=(*own, *(each.parameter for each in found)),
            writes=tuple(each.parameter for each in set_),
            manager=chain.begin.manager,
        ),
    )
    columns = calls.columns_of(file, chains.reread(chain, site.query)[1])

    def make(node: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(node, cst.BaseExpression)  # noqa: S101  what stands there is one
        shape, values = chains.reread(chain, reads.inner(site, node))
        args = []
        if owner is not None:
            value = handed(values[0], owner.hand, column=columns[0])
            args.append(calls.argument(_spelt(operation, owner.parameter.lookup), value))
        looked_up, changed = _parts(node, _args(shape))
        for column, (_, value, _) in zip(found, looked_up, strict=True):
            name = _spelt(operation, column.parameter.lookup)
            args.append(calls.argument(name, handed(value, column.hand, column=column.beside)))
        args += [
            given(operation, column, value)
            for column, (_, value, _) in zip(set_, changed, strict=True)
        ]
        made = calls.call(file, f"{file.client}.{operation.name}", args, site.node)
        return calls.wrapped(file, site.node, made)

    return reads.draft(file, site, operation, uses, make)


def _args(shape: shapes.Shape) -> tuple[cst.Arg, ...]:
    return (shape.terminal.args if shape.terminal else None) or ()


def _parts(node: cst.CSTNode, args: tuple[cst.Arg, ...]) -> tuple[list[Given], list[Given]]:
    """Return what is looked up, and what is set: each a name, a value, and where it is written."""
    lookups: list[Given] = []
    defaults: list[Given] = []
    for arg in args:
        if arg.keyword is None or arg.star or arg.keyword.value == "create_defaults":
            raise Unsupported(arg, "what is set is put together at run time", "name the columns")
        if arg.keyword.value != DEFAULTS:
            lookups.append((arg.keyword.value, arg.value, arg))
            continue
        for element in arg.value.elements if isinstance(arg.value, cst.Dict) else (arg,):
            key = element.key if isinstance(element, cst.DictElement) else None
            name = shapes.text(key) if key is not None else None
            if name is None or not isinstance(element, cst.DictElement):
                reason = "what is set is put together at run time"
                raise Unsupported(arg, reason, "name the columns")
            defaults.append((name, element.value, element))
    if not lookups:
        raise Unsupported(node, "it looks nothing up", "name a unique column")
    return lookups, defaults


def _column(file: SourceFile, site: Site, part: Given) -> Column:
    name, value, at = part
    if isinstance(value, cst.Lambda) or {each[0] for each in file.type_of(value)} & CALLABLE:
        raise Unsupported(value, "a function gives the value", "call it here")
    return column_of(file, site.chain.label, name, value, at)


def _uses(file: SourceFile, site: Site) -> Uses:
    """Follow the row of the pair that comes back."""
    uses, parent = Uses(file), file.parent(site.node)
    if isinstance(parent, cst.Expr):
        return uses
    if isinstance(parent, cst.Subscript) and parent.value is site.node:
        index = parent.slice[0].slice
        if isinstance(index, cst.Index) and isinstance(index.value, cst.Integer):
            if index.value.evaluated_value == 0:
                uses.follow(parent, site.chain.label, ONE)
            return uses
    targets = parent.targets if isinstance(parent, cst.Assign) else ()
    pair = targets[0].target if len(targets) == 1 else None
    if isinstance(pair, cst.Tuple) and len(pair.elements) == TWO:
        row = pair.elements[0].value
        if isinstance(row, cst.Name):
            uses.follow_name(row, site.chain.label)
            return uses
    raise Unsupported(site.node, "the row and what became of it are kept together", READ_ONLY)


def _spelt(operation: Operation, lookup: str) -> str:
    plain = "pk" if lookup in ("id", "pk") else lookup
    return next(each.name for each in operation.filters if each.lookup == plain)
