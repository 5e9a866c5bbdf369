"""What the commands share that show what ran beside what the source shows."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.cli import _project
from codemods.crossings.report.seen import STATIC, Seen
from codemods.project import contexts as contexts_file
from codemods.trace import records
from codemods.trace.access import traffic
from codemods.trace.merge import Marked, merge

if TYPE_CHECKING:
    import argparse
    from collections import Counter

    from codemods.crossings.survey import Survey
    from codemods.trace.merge import Merged

TRACE = "var/codemods/trace.json"


@dataclass(frozen=True)
class Ran:
    """The crossings of a survey, marked static, runtime or both.

    `merged` and `traffic`, statements that crossed by (source, target), are None without a trace.
    """

    marked: tuple[Marked, ...]
    merged: Merged | None
    traffic: Counter[tuple[str, str]] | None


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a trace."""
    parser.add_argument(
        "--trace",
        type=Path,
        metavar="FILE",
        help=f"what `codemods trace` wrote (ROOT/{TRACE} if it is there)",
    )


def seen(ran: Ran) -> dict[str, Seen] | None:
    """Map each crossing's key to who saw it, for the reports; None without a trace."""
    if ran.merged is None:
        return None
    return {mark.crossing.key: Seen(mark.seen, mark.count) for mark in ran.marked}


def summary(merged: Merged) -> str:
    """Say in one line how much of what ran the source shows by itself."""
    sites = {access.place for access in (*merged.found, *merged.traced_back, *merged.missed)}
    return (
        f"{len(sites)} sites ran SQL on another context's tables; the source alone shows"
        f" {merged.recall_pct:.1f} % of them"
    )


def join(survey: Survey, args: argparse.Namespace) -> Ran:
    """Mark a survey's crossings with the trace there is, and add those that only ran.

    Warns on standard error of files that have changed since.

    Raises:
        CodemodsError: the trace that was named cannot be read.
    """
    root = _project.root_of(args)
    path: Path = args.trace or root / TRACE
    if args.trace is None and not path.is_file():
        return Ran(tuple(Marked(crossing, STATIC) for crossing in survey.crossings), None, None)
    trace = records.load(path)
    graph, digests = _project.read_graph(root, args)
    contexts = contexts_file.load(_project.contexts_path(root, args), graph)
    merged = merge(survey.crossings, trace, graph, contexts, digests)
    if merged.stale:
        files = f"{len(merged.stale)} files" if len(merged.stale) > 1 else merged.stale[0]
        print(
            f"warning: {files} changed since {path} was written; run `codemods trace` again",
            file=sys.stderr,
        )
    return Ran(merged.marked, merged, traffic(trace, graph, contexts))
