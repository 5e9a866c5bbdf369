"""The ledger: one sorted line per crossing still to cut. It may only shrink.

A line is a crossing's key: contexts, file, function, kind, model and expression, without line
numbers, so that edits elsewhere, and formatting, leave it as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from codemods.crossings.crossing import Crossing

HEADER = (
    "# Crossings still to cut, one per line, sorted. It may only shrink: `codemods check`\n"
    "# fails on a crossing that is not here; `codemods check --write-ledger` drops what is gone.\n"
)
PARTS = 6


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is in the code but not in the ledger, and the reverse."""

    added: tuple[Crossing, ...]
    stale: tuple[str, ...]
    kept: int


def render(crossings: Iterable[Crossing]) -> str:
    """Return the ledger of these crossings as text."""
    return HEADER + "".join(f"{key}\n" for key in sorted({c.key for c in crossings}))


def load(path: Path) -> tuple[str, ...]:
    """Read a ledger's lines.

    Raises:
        LedgerError: there is none, or lines of it are not crossings, as after a bad merge.
    """
    if not path.is_file():
        raise LedgerError(f"{path}: no ledger yet. Write it with `codemods check --write-ledger`.")
    lines = path.read_text(encoding="utf-8").splitlines()
    bad = [
        f"{path}:{number}: not a crossing: {line[:80]!r}"
        for number, line in enumerate(lines, 1)
        if line and not line.startswith("#") and line.count(" | ") < PARTS - 1
    ]
    if bad:
        raise LedgerError(
            "\n".join([*bad, "Write the ledger anew with `codemods check --write-ledger`."])
        )
    return tuple(line for line in lines if line and not line.startswith("#"))


def compare(lines: Iterable[str], crossings: Iterable[Crossing]) -> Comparison:
    """Compare a ledger's lines with what the code holds now."""
    listed = set(lines)
    found = {crossing.key: crossing for crossing in crossings}
    return Comparison(
        added=tuple(sorted(crossing for key, crossing in found.items() if key not in listed)),
        stale=tuple(sorted(listed - found.keys())),
        kept=len(listed & found.keys()),
    )
