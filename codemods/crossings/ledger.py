"""The ledger: one sorted line per crossing still to cut. It may only shrink.

A line is a crossing's key: contexts, file, function, kind, model and expression, without line
numbers, so that edits elsewhere, and formatting, leave it as it is. A line that ends with "ran" is
of a crossing that only a trace showed; without a trace nobody can tell whether it is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from codemods.crossings.crossing import Crossing

HEADER = (
    "# Crossings still to cut, one per line, sorted. It may only shrink: `codemods check`\n"
    "# fails on a crossing that is not here; `codemods check --write-ledger` drops what is gone.\n"
)
SEPARATOR = " | "
RAN = f"{SEPARATOR}ran"
PARTS = 6


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is in the code but not in the ledger, and the reverse.

    `stale` are the lines whose crossing is gone; `unread` those of which nothing is known this
    time, as some file could not be read or there is no trace; `kept` is how many are in both.
    """

    added: tuple[Crossing, ...]
    stale: tuple[str, ...]
    kept: int
    unread: tuple[str, ...] = ()


def render(
    crossings: Iterable[Crossing], unread: Iterable[str] = (), ran: Iterable[Crossing] = ()
) -> str:
    """Return the ledger of these crossings as text.

    Args:
        crossings: what the source shows.
        unread: lines to keep as they are, of files and runs that could not be read.
        ran: what only a trace shows.
    """
    lines = {*(crossing.key for crossing in crossings), *unread, *(c.key + RAN for c in ran)}
    return HEADER + "".join(f"{line}\n" for line in sorted(lines))


def load(path: Path) -> tuple[str, ...]:
    """Read a ledger's lines.

    Raises:
        LedgerError: there is none, or lines of it are not crossings, as after a bad merge.
    """
    if not path.is_file():
        raise LedgerError(f"{path}: no ledger yet. Write it with `codemods check --write-ledger`.")
    lines = read(path)
    bad = [
        f"{path}:{number}: not a crossing: {line[:80]!r}"
        for number, line in lines
        if not _is_crossing(line)
    ]
    if bad:
        raise LedgerError(
            "\n".join([*bad, "Write the ledger anew with `codemods check --write-ledger`."])
        )
    return tuple(line for _, line in lines)


def load_what_can_be(path: Path) -> tuple[str, ...]:
    """Read those lines of a ledger that are crossings, to write it anew; none without a file."""
    return tuple(line for _, line in read(path) if _is_crossing(line)) if path.is_file() else ()


def read(path: Path) -> tuple[tuple[int, str], ...]:
    """Return a file's lines with their numbers, without comments and empty ones."""
    lines = enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
    return tuple((number, line) for number, line in lines if line and not line.startswith("#"))


def _is_crossing(line: str) -> bool:
    return line.count(SEPARATOR) >= PARTS - 1


def keys(lines: Iterable[str]) -> frozenset[str]:
    """Return the keys of the crossings that a ledger's lines stand for, however they were seen."""
    return frozenset(line.removesuffix(RAN) for line in lines)


def compare(
    lines: Iterable[str],
    crossings: Iterable[Crossing],
    unread: Collection[str] = (),
    ran: Iterable[Crossing] | None = None,
) -> Comparison:
    """Compare a ledger's lines with what there is now.

    Args:
        lines: the ledger's.
        crossings: what the source shows.
        unread: paths of the files that could not be read; then no line is taken for stale.
        ran: what only a trace shows; None without a trace.
    """
    listed = set(lines)
    found = {crossing.key: crossing for crossing in crossings}
    only_ran = {crossing.key + RAN: crossing for crossing in ran or ()}
    gone = listed - found.keys() - only_ran.keys()
    # What a file that is not read says of others, such as a form's fields, is not known either.
    unknown = set(gone) if unread else set()
    if ran is None:
        unknown |= {line for line in gone if line.endswith(RAN)}
    known = keys(listed)
    new = [
        crossing
        for key, crossing in (found | only_ran).items()
        if key.removesuffix(RAN) not in known
    ]
    return Comparison(
        added=tuple(sorted(new)),
        stale=tuple(sorted(gone - unknown)),
        kept=len(listed & (found.keys() | only_ran.keys())),
        unread=tuple(sorted(unknown)),
    )
