"""Rank contexts by what they cost to take out, with the reasons counted.

The cheapest comes first. With the file that `codemods trace` wrote, what only ran is counted too,
and how often.
"""

from __future__ import annotations

import argparse
import json
import sys

from codemods.cli import _project, _ran
from codemods.project import contexts as contexts_file
from codemods.seams import report
from codemods.seams.score import rank


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `codemods seams`."""
    parser = subparsers.add_parser(
        "seams",
        help=__doc__.splitlines()[0],
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _project.add_options(parser)
    _ran.add_option(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Map the project, join what ran, rank."""
    survey = _project.read_project(args)
    _project.tell_problems(survey)
    ran = _ran.join(survey, args)
    root = _project.root_of(args)
    graph, _ = _project.read_graph(root, args)
    contexts = contexts_file.load(_project.contexts_path(root, args), graph)
    seams = rank(ran.marked, contexts.names, ran.traffic)
    if args.json:
        json.dump(report.to_json(seams), sys.stdout, indent=1)
        print()
    else:
        report.show(seams)
    return 0
