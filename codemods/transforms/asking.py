"""Turn the call of a manager's own method that gives a row into the operation that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract.operations import ASK, ROW, Operation
from codemods.transforms import calls, chains, reads, transactions
from codemods.transforms.links import Unsupported
from codemods.transforms.uses import ONE, uses_in

if TYPE_CHECKING:
    from codemods.transforms.reads import Draft
    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile


PARTS = frozenset({"only", "defer", "select_for_update", "raw"})
"""Methods of a queryset to whose rows no other row can be joined, or not on every database."""


def row(file: SourceFile, site: Site) -> Draft:
    """Change `Model.objects.own_method(value)`, when what is done with its row a value can do.

    Raises:
        Unsupported: it cannot, or it is in a transaction, for the method may write.
    """
    transactions.check_outside(file, site.node)
    _check_whole(file, site)
    uses = uses_in(file, site.node, site.chain.label, ONE)
    own = site.chain.owned[-1]
    operation = calls.named(
        file,
        Operation(
            site.chain.label,
            ASK,
            "",
            filters=tuple(each.parameter for each in own.arguments),
            member=own.name,
            manager=site.chain.begin.manager,
            returns=ROW,
            is_nullable=True,
            is_write=True,
        ),
    )

    def make(node: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(node, cst.BaseExpression)  # noqa: S101  what stands there is one
        shape, _ = chains.reread(site.chain, reads.inner(site, node))
        names = {each.lookup: each.name for each in operation.filters}
        args = [
            calls.argument(names[each.parameter.lookup], value)
            for each, value in zip(own.arguments, shape.given[-1], strict=True)
        ]
        made = calls.call(file, f"{file.client}.{operation.name}", args, site.node)
        return calls.wrapped(file, site.node, made)

    return reads.draft(file, site, operation, uses, make)


def _check_whole(file: SourceFile, site: Site) -> None:
    """Refuse a method that reads parts of rows, or locks them: its owner joins what values show.

    Raises:
        Unsupported: it does, or its manager does.
    """
    chain, own = site.chain, site.chain.owned[-1]
    manager = file.graph.models[chain.label].managers[chain.begin.manager]
    bodies = file.functions.bodies if file.functions else None
    for cls in (*manager.bases, *manager.queryset_bases):
        for name in (own.name, "get_queryset"):
            method = f"{cls}.{name}"
            if bodies and method in file.definitions and bodies.names_any(method, PARTS):
                reason = f"its method {name} reads parts of rows, or locks them"
                raise Unsupported(site.node, reason, "call a function of the owner instead")
