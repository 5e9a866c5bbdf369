"""The `codemods` command: one module per subcommand, found by walking this package.

A command module has a docstring whose first line is its help, `add_parser(subparsers)` and
`run(args) -> int`. Exit status: 0 clean, 1 findings or would change, 2 bad usage or
configuration. A `CodemodsError` is printed to standard error and becomes 2.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import signal
import sys
from typing import TYPE_CHECKING

from codemods import __version__
from codemods.errors import CodemodsError

if TYPE_CHECKING:
    from collections.abc import Sequence


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with every command of this package, in alphabetical order."""
    parser = argparse.ArgumentParser(
        prog="codemods",
        description="Find where a Django monolith's contexts touch each other's data, and cut it.",
    )
    parser.add_argument("--version", action="version", version=f"codemods {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module_info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        if not module_info.name.startswith("_"):
            importlib.import_module(f"{__name__}.{module_info.name}").add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    args = build_parser().parse_args(argv)
    try:
        status: int = args.func(args)
        sys.stdout.flush()
    except CodemodsError as error:
        print(f"codemods {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return status
