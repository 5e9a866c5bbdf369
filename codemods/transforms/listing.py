"""Turn queries for many rows into calls of operations: rows, one of them, columns, rows by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract import naming, nouns, types
from codemods.transforms import calls, reads
from codemods.transforms.handing import hand_list
from codemods.transforms.links import Unsupported
from codemods.transforms.shapes import OPERATION
from codemods.transforms.uses import MANY, MAPPING, ONE, Uses, lazily_used, uses_in

if TYPE_CHECKING:
    from codemods.transforms.reads import Draft
    from codemods.transforms.shapes import Shape
    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile


def rows(file: SourceFile, site: Site) -> Draft:
    """Change a query whose rows are read in place, all, a slice, or one of them."""
    shape = site.chain.shape
    is_limited = shape.window is not None or shape.index is not None
    label = site.chain.label
    if site.is_lazy:
        uses = lazily_used(file, site.node, label)
    else:
        uses = uses_in(file, site.node, label, ONE if shape.index is not None else MANY)
    operation = calls.operation_of(file, site.chain, "list", is_limited=is_limited)
    check_window(shape)
    if shape.index is None:
        return reads.written(file, site, operation, uses, further=bounds)
    return reads.written(file, site, operation, uses, further=bounds, around=_first)


def values(file: SourceFile, site: Site) -> Draft:
    """Change a query for columns: tuples, dicts, or bare values, as before."""
    shape = site.chain.shape
    check_window(shape)
    if shape.is_mapping and any("id" in path.split("__") for path in shape.columns):
        raise Unsupported(site.node, 'values("id") would be called "pk"', "use values_list()")
    operation = calls.operation_of(file, site.chain, "values", is_limited=shape.window is not None)
    return reads.written(file, site, operation, Uses(file), further=bounds)


def in_bulk(file: SourceFile, site: Site) -> Draft:
    """Change `in_bulk(ids)` into a dict of the rows that one call gives."""
    chain = site.chain
    args = chain.shape.terminal.args if chain.shape.terminal else None
    is_plain = args is not None and len(args) == 1 and not args[0].star
    if not is_plain or chain.conditions or chain.begin.manager or not args:
        raise Unsupported(site.node, "in_bulk() of some rows, or by another column", OPERATION)
    if args[0].keyword is not None and args[0].keyword.value != "id_list":
        raise Unsupported(site.node, "in_bulk() by another column", OPERATION)
    hand_list(file, args[0].value)
    type_ = types.type_of_path(file.graph, chain.label, "pk") or "any"
    known = nouns.nouns_of_service(file.graph, file.contexts, file.service)
    uses = uses_in(file, site.node, chain.label, MAPPING)
    return reads.written(
        file,
        site,
        naming.by_ids(chain.label, type_, known),
        uses,
        further=_ids,
        around=lambda call: _by_key(file, site, call),
        is_alone=False,
    )


def check_window(shape: Shape) -> None:
    """Check that a slice can be told as an offset and a limit.

    Raises:
        Unsupported: its bounds would have to be computed twice.
    """
    start, stop = shape.window or (None, None)
    if start is not None and stop is not None and not _is_simple(start):
        raise Unsupported(start, "a slice that begins at something computed", "name it first")


def bounds(shape: Shape) -> list[cst.Arg]:
    """Return the arguments that a slice, or one row of it, comes to."""
    if shape.index is not None:
        limit: cst.BaseExpression | None = cst.Integer("1")
        start: cst.BaseExpression | None = shape.index
    else:
        start, stop = shape.window or (None, None)
        limit = _difference(stop, start) if start is not None and stop is not None else stop
    found = []
    if start is not None and not _is_zero(start):
        found.append(calls.argument("offset", start))
    if limit is not None:
        found.append(calls.argument("limit", limit))
    return found


def _difference(stop: cst.BaseExpression, start: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(stop, cst.Integer) and isinstance(start, cst.Integer):
        return cst.Integer(str(max(stop.evaluated_value - start.evaluated_value, 0)))
    if _is_zero(start):
        return stop
    if isinstance(stop, cst.BinaryOperation) and isinstance(stop.operator, cst.Add):
        for one, other in ((stop.left, stop.right), (stop.right, stop.left)):
            if one.deep_equals(start):
                return other
    return cst.BinaryOperation(_operand(stop), cst.Subtract(), _operand(start))


def _operand(node: cst.BaseExpression) -> cst.BaseExpression:
    if _is_simple(node) or isinstance(node, cst.Call) or node.lpar:
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _is_simple(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Attribute):
        return _is_simple(node.value)
    return isinstance(node, (cst.Name, cst.Integer))


def _is_zero(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Integer) and node.evaluated_value == 0


def _first(call: cst.Call) -> cst.BaseExpression:
    return cst.Subscript(call, [cst.SubscriptElement(cst.Index(cst.Integer("0")))])


def _ids(shape: Shape) -> list[cst.Arg]:
    assert shape.terminal is not None  # noqa: S101  in_bulk() is one
    return [calls.argument("ids", each.value) for each in shape.terminal.args or ()]


def _by_key(file: SourceFile, site: Site, call: cst.Call) -> cst.BaseExpression:
    """Write `{each.pk: each for each in ...}`, in lines of its own when one is too short."""
    each = cst.Name("each")
    comprehension = cst.DictComp(cst.Attribute(each, cst.Name("pk")), each, cst.CompFor(each, call))
    if calls.fits(file, comprehension, site.node):
        return comprehension
    inside, end = calls.hanging(file, site.node)
    return comprehension.with_changes(
        lbrace=cst.LeftCurlyBrace(whitespace_after=inside),
        rbrace=cst.RightCurlyBrace(whitespace_before=end),
        for_in=comprehension.for_in.with_changes(whitespace_before=inside),
    )
