"""Fail on a crossing that is not in the committed ledger.

The ledger may only shrink. A crossing that it does not list exits 1. A line whose crossing is gone
is reported, and exits 1 with --strict, as in CI and in the hook: left behind, it would let the same
crossing back in unseen. With --trace, what only `codemods trace` saw counts as well; without it
such lines stay as they are.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemods.cli import _project, _ran
from codemods.crossings import ledger
from codemods.crossings.crossing import KINDS
from codemods.crossings.report import github
from codemods.crossings.report.sarif import message
from codemods.crossings.report.seen import RUNTIME
from codemods.errors import CodemodsError

if TYPE_CHECKING:
    from codemods.crossings.crossing import Crossing
    from codemods.crossings.survey import Survey

LEDGER = "crossings.ledger"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `codemods check`."""
    parser = subparsers.add_parser(
        "check",
        help=__doc__.splitlines()[0],
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _project.add_options(parser)
    parser.add_argument("--ledger", type=Path, metavar="FILE", help=f"the ledger (ROOT/{LEDGER})")
    parser.add_argument("--strict", action="store_true", help="fail on a stale line too")
    parser.add_argument("--write-ledger", action="store_true", help="write what there is now")
    parser.add_argument(
        "--trace", type=Path, metavar="FILE", help="count what only ran, too, by this trace"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--github", action="store_true", help="print GitHub annotations")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Compare the project with its ledger; 1 when a crossing is new, or a line stale if strict."""
    root = _project.root_of(args)
    path: Path = args.ledger or root / LEDGER
    found = _project.read_project(args)
    _project.tell_problems(found)
    unread = {place for place, _ in found.problems}
    ran = _only_ran(found, args)
    if args.write_ledger:
        return _write(path, found, unread, ran)
    compared = ledger.compare(ledger.load(path), found.crossings, unread, ran)
    if args.json:
        json.dump(to_json(compared), sys.stdout, indent=1)
        print()
    elif args.github:
        folder = _project.folder_in_repository(root)
        sys.stdout.write(github.render(compared.added, "error", folder=folder))
        level = "error" if args.strict else "warning"
        sys.stdout.write(github.render_stale(_numbered(path, compared.stale), level))
    else:
        _tell(path, compared)
    return 1 if compared.added or (args.strict and compared.stale) else 0


def _only_ran(found: Survey, args: argparse.Namespace) -> list[Crossing] | None:
    """Return what only the trace that was named shows; None when none was."""
    if args.trace is None:
        return None
    return [mark.crossing for mark in _ran.join(found, args).marked if mark.seen == RUNTIME]


def to_json(compared: ledger.Comparison) -> dict[str, Any]:
    """Return a comparison as JSON-ready values, each new crossing with what to do instead."""
    return {
        "version": 1,
        "added": [
            crossing.to_json()
            | {"title": KINDS[crossing.kind].title, "instead": KINDS[crossing.kind].advice}
            for crossing in compared.added
        ],
        "stale": list(compared.stale),
        "unread": list(compared.unread),
        "kept": compared.kept,
    }


def _numbered(path: Path, lines: tuple[str, ...]) -> list[tuple[str, int, str]]:
    """Return where each line stands in the ledger: file as seen from the repository, line, text."""
    folder = _project.folder_in_repository(path.resolve().parent)
    stale = set(lines)
    return [
        (f"{folder}{path.name}", number, line)
        for number, line in ledger.read(path)
        if line in stale
    ]


def _write(path: Path, found: Survey, unread: set[str], ran: list[Crossing] | None) -> int:
    compared = ledger.compare(ledger.load_what_can_be(path), found.crossings, unread, ran)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(
            ledger.render(found.crossings, compared.unread, ran or ()), encoding="utf-8"
        )
        partial.replace(path)
    except OSError as error:
        raise CodemodsError(
            f"{path}: cannot be written: {error.strerror}. Name another by --ledger."
        ) from error
    count = compared.kept + len(compared.added)
    place = _project.shown(path)
    print(f"{place}: {count} crossings, {len(compared.added)} added, {len(compared.stale)} gone")
    if compared.unread:
        print(
            f"{len(compared.unread)} lines stay as they were: their file, or a trace, was not read"
        )
    return 0


def _tell(path: Path, compared: ledger.Comparison) -> None:
    for crossing in compared.added:
        place = f"{crossing.path}:{crossing.line}:{crossing.column}"
        print(f"{place}: {crossing.kind}: {message(crossing)}")
        print(f"    {crossing.expression}")
    for line in compared.stale:
        print(f"stale: {line}")
    if compared.added:
        print(
            f"\n{_count(compared.added, 'new crossing')}. Take another way, or, if the team agrees,"
            " list what is new\nwith `codemods check --write-ledger` and commit the ledger."
        )
    if compared.stale:
        print(
            f"\n{_count(compared.stale, 'line')} of {_project.shown(path)} without a crossing any"
            " more. Drop what is gone with `codemods check --write-ledger`."
        )
    if not compared.added and not compared.stale:
        print(f"{compared.kept} crossings, none new")


def _count(things: tuple[object, ...], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"
