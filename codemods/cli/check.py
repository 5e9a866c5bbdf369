"""Fail on a crossing that is not in the committed ledger."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.cli import _project
from codemods.crossings import ledger
from codemods.crossings.report import github
from codemods.crossings.report.sarif import message

if TYPE_CHECKING:
    import argparse

    from codemods.crossings.survey import Survey

LEDGER = "crossings.ledger"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `codemods check`."""
    parser = subparsers.add_parser("check", help=__doc__.splitlines()[0], description=__doc__)
    _project.add_options(parser)
    parser.add_argument("--ledger", type=Path, metavar="FILE", help=f"the ledger (ROOT/{LEDGER})")
    parser.add_argument("--write-ledger", action="store_true", help="write what there is now")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--github", action="store_true", help="print GitHub annotations")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Compare the project with its ledger; 1 when a crossing is new."""
    path: Path = args.ledger or _project.root_of(args) / LEDGER
    found = _project.read_project(args)
    _project.tell_problems(found)
    if args.write_ledger:
        return _write(path, found)
    compared = ledger.compare(ledger.load(path), found.crossings)
    if args.json:
        report = {
            "added": [crossing.to_json() for crossing in compared.added],
            "stale": list(compared.stale),
            "kept": compared.kept,
        }
        json.dump(report, sys.stdout, indent=1)
        print()
    elif args.github:
        sys.stdout.write(github.render(compared.added, "error"))
    else:
        _tell(path, compared)
    return 1 if compared.added else 0


def _write(path: Path, found: Survey) -> int:
    before = set(ledger.load(path)) if path.is_file() else set()
    text = ledger.render(found.crossings)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    now = {crossing.key for crossing in found.crossings}
    print(f"{path}: {len(now)} crossings, {len(now - before)} added, {len(before - now)} gone")
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
            f"\n{len(compared.added)} new crossings. Take another way, or, if the team agrees, list"
        )
        print("them with `codemods check --write-ledger` and commit the ledger.")
    elif compared.stale:
        print(f"\n{len(compared.stale)} lines of {path} are gone: drop them with --write-ledger.")
    else:
        print(f"{compared.kept} crossings, none new")
