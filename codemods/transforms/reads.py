"""Turn queries for one row, a number or a truth into calls of read operations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms import calls, chains
from codemods.transforms.change import Change
from codemods.transforms.folding import graft
from codemods.transforms.links import Unsupported, imports_behind
from codemods.transforms.sites import as_get
from codemods.transforms.uses import ONE, Uses, uses_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codemods.contract.operations import Operation
    from codemods.transforms.shapes import Shape
    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile

OR_404 = ("strangler.client.shortcuts", "get_or_404")


@dataclass(frozen=True, eq=False)
class Draft:
    """A change, and the managers of related rows that must be gone for it to be right.

    `written` is the group of the writes that it needs too; "" when it needs none.
    """

    change: Change
    related: tuple[cst.Attribute, ...] = ()
    written: str = ""


def scalar(file: SourceFile, site: Site) -> Draft:
    """Change a query for a number or a truth: what comes back is the same as before."""
    shape = site.chain.shape
    if shape.is_rows and shape.is_distinct:
        raise Unsupported(site.node, f"{site.verb}() of distinct columns", "count in the owner")
    verb = "count" if site.verb == "len" else site.verb
    return written(file, site, calls.operation_of(file, site.chain, verb), Uses(file))


def row(file: SourceFile, site: Site) -> Draft:
    """Change a query for one row, when what is done with it a value can do too.

    Raises:
        Unsupported: it cannot.
    """
    uses = uses_in(file, site.node, site.chain.label, ONE)
    return written(file, site, calls.operation_of(file, site.chain, site.verb), uses)


def written(
    file: SourceFile,
    site: Site,
    operation: Operation,
    uses: Uses,
    *,
    further: Callable[[Shape], Sequence[cst.Arg]] = lambda _shape: (),
    around: Callable[[cst.Call], cst.BaseExpression] = lambda call: call,
    is_alone: bool = True,
) -> Draft:
    """Write the call of an operation where a query stood.

    `further` gives arguments after those of the conditions; `around` what is made of the call, and
    lays out its lines unless the call `is_alone`.
    """
    chain = site.chain
    columns = calls.columns_of(file, chains.reread(chain, site.query)[1])
    function = f"{file.client}.{operation.name}"

    def make(node: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(node, cst.BaseExpression)  # noqa: S101  what stands there is one
        shape, values = chains.reread(chain, inner(site, node))
        args = calls.keywords(chain, operation, shape, values, columns)
        args += further(shape)
        if site.is_404:
            args.insert(0, cst.Arg(cst.parse_expression(function)))
        called = OR_404[1] if site.is_404 else function
        at = site.node if is_alone else None
        made = around(calls.call(file, called, args, at, shape.opening))
        return calls.wrapped(file, site.node, made)

    return draft(file, site, operation, uses, make)


def draft(
    file: SourceFile,
    site: Site,
    operation: Operation,
    uses: Uses,
    make: Callable[[cst.CSTNode], cst.CSTNode],
) -> Draft:
    """Return the change that `make` makes of a site, with all that comes with it."""
    change = Change(
        site.node,
        make,
        site.transform,
        operations=(operation,),
        needs=tuple(sorted(uses.needs)),
        imports=(file.client_import, *((OR_404,) if site.is_404 else ())),
        unused=imports_behind(file, site.query) + _shortcut(site),
        given=uses.given,
        supposed=uses.supposed,
    )
    return Draft(change, tuple(uses.related), uses.written)


def _shortcut(site: Site) -> tuple[tuple[str, str], ...]:
    return (("django.shortcuts", "get_object_or_404"),) if site.is_404 else ()


def inner(site: Site, node: cst.BaseExpression) -> cst.BaseExpression:
    """Return the chain inside what is replaced, which may be a call around it."""
    if site.is_404:
        assert isinstance(node, cst.Call)  # noqa: S101  get_object_or_404 is one
        node = as_get(node, is_model=site.is_model)
    elif site.is_inside:
        assert isinstance(node, cst.Call)  # noqa: S101  len() and list() are one
        node = node.args[0].value
    return graft(node, site.definition.value) if site.definition else node


def bare(site: Site) -> cst.BaseExpression:
    """Return the chain inside what is replaced, as it stands in the file."""
    return inner(replace(site, definition=None), site.node)
