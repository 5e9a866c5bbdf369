"""Write calls of operations: their arguments from the conditions of a query."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract import naming, nouns
from codemods.contract.operations import Operation
from codemods.transforms.handing import handed, key_column
from codemods.transforms.tree import children

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.transforms.chains import Chain
    from codemods.transforms.shapes import Shape
    from codemods.transforms.source import SourceFile

    Values = Sequence[cst.BaseExpression]

WIDTHS = (88, 100)
INDENT = 4
TAIL = 2


def operation_of(
    file: SourceFile, chain: Chain, verb: str, *, is_limited: bool = False
) -> Operation:
    """Return the operation that answers a query."""
    shape = chain.shape
    is_ordered = verb not in ("get", "count", "exists")
    return named(
        file,
        Operation(
            model=chain.label,
            verb=verb,
            name="",
            filters=tuple(each.parameter for each in chain.conditions if not each.is_negated),
            exclude=tuple(each.parameter for each in chain.conditions if each.is_negated),
            order_by=shape.order_by if is_ordered else (),
            is_distinct=shape.is_distinct,
            is_limited=is_limited,
            columns=shape.columns if verb == "values" else (),
            is_flat=shape.is_flat and verb == "values",
            is_mapping=shape.is_mapping and verb == "values",
            manager=chain.begin.manager,
            scopes=tuple(own.name for own in chain.owned),
            given=tuple(
                replace(each.parameter, lookup=f"{own.name}.{each.parameter.lookup}")
                for own in chain.owned
                for each in own.arguments
            ),
        ),
    )


def named(file: SourceFile, operation: Operation) -> Operation:
    """Return an operation with its name and those of its arguments."""
    return naming.named(operation, nouns.nouns_of_service(file.graph, file.contexts, file.service))


def keywords(
    chain: Chain, operation: Operation, shape: Shape, values: Values, columns: Sequence[str]
) -> list[cst.Arg]:
    """Return the arguments of a call, in the order of the query's conditions.

    Where the query has comments beside its arguments, they and their line breaks stay.
    """
    names = {each.lookup: each.name for each in operation.given}
    found = [
        argument(names[f"{own.name}.{each.parameter.lookup}"], value)
        for own, its in zip(chain.owned, shape.given, strict=True)
        for each, value in zip(own.arguments, its, strict=True)
    ]
    given = [raw.node for raw in shape.conditions]
    written = [None] * (len(values) - len(given)) + given
    is_kept = any(has_comment(node) for node in given)
    for n, condition in enumerate(chain.conditions):
        parameters = operation.exclude if condition.is_negated else operation.filters
        name = next(p.name for p in parameters if p.lookup == condition.parameter.lookup)
        value = handed(values[n], condition.hand, column=columns[n])
        arg = argument(name, value)
        before = written[n]
        if is_kept and isinstance(before, cst.Arg):
            arg = arg.with_changes(
                comma=before.comma, whitespace_after_arg=before.whitespace_after_arg
            )
        found.append(arg)
    return found


def argument(name: str, value: cst.BaseExpression) -> cst.Arg:
    """Return `name=value`, as an argument."""
    tight = cst.SimpleWhitespace("")
    return cst.Arg(value, keyword=cst.Name(name), equal=cst.AssignEqual(tight, tight))


def has_comment(node: cst.CSTNode) -> bool:
    """Tell whether there is a comment anywhere inside a node."""
    return isinstance(node, cst.Comment) or any(has_comment(child) for child in children(node))


def columns_of(file: SourceFile, values: Sequence[cst.BaseExpression]) -> tuple[str, ...]:
    """Return for each value the id column that stands beside the relation it reads, if any."""
    fields = (key_column(file, value) for value in values)
    return tuple(field.attname if field else "" for field in fields)


def call(
    file: SourceFile,
    function: str,
    args: Sequence[cst.Arg],
    at: cst.BaseExpression | None,
    opening: cst.BaseParenthesizableWhitespace | None = None,
    before: int = 0,
) -> cst.Call:
    """Write a call where `at` stood, over several lines when one is too short for it.

    It stays on one line when `at` is None. Arguments that have comments beside them keep their own
    line breaks, after `opening`. `before` counts characters that come before it on its line.
    """
    written = cst.Call(cst.parse_expression(function), args)
    if any(has_comment(arg) for arg in args):
        return written.with_changes(whitespace_before_args=opening or cst.SimpleWhitespace(""))
    if at is None or not args or fits(file, written, at, before=before):
        return written
    width = len(file.module.code_for_node(written).partition("\n")[0])
    indent = _indent_of(file, _place(file, at)[0]) + INDENT
    inner = width - len(function) - len("()")
    return _hanging(file, written, at, is_one_line=indent + inner <= _width(file))


def fits(
    file: SourceFile, written: cst.BaseExpression, at: cst.BaseExpression, *, before: int = 0
) -> bool:
    """Tell whether an expression may stand on one line where `at` stood; in an f-string it must."""
    width = len(file.module.code_for_node(written).partition("\n")[0])
    column = _place(file, at)[1] + before
    after = len(file.text.splitlines()[file.span(at)[2] - 1]) - file.span(at)[3]
    return column + width + min(after, TAIL) <= _width(file) or _is_in_text(file, at)


def fits_line(file: SourceFile, width: int) -> bool:
    """Tell whether a line of that many characters is short enough for a file."""
    return width <= _width(file)


def hanging(
    file: SourceFile, at: cst.BaseExpression
) -> tuple[cst.ParenthesizedWhitespace, cst.ParenthesizedWhitespace]:
    """Return the line breaks within a bracket that opens where `at` stood, and at its end."""
    indent = _indent_of(file, _place(file, at)[0])
    inside, end = (cst.SimpleWhitespace(" " * width) for width in (indent + INDENT, indent))
    return (
        cst.ParenthesizedWhitespace(indent=False, last_line=inside),
        cst.ParenthesizedWhitespace(indent=False, last_line=end),
    )


def _is_in_text(file: SourceFile, node: cst.CSTNode) -> bool:
    """Tell whether a node stands inside an f-string, which may not break its lines."""
    around: cst.CSTNode | None = node
    while around is not None and not isinstance(around, cst.FormattedStringExpression):
        around = file.parent(around)
    return around is not None


def wrapped(file: SourceFile, node: cst.BaseExpression, made: cst.BaseExpression) -> cst.CSTNode:
    """Put the parentheses of what stood there around, unless they only broke its lines."""
    if not node.lpar or _are_only_for_lines(file, node):
        return made
    return made.with_changes(lpar=node.lpar, rpar=node.rpar)


def _are_only_for_lines(file: SourceFile, node: cst.BaseExpression) -> bool:
    """Tell whether parentheses could go with the line breaks inside: no comment is in them."""
    inner = [node.lpar[0].whitespace_after, node.rpar[0].whitespace_before] if node.lpar else []
    if len(node.lpar) != 1 or not all(
        isinstance(space, cst.ParenthesizedWhitespace)
        and space.first_line.comment is None
        and all(line.comment is None for line in space.empty_lines)
        for space in inner
    ):
        return False
    line, column = _parenthesis(file, node)
    before = file.text.splitlines()[line - 1][:column]
    return not before or before[-1] in " =([{,:"


def _parenthesis(file: SourceFile, node: cst.BaseExpression) -> tuple[int, int]:
    """Return where the parenthesis before an expression stands."""
    lines = file.text.splitlines()
    number, column = file.span(node)[:2]
    before = lines[number - 1][:column]
    while "(" not in before and number > 1:
        number -= 1
        before = lines[number - 1]
    return number, before.rfind("(")


def _place(file: SourceFile, node: cst.BaseExpression) -> tuple[int, int]:
    """Return line and column at which what is written instead of a node begins."""
    if node.lpar and _are_only_for_lines(file, node):
        return _parenthesis(file, node)
    return file.span(node)[:2]


def _hanging(
    file: SourceFile, written: cst.Call, at: cst.BaseExpression, *, is_one_line: bool
) -> cst.Call:
    newline, end = hanging(file, at)
    between = cst.SimpleWhitespace(" ") if is_one_line else newline
    args = [
        arg.with_changes(
            comma=cst.Comma(whitespace_after=between), whitespace_after_arg=cst.SimpleWhitespace("")
        )
        for arg in written.args
    ]
    last = args[-1]
    if is_one_line:
        args[-1] = last.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=end)
    else:
        args[-1] = last.with_changes(comma=cst.Comma(whitespace_after=end))
    return written.with_changes(args=args, whitespace_before_args=newline)


def _indent_of(file: SourceFile, line: int) -> int:
    text = file.text.splitlines()[line - 1]
    return len(text) - len(text.lstrip())


def _width(file: SourceFile) -> int:
    """Return how long the lines of a file are allowed to be, as nearly all of them tell."""
    lengths = sorted(len(line) for line in file.text.splitlines())
    usual = lengths[len(lengths) * 98 // 100] if lengths else 0
    return next((width for width in WIDTHS if usual <= width), WIDTHS[-1])
