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


def command_names() -> list[str]:
    """Return the names of every command of this package, in alphabetical order."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in names if not name.startswith("_"))


def build_parser(names: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return the parser with the commands called `names`, or with all of them when empty."""
    parser = argparse.ArgumentParser(
        prog="codemods",
        description="Find where a Django monolith's contexts touch each other's data, and cut it.",
    )
    parser.add_argument("--version", action="version", version=f"codemods {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in names or command_names():
        importlib.import_module(f"{__name__}.{name}").add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    # Only the module of the command that runs is imported: a rewrite stands on libcst.
    args = build_parser([name for name in words[:1] if name in command_names()]).parse_args(words)
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
