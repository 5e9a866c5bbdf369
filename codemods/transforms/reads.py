"""Turn queries into calls of read operations: what the transforms for them share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms import calls, chains
from codemods.transforms.change import Change, Proposal, Refusal
from codemods.transforms.links import Unsupported, imports_behind
from codemods.transforms.sites import as_get, sites
from codemods.transforms.uses import Uses

if TYPE_CHECKING:
    from collections.abc import Callable

    from codemods.contract.operations import Operation
    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile

OR_404 = ("strangler.client.shortcuts", "get_or_404")


def proposal(file: SourceFile, name: str, change: Callable[[SourceFile, Site], Change]) -> Proposal:
    """Propose a change for every site of one transform, or say why not."""
    found = sites(file)
    result = Proposal(refusals=[each for each in found.refusals if each.transform == name])
    for site in found.found:
        if site.transform != name:
            continue
        try:
            result.changes.append(change(file, site))
        except Unsupported as refused:
            result.refusals.append(Refusal(refused.node, name, refused.reason, refused.suggestion))
    return result


def scalar(file: SourceFile, site: Site, verb: str) -> Change:
    """Change a query for a number or a truth: what comes back is the same as before."""
    if site.chain.shape.window is not None:
        reason = f"{site.verb}() of a slice"
        raise Unsupported(site.node, reason, "ask for the rows, and look at those")
    if site.chain.shape.is_rows and site.chain.shape.is_distinct:
        raise Unsupported(site.node, f"{verb}() of distinct columns", "count in the owner")
    return written(file, site, calls.operation_of(file, site.chain, verb))


def row(file: SourceFile, site: Site, verb: str) -> Change:
    """Change a query for one row, when what is done with it a value can do too.

    Raises:
        Unsupported: it cannot.
    """
    uses = Uses(file)
    uses.value(site.node, site.chain.label)
    change = written(file, site, calls.operation_of(file, site.chain, verb))
    return replace(change, needs=tuple(sorted(uses.needs)))


def written(file: SourceFile, site: Site, operation: Operation) -> Change:
    """Write the call of an operation where a query stood."""
    chain = site.chain
    columns = calls.columns_of(file, chains.reread(chain, site.query)[1])
    function = f"{file.client}.{operation.name}"

    def make(node: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(node, cst.BaseExpression)  # noqa: S101  what stands there is one
        shape, values = chains.reread(chain, inner(site, node))
        args = calls.keywords(chain, operation, shape, values, columns)
        if site.is_404:
            args.insert(0, cst.Arg(cst.parse_expression(function)))
        called = OR_404[1] if site.is_404 else function
        return calls.wrapped(
            file, site.node, calls.call(file, called, args, site.node, shape.opening)
        )

    return Change(
        site.node,
        make,
        site.transform,
        operations=(operation,),
        imports=(file.client_import, *((OR_404,) if site.is_404 else ())),
        unused=imports_behind(file, site.query),
    )


def inner(site: Site, node: cst.BaseExpression) -> cst.BaseExpression:
    """Return the chain inside what is replaced, which may be a call around it."""
    if site.query is site.node:
        return node
    assert isinstance(node, cst.Call)  # noqa: S101  a site around a chain is a call
    if site.is_404:
        return as_get(node, is_model=site.is_model)
    return node.args[0].value
