"""How generated Python is laid out: black's style at 100 columns, imports as isort sorts them."""

from __future__ import annotations

import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH = 100
INDENT = "    "


@lru_cache(maxsize=64)  # a client is rendered before a survey and after it, mostly alike
def formatted(text: str) -> str:
    """Return Python text as black formats it for Python 3.8 (https://black.readthedocs.io)."""
    import black  # takes a while to import; only needed where something is generated
    from black.mode import TargetVersion

    mode = black.Mode(line_length=WIDTH, target_versions={TargetVersion.PY38})
    return black.format_str(text, mode=mode)


def imports(module: str, names: Iterable[str]) -> str:
    """Return a from-import with its names sorted."""
    return f"from {module} import {', '.join(sorted(set(names), key=by_kind))}"


def by_kind(name: str) -> tuple[int, str, str]:
    """Sort constants before classes before the rest, each without regard to case, as isort does."""
    bare = name.partition(" as ")[0]
    kind = 0 if len(bare) > 1 and bare.isupper() else 1 if bare[:1].isupper() else 2
    return kind, bare.lower(), bare


def sections(*groups: Iterable[str]) -> str:
    """Return groups of import lines with an empty line between them; empty ones are left out."""
    kept = [sorted(set(group), key=_by_module) for group in groups]
    return "\n\n".join("\n".join(group) for group in kept if group)


def _by_module(line: str) -> tuple[bool, str, str]:
    return line.startswith("from"), line.split()[1], line


def docstring(text: str, *, indent: int = 1) -> str:
    """Return a docstring of paragraphs, wrapped."""
    margin = INDENT * indent
    first, *rest = text.strip().split("\n\n")
    lines = textwrap.wrap(first, WIDTH - len(margin) - 6)
    for paragraph in rest:
        wrapped = textwrap.wrap(
            paragraph, WIDTH - len(margin), break_long_words=False, break_on_hyphens=False
        )
        lines += ["", *wrapped]
    if len(lines) == 1:
        return f'{margin}"""{lines[0]}"""'
    body = [f"{margin}{line}".rstrip() for line in lines[1:]]
    return "\n".join([f'{margin}"""{lines[0]}', *body, f'{margin}"""'])
