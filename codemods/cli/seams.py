"""Rank contexts by what they cost to take out, with the reasons counted.

The cheapest comes first. With the file that `codemods trace` wrote, what only ran is counted too,
and how often.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.cli import _project
from codemods.cli.trace import OUT
from codemods.project import contexts as contexts_file
from codemods.seams import report
from codemods.seams.score import rank
from codemods.trace import records
from codemods.trace.access import traffic
from codemods.trace.merge import STATIC, Marked, merge

if TYPE_CHECKING:
    from collections.abc import Sequence


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `codemods seams`."""
    parser = subparsers.add_parser(
        "seams",
        help=__doc__.splitlines()[0],
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _project.add_options(parser)
    parser.add_argument(
        "--trace", type=Path, metavar="FILE", help=f"what ran (ROOT/{OUT} if it is there)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Map the project, join what ran, rank."""
    root = _project.root_of(args)
    survey = _project.read_project(args)
    _project.tell_problems(survey)
    graph, digests = _project.read_graph(root, args)
    contexts = contexts_file.load(_project.contexts_path(root, args), graph)
    path: Path | None = args.trace or (root / OUT if (root / OUT).is_file() else None)
    marked: Sequence[Marked] = [Marked(crossing, STATIC) for crossing in survey.crossings]
    ran = None
    if path:
        trace = records.load(path)
        ran = traffic(trace, graph, contexts)
        merged = merge(survey.crossings, trace, graph, contexts, digests)
        marked = merged.marked
        if merged.stale:
            print(
                f"warning: {len(merged.stale)} files changed since {path} was written;"
                " run `codemods trace` again",
                file=sys.stderr,
            )
    seams = rank(marked, contexts.names, ran)
    if args.json:
        json.dump(report.to_json(seams), sys.stdout, indent=1)
        print()
    else:
        report.show(seams)
    return 0
