"""Line breaks for a call whose arguments become longer: a line for all of them, or one for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms import calls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codemods.transforms.source import SourceFile

    Makes = dict[cst.CSTNode, Callable[[cst.CSTNode], object]]


def breaks(file: SourceFile, call: cst.Call, texts: Mapping[cst.Arg, str]) -> Makes:
    """Return what becomes of the spaces between a call's arguments; {} to keep them as they are.

    `texts` are what arguments become, "" for those that go. A call over several lines keeps its
    own; one within an f-string has none.
    """
    begin, end = file.span(call), file.span(call.args[-1])
    lines = file.text.splitlines()
    is_one_line = begin[0] == end[2] == begin[2]
    if not is_one_line or call.lpar or not isinstance(call.func, (cst.Attribute, cst.Name)):
        return {}
    now = [texts.get(arg, file.code(arg.with_changes(comma=cst.Comma()))) for arg in call.args]
    kept = [arg for arg, text in zip(call.args, now, strict=True) if text]
    inner = ", ".join(text.rstrip(", ") for text in now if text)
    before = sum(len(file.code(arg)) for arg in call.args)
    if calls.fits_line(file, len(lines[begin[0] - 1]) + len(inner) - before):
        return {}
    inside, after = calls.hanging(file, call)
    indent = inside.last_line
    found: Makes = {call.whitespace_before_args: lambda _node: inside}
    if not calls.fits_line(file, len(indent.value) + len(inner)):
        for arg in kept[:-1]:
            if isinstance(arg.comma, cst.Comma):
                found[arg.comma.whitespace_after] = lambda _node: inside
    found[call.args[-1].whitespace_after_arg] = lambda _node: after
    return found
