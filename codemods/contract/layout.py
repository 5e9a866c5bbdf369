"""Python text as a formatter would write it: 100 columns, one line, else one item per line."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = 100
INDENT = "    "


def bracketed(
    head: str, items: Sequence[str], tail: str, *, indent: int = 0, is_import: bool = False
) -> str:
    """Return `head` + items + `tail` in one line, in three, or with one item per line.

    `head` ends with the opening bracket and `tail` begins with the closing one.
    """
    margin = INDENT * indent
    line = f"{margin}{head}{', '.join(items)}{tail}"
    if len(line) <= WIDTH:
        return line
    inner = f"{margin}{INDENT}{', '.join(items)}"
    is_lone_parameter = head.startswith("def ") and len(items) == 1
    if len(inner) <= WIDTH and not is_import and not is_lone_parameter:
        return "\n".join([f"{margin}{head}", inner, f"{margin}{tail}"])
    stars = ("*", "/")
    each = [f"{margin}{INDENT}{item}," for item in items]
    if items and items[-1] in stars:
        each[-1] = each[-1][:-1]
    return "\n".join([f"{margin}{head}", *each, f"{margin}{tail}"])


def imports(module: str, names: Iterable[str]) -> str:
    """Return a from-import, its names sorted as isort sorts them."""
    items = sorted(set(names), key=_isort_key)
    line = f"from {module} import {', '.join(items)}"
    if len(line) <= WIDTH:
        return line
    return bracketed(f"from {module} import (", items, ")", is_import=True)


def _isort_key(name: str) -> tuple[int, str]:
    """Sort constants, then classes, then the rest, each by name (isort's order-by-type)."""
    bare = name.split(" as ", maxsplit=1)[0]
    if len(bare) > 1 and bare.isupper():
        return 0, bare
    return (1, bare) if bare[:1].isupper() else (2, bare)


def docstring(text: str, *, indent: int = 1) -> str:
    """Return a docstring of paragraphs, wrapped."""
    margin = INDENT * indent
    first, *rest = text.strip().split("\n\n")
    head = textwrap.wrap(" ".join(first.split()), WIDTH - len(margin) - 6) or [""]
    lines = list(head)
    for paragraph in rest:
        lines.append("")
        for line in paragraph.splitlines():
            inset = line[: len(line) - len(line.lstrip())]
            lines += textwrap.wrap(
                line.strip(),
                WIDTH - len(margin),
                initial_indent=inset,
                subsequent_indent=inset + INDENT if inset else "",
                break_long_words=False,
                break_on_hyphens=False,
            )
    if len(lines) == 1:
        return f'{margin}"""{lines[0]}"""'
    body = [f"{margin}{line}".rstrip() for line in lines[1:]]
    return "\n".join([f'{margin}"""{lines[0]}', *body, f'{margin}"""'])
