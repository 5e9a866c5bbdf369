"""Turn the call of a manager's own method that gives a row into the operation that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract.operations import ASK, ROW, Operation
from codemods.transforms import calls, chains, reads, transactions
from codemods.transforms.uses import ONE, uses_in

if TYPE_CHECKING:
    from codemods.transforms.reads import Draft
    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile


def row(file: SourceFile, site: Site) -> Draft:
    """Change `Model.objects.own_method(value)`, when what is done with its row a value can do.

    Raises:
        Unsupported: it cannot, or it is in a transaction, for the method may write.
    """
    transactions.check_outside(file, site.node)
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
