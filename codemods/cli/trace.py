"""Run the project's own tests and record which lines ran SQL on another context's tables.

    codemods trace -- pytest
    codemods trace --python .venv/bin/python -- python manage.py test

The command runs as it is, in the project's root, with its output passed through; nothing of the
project is changed. The exit status is the command's own, so failing tests fail here too, and what
they reached is kept all the same; 2 also when nothing could be run or recorded. `codemods map
--trace FILE` and `codemods seams --trace FILE` read what is written.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemods.cli import _project
from codemods.cli._ran import TRACE
from codemods.errors import CodemodsError
from codemods.project import contexts as contexts_file
from codemods.trace import run as runner
from codemods.trace.access import accesses, spanning
from codemods.trace.collect import collect
from codemods.trace.report import show

if TYPE_CHECKING:
    from codemods.trace.access import Access, Spanning
    from codemods.trace.collect import Collected


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `codemods trace`."""
    parser = subparsers.add_parser(
        "trace",
        help=__doc__.splitlines()[0],
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _project.add_options(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"where to write (ROOT/{TRACE})")
    parser.add_argument(
        "--json", action="store_true", help="print JSON; the command's output goes to stderr"
    )
    parser.add_argument(
        "words", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="what runs the tests"
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the command, write the trace, say what it shows; return the command's status."""
    root = _project.root_of(args)
    words = args.words[1:] if args.words[:1] == ["--"] else args.words
    if not words:
        raise CodemodsError("no command given. Say `codemods trace -- pytest`, or your own.")
    path: Path = args.out or root / TRACE
    status, collected = _record(root, words, args)
    _write(path, collected.trace.dump())
    for problem in collected.problems:
        print(f"not recorded: {problem}", file=sys.stderr)
    print(f"wrote {_project.shown(path)}", file=sys.stderr)
    args.python = args.python or collected.interpreter
    args.settings = args.settings or collected.trace.settings
    graph, _ = _project.read_graph(root, args)
    contexts = contexts_file.load(_project.contexts_path(root, args), graph)
    reached = accesses(collected.trace, graph, contexts)
    blocks = spanning(collected.trace, graph, contexts)
    if args.json:
        json.dump(to_json(status, collected, reached, blocks), sys.stdout, indent=1)
        print()
    else:
        show(collected, reached, blocks)
    return status


def _record(root: Path, words: list[str], args: argparse.Namespace) -> tuple[int, Collected]:
    with tempfile.TemporaryDirectory(prefix="codemods-trace-") as folder:
        env = runner.environment(
            os.environ,
            folder=Path(folder),
            root=root,
            settings=args.settings,
            python=args.python,
        )
        status = runner.run(words, root=root, env=env, stdout=sys.stderr if args.json else None)
        collected = collect(Path(folder), root, tuple(words))
    if collected is None:
        raise CodemodsError(
            f"no line of {root} ran SQL under `{' '.join(words)}` (exit {status}). Does it use"
            " Django's database, is --root the project's own folder, and does PYTHONPATH reach"
            " its Python (tox and `python -I` drop it)?"
        )
    return status, collected


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise CodemodsError(
            f"{path}: cannot be written: {error.strerror}. Name another by --out."
        ) from error


def to_json(
    status: int, collected: Collected, reached: tuple[Access, ...], blocks: tuple[Spanning, ...]
) -> dict[str, Any]:
    """Return what the run showed as JSON-ready values."""
    return {
        "version": 1,
        "status": status,
        "processes": collected.processes,
        "statements": sum(site.count for site in collected.trace.sites),
        "sites": len({access.place for access in reached}),
        "problems": list(collected.problems),
        "accesses": [asdict(access) for access in reached],
        "spanning": [asdict(block) for block in blocks],
    }
