"""Say what a run showed, as text."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from codemods.trace.access import places

if TYPE_CHECKING:
    from codemods.trace.access import Access, Spanning
    from codemods.trace.collect import Collected

PIPE_COLUMNS = 200
HEADINGS = ("from", "to", "sites", "of them writing", "statements", "busiest line")


def show(collected: Collected, reached: tuple[Access, ...], blocks: tuple[Spanning, ...]) -> None:
    """Print the sites by the context they are in and the one they reach, most first."""
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", PIPE_COLUMNS))
    console = Console(highlight=False, width=width)
    table = Table(*HEADINGS, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in table.columns[2:5]:
        column.justify = "right"
    for row in rows(reached):
        table.add_row(*row)
    if reached:
        console.print(table)
    statements = sum(site.count for site in collected.trace.sites)
    sites = len({access.place for access in reached})
    console.print(
        f"{sites} sites reach another context's tables; {len(blocks)} transactions write several"
        f" contexts. {statements} statements in {collected.processes} processes."
    )
    for block in blocks:
        console.print(f"  {block.path}:{block.line} writes {', '.join(block.contexts)}")


def rows(reached: tuple[Access, ...]) -> list[tuple[str, ...]]:
    """Return a row per pair of contexts: sites, writing sites, statements, and the busiest line."""
    found: list[tuple[str, ...]] = []
    for (source, target), sites in places(reached).most_common():
        pair = [access for access in reached if (access.source, access.target) == (source, target)]
        writing = len({access.place for access in pair if access.access == "write"})
        busiest = max(pair, key=lambda access: access.count)
        count = sum(access.count for access in pair)
        found.append(
            (source, target, str(sites), str(writing), str(count), f"{busiest.path}:{busiest.line}")
        )
    return found
