"""Show the ranking as text or as JSON-ready values."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.seams.score import Reason, Seam

PIPE_COLUMNS = 200
HEADINGS = ("context", "cost", "in", "out", "joins", "writes", "transactions", "statements", "why")
SHOWN_REASONS = 3


def show(seams: Sequence[Seam]) -> None:
    """Print a row per context, cheapest first, then a sentence on each."""
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", PIPE_COLUMNS))
    console = Console(highlight=False, width=width)
    table = Table(*HEADINGS, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in table.columns[1:-1]:
        column.justify = "right"
    for seam in seams:
        table.add_row(*row(seam))
    console.print(table)
    console.print()
    for seam in seams:
        console.print(f"{seam.context}: {seam.advice}", soft_wrap=True)


def row(seam: Seam) -> tuple[str, ...]:
    """Return a context's cells; a dash where nothing was measured."""
    count = {reason.name: reason.incoming + reason.outgoing for reason in seam.reasons}
    return (
        seam.context,
        f"{seam.cost:g}",
        str(sum(number for _, number in seam.incoming)),
        str(sum(number for _, number in seam.outgoing)),
        str(count.get("joins", 0)),
        str(count.get("writes", 0)),
        str(count.get("transactions", 0)),
        "-" if seam.statements is None else str(seam.statements),
        ", ".join(_why(reason) for reason in seam.reasons[:SHOWN_REASONS] if reason.points),
    )


def _why(reason: Reason) -> str:
    return f"{reason.name} {reason.points:g}"


def to_json(seams: Sequence[Seam]) -> dict[str, Any]:
    """Return the ranking as JSON-ready values."""
    rows = [
        asdict(seam) | {"incoming": dict(seam.incoming), "outgoing": dict(seam.outgoing)}
        for seam in seams
    ]
    return {"version": 1, "seams": rows}
