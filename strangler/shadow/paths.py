"""Paths of differences, the patterns they collapse to, and rules written as patterns.

    path      body.items[3].price          body.by_id.41.name
    pattern   body.items[*].price          body.by_id.*.name

In a rule `*` stands for one segment, `**` for any number of them, `[*]` for any position.
"""

from __future__ import annotations

import re
from functools import lru_cache

ROOT = "body"
_INDEX = re.compile(r"\[\d+\]")
_ID_SEGMENT = re.compile(
    r"(?<=\.)(?:\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{24,64})(?=\.|\[|$)", re.I
)


_PERSONAL = re.compile(
    r"""\["(?:[^"\\]|\\.)*(?:@|\[redacted\ )(?:[^"\\]|\\.)*"\]"""  # an address, or what hid one
    r"""|\.\[redacted\ [0-9a-f]+\]"""
    r"""|\.(?=[^.\[]*\d)(?=[^.\[]*[A-Za-z])[\w-]{20,}(?=\.|\[|$)""",  # a token
    re.VERBOSE,
)


def key_path(parent: str, key: str) -> str:
    """Return the path of an object's member; a key that holds punctuation is quoted."""
    if key.isidentifier() or (key and not any(char in key for char in '.[]"\n')):
        return f"{parent}.{key}"
    quoted = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{parent}["{quoted}"]'


def collapse(path: str) -> str:
    """Return the pattern of a path: positions and members named by an id become `*`.

    So do members named by an address or a token: a pattern is stored as it is, and says nothing
    of anyone. A path and its redacted form have the same pattern.
    """
    return _ID_SEGMENT.sub("*", _INDEX.sub("[*]", _PERSONAL.sub(".*", path)))


def matches(rules: tuple[str, ...], path: str) -> str | None:
    """Return the first rule that covers a path, or None."""
    for rule in rules:
        if _compiled(rule).fullmatch(path):
            return rule
    return None


@lru_cache(maxsize=4096)
def _compiled(rule: str) -> re.Pattern[str]:
    """Compile a rule; a rule without an index covers what lies under it only with `**`."""
    pieces = re.split(r"(\.?\*\*|\[\*?\]|\*)", rule)
    meanings = {"**": ".*", ".**": r"(?:[.\[].*)?", "[*]": r"\[\d+\]", "[]": r"\[\d+\]"}
    meanings["*"] = r"[^.\[\]]+"
    return re.compile("".join(meanings.get(piece, re.escape(piece)) for piece in pieces), re.DOTALL)
