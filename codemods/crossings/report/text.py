"""Crossings as text: grouped by contexts and kind, with counts first."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from codemods.crossings.crossing import KINDS
from codemods.crossings.report import seen as sightings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from codemods.crossings.report.seen import Seen
    from codemods.crossings.survey import Survey


def show(
    console: Console, survey: Survey, *, is_brief: bool, seen: Mapping[str, Seen] | None = None
) -> None:
    """Print crossings by source, target and kind; `is_brief` leaves the places out.

    `seen` tells who saw each crossing, by its key.
    """
    crossings = sorted(survey.crossings, key=lambda c: (c.source, c.target, c.kind, c))
    for (source, target), group in groupby(crossings, key=lambda c: (c.source, c.target)):
        members = list(group)
        console.print(f"[bold]{source} -> {target}[/]  {len(members)}")
        for kind, inner in groupby(members, key=lambda c: c.kind):
            places = list(inner)
            console.print(f"  [cyan]{kind}[/]  {len(places)}  [dim]{KINDS[kind].title}[/]")
            if not is_brief:
                for c in places:
                    low = " [yellow](guess)[/]" if c.confidence == "low" else ""
                    note = sightings.of(c, seen).note
                    note = note and f" [green]{note}[/]"
                    console.print(
                        f"    {escape(c.path)}:{c.line}:{c.column}  {escape(c.expression)}"
                        f"  [dim]{c.model or c.target}[/]{low}{note}",
                        soft_wrap=True,
                        highlight=False,
                    )
        console.print()
    _totals(console, survey)


def _totals(console: Console, survey: Survey) -> None:
    table = Table(box=None, pad_edge=False, show_header=True)
    table.add_column("kind")
    table.add_column("crossings", justify="right")
    for kind, count in Counter(c.kind for c in survey.crossings).most_common():
        table.add_row(kind, str(count))
    console.print(table)
    pairs = len({(c.source, c.target) for c in survey.crossings})
    console.print(
        f"\n{len(survey.crossings)} crossings between {pairs} pair{'s' * (pairs != 1)} of contexts"
        f" in {survey.files} files"
    )
