"""Find what can be proven in a markdown file: marked console blocks and generated parts.

A console block is run when the line before its fence is `<!-- docs: run -->`; blocks of one file
share a folder and run in order. After `<!-- docs: run in the shop -->` the folder is a copy of the
reference monolith under git, which those blocks share. A generated part stands between
`<!-- generated: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_RUN = re.compile(
    r"(?P<head><!-- docs: run(?P<shop> in the shop)? -->\n```console\n)(?P<body>.*?)(?=^```$)",
    re.M | re.S,
)
_GENERATED = re.compile(
    r"(?P<head><!-- generated: (?P<name>[a-z-]+) -->\n)(?P<body>.*?)(?=^<!-- end -->$)", re.M | re.S
)
_CONSOLE = re.compile(r"^```console\n(?P<body>.*?)^```$", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file that can be made anew; `name` is empty for a console block.

    `is_in_shop` tells that the block runs in a copy of the reference monolith.
    """

    start: int
    end: int
    line: int
    name: str
    body: str
    is_in_shop: bool = False


def parts_of(text: str) -> list[Part]:
    """Return the provable parts of a markdown text in order."""
    found = [
        Part(
            match.start("body"),
            match.end("body"),
            text.count("\n", 0, match.start("body")) + 1,
            match.groupdict().get("name") or "",
            match["body"],
            bool(match.groupdict().get("shop")),
        )
        for pattern in (_RUN, _GENERATED)
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda part: part.start)


def commands_of(body: str) -> list[str]:
    """Return the commands of a console block: its lines that start with a prompt."""
    return [line[2:] for line in body.splitlines() if line.startswith("$ ")]


def all_commands(text: str) -> list[tuple[int, str]]:
    """Return every command in every console block with its line, run or not."""
    return [
        (text.count("\n", 0, match.start("body")) + 1 + offset, line[2:])
        for match in _CONSOLE.finditer(text)
        for offset, line in enumerate(match["body"].splitlines())
        if line.startswith("$ ")
    ]


def replace_parts(text: str, bodies: dict[Part, str]) -> str:
    """Return the text with each part's body replaced."""
    for part in sorted(bodies, key=lambda part: part.start, reverse=True):
        text = text[: part.start] + bodies[part] + text[part.end :]
    return text
