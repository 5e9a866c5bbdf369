"""What the demonstration prints: readable without colour, and line by line into a pipe."""

from __future__ import annotations

import shlex
import sys
import time
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tests.demo.samples import MONOLITH, SERVICE, percentile, rate_per_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.demo.samples import Window
    from tests.demo.traffic import Traffic

PIPE_COLUMNS = 110
REFRESH_S = 0.25


class Screen:
    """Prints the story; a live line of figures only on a terminal. Colour follows NO_COLOR."""

    def __init__(self) -> None:
        width = None if sys.stdout.isatty() else PIPE_COLUMNS
        self._console = Console(width=width, highlight=False)
        self._began = time.monotonic()

    def heading(self, text: str) -> None:
        """Begin a step, with the seconds since the start."""
        at_s = time.monotonic() - self._began
        self._console.print()
        self._console.print(Text(f"== {text}  [{at_s:.0f} s]", style="bold"))

    def say(self, text: str) -> None:
        self._console.print(Text(text))

    def figure(self, text: str) -> None:
        """Print something that was measured."""
        self._console.print(Text(f"   {text}"))

    def command(self, arguments: Sequence[str]) -> None:
        """Print a command as a user types it."""
        self._console.print(Text(f"$ {shlex.join(arguments)}", style="cyan"), soft_wrap=True)

    def output(self, text: str) -> None:
        """Print what a command said, set in from the left."""
        for line in text.rstrip().splitlines():
            self._console.print(Text(f"  | {line.rstrip()}", style="dim"), soft_wrap=True)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
        table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False, title=title,
                      title_justify="left", title_style="bold", header_style="bold")  # fmt: skip
        for row in rows:
            table.add_row(*row)
        self._console.print(Padding(table, (1, 0, 0, 0)))

    def watch(self, traffic: Traffic, duration_s: float, what: str) -> Window:
        """Watch the traffic for `duration_s` and return what was seen in that time."""
        mark, until = traffic.mark(), time.monotonic() + duration_s
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            while (left_s := until - time.monotonic()) > 0:
                time.sleep(min(REFRESH_S, left_s))
                if self._console.is_terminal:
                    window = traffic.since(mark)
                    live.update(_figures(window, f"{what}, {max(left_s, 0):.0f} s to go"),
                                refresh=True)  # fmt: skip
        return traffic.since(mark)

    def show(self, window: Window) -> None:
        """Print the figures of a window, with the times of each side's answers."""
        self.figure(
            f"{window.requests} requests, {rate_per_s(window):.0f}/s, {len(window.failures)} failed"
        )
        self.figure(", ".join(f"{count} {kind}" for kind, count in window.kinds().most_common()))
        for sample in window.failures[:3]:
            self.figure(f"failed: {sample.failure}")
        parts = [
            f"{name} answered {len(times)} (p50 {percentile(times, 50):.0f} ms, "
            f"p95 {percentile(times, 95):.0f} ms)"
            for name in (MONOLITH, SERVICE)
            if (times := window.took_ms(name))
        ]
        self.figure("product detail: " + "; ".join(parts))


def _figures(window: Window, what: str) -> Table:
    table = Table.grid(padding=(0, 3))
    answered = max(len(window.moved), 1)
    table.add_row(
        Text(f"   {what}"),
        Text(f"{window.requests} requests"),
        Text(f"{rate_per_s(window):.0f}/s"),
        Text(f"{len(window.failures)} failed", style="red" if window.failures else ""),
        Text(f"detail: monolith {100 * window.answered_by(MONOLITH) / answered:.0f} %"),
        Text(f"service {100 * window.answered_by(SERVICE) / answered:.0f} %"),
    )
    return table
