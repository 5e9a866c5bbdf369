"""A chain of queryset calls as syntax: its links, and edits that keep its layout.

Every edit takes the call as it is by then, so arguments are named by their index: an int keeps an
argument, a pair puts a string in its place, a string is added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.tree import within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codemods.transforms.source import SourceFile

Edit = int | tuple[int, str] | str


def method(call: cst.Call) -> str:
    """Return the name of the method a link calls; "" when it is not one."""
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""


def receiver(call: cst.Call) -> cst.BaseExpression | None:
    """Return what a link is called on."""
    return call.func.value if isinstance(call.func, cst.Attribute) else None


def links(outermost: cst.BaseExpression) -> list[cst.Call]:
    """Return the method calls of a chain, in the order they run."""
    found: list[cst.Call] = []
    node: cst.BaseExpression | None = outermost
    while isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        found.append(node)
        node = node.func.value
    return found[::-1]


def chains(file: SourceFile) -> Iterator[list[cst.Call]]:
    """Give each chain of the file once, as its links."""
    for call in file.find(cst.Call):
        around = file.parent(call)
        outer = file.parent(around) if isinstance(around, cst.Attribute) else None
        is_inner = isinstance(outer, cst.Call) and outer.func is around
        if isinstance(call.func, cst.Attribute) and not is_inner:
            yield links(call)


def text(node: cst.BaseExpression) -> str | None:
    """Return a plain string's value; None for anything else."""
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def has_comment(call: cst.Call) -> bool:
    """Tell whether a comment stands among a call's arguments or before its method's dot."""
    dot = call.func.dot if isinstance(call.func, cst.Attribute) else None
    parts: list[cst.CSTNode] = [call.whitespace_before_args, *call.args, *([dot] if dot else [])]
    return any(isinstance(node, cst.Comment) for part in parts for node in within(part))


def with_arguments(call: cst.Call, edits: Sequence[Edit]) -> cst.Call:
    """Return the call with its arguments kept, replaced, dropped or added, laid out as before."""
    quote = _quote(call)
    last = call.args[-1] if call.args else None
    args: list[cst.Arg] = []
    for edit in edits:
        if isinstance(edit, str):
            args.append(cst.Arg(_string(edit, quote)))
        elif isinstance(edit, int):
            args.append(call.args[edit])
        else:
            args.append(cst.Arg(_string(edit[1], quote), comma=call.args[edit[0]].comma))
    between = _separator(call)
    laid = [
        arg.with_changes(
            comma=arg.comma
            if isinstance(arg.comma, cst.Comma) and (last is None or arg.comma is not last.comma)
            else between,
            whitespace_after_arg=cst.SimpleWhitespace(""),
        )
        for arg in args[:-1]
    ]
    if args:
        end = last.comma if last is not None else cst.MaybeSentinel.DEFAULT
        space = last.whitespace_after_arg if last is not None else cst.SimpleWhitespace("")
        laid.append(args[-1].with_changes(comma=end, whitespace_after_arg=space))
    return call.with_changes(args=laid)


def renamed(call: cst.Call, name: str) -> cst.Call:
    """Return the call of another method with the same arguments."""
    return call.with_deep_changes(call.func, attr=cst.Name(name))


def dropped(call: cst.Call) -> cst.BaseExpression:
    """Return what the link was called on, inside the parentheses the link had."""
    assert isinstance(call.func, cst.Attribute)  # noqa: S101  a link is a method call
    inner = call.func.value
    return inner.with_changes(lpar=[*call.lpar, *inner.lpar], rpar=[*inner.rpar, *call.rpar])


def followed(call: cst.Call, name: str, texts: Sequence[str], quote: str = '"') -> cst.Call:
    """Return the call with one more link after it, on a line of its own if this one has one.

    Its strings are quoted as the call's own are, else by `quote`.
    """
    dot = cst.Dot()
    if isinstance(call.func, cst.Attribute) and isinstance(
        space := call.func.dot.whitespace_before, cst.ParenthesizedWhitespace
    ):
        line = space.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[])
        dot = cst.Dot(whitespace_before=line)
    quote = _quote(call, quote)
    return cst.Call(
        cst.Attribute(call.with_changes(lpar=[], rpar=[]), cst.Name(name), dot),
        [cst.Arg(_string(text, quote)) for text in texts],
        lpar=call.lpar,
        rpar=call.rpar,
    )


def usual_quote(file: SourceFile) -> str:
    """Return the quote that most short strings of the file have."""
    quotes = [node.quote for node in file.find(cst.SimpleString)]
    return "'" if quotes.count("'") > quotes.count('"') else '"'


def _separator(call: cst.Call) -> cst.Comma:
    """Return what stands between two arguments of the call."""
    for arg in call.args[:-1]:
        comma = arg.comma
        if isinstance(comma, cst.Comma) and not any(
            isinstance(node, cst.Comment) for node in within(comma)
        ):
            return comma
    space = call.whitespace_before_args
    if isinstance(space, cst.ParenthesizedWhitespace) and call.args:
        line = space.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[])
        if isinstance(call.args[-1].comma, cst.Comma):
            return cst.Comma(whitespace_after=line)
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _quote(node: cst.CSTNode, default: str = '"') -> str:
    for found in within(node):
        if isinstance(found, cst.SimpleString) and len(found.quote) == 1:
            return found.quote
    return default


def _string(value: str, quote: str) -> cst.SimpleString:
    return cst.SimpleString(f"{quote}{value}{quote}")
