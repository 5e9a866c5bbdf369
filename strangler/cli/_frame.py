"""What the commands share: their parser's frame, the policy option, tables and JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

from strangler.policy.load import DEFAULT_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Subparsers = argparse._SubParsersAction  # noqa: SLF001 - argparse gives it no public name
PIPE_COLUMNS = 200


def add_command(
    subparsers: Subparsers[argparse.ArgumentParser],
    name: str,
    doc: str | None,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    """Add a command whose help is the first line of its module's docstring."""
    text = (doc or "").strip()
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=text.splitlines()[0].rstrip("."),
        description=text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(func=run)
    parser.add_argument(
        "--policy", type=Path, default=DEFAULT_PATH, metavar="FILE",
        help=f"the route policy ({DEFAULT_PATH})",
    )  # fmt: skip
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the `--json` option of every command that reads."""
    parser.add_argument("--json", action="store_true", help="print JSON for other programs")


def print_json(content: Any) -> None:
    """Print JSON with a stable layout."""
    print(json.dumps(content, indent=2, ensure_ascii=False))


def console() -> Console:
    """Return a console for standard output that never breaks lines of a pipe.

    Colour only on a terminal, and not where NO_COLOR is set: https://no-color.org
    """
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", PIPE_COLUMNS))
    return Console(highlight=False, width=width, markup=False)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table that reads well without colour and borders."""
    made = Table(
        *headings, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold"
    )
    for row in rows:
        made.add_row(*row)
    return made


def warn(message: str) -> None:
    """Say something on standard error that the user should see beside the output."""
    print(f"warning: {message}", file=sys.stderr)
