"""Lift services out of the monolith: projects that run alone, made from its own code.

Without --diff or --write it only reports. Exit status: 0 when every folder is what the tool makes
of the monolith, with what people edited; 1 when files would change, merges conflict or something
keeps a service from running alone; 2 on bad usage.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from codemods.cli import _project
from codemods.errors import CodemodsError
from codemods.extract import lock as locks
from codemods.extract import report, tried, write
from codemods.extract.flow import Extraction, extract, tree_of
from codemods.extract.merge import CONFLICT, ORPHAN
from codemods.extract.prepared import Project, prepare
from codemods.extract.probed import probe
from codemods.project import contexts as contexts_file
from codemods.project import sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.project.contexts import Contexts

OUT = "extracted"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `codemods extract`."""
    parser = subparsers.add_parser(
        "extract",
        help=__doc__.splitlines()[0],
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _project.add_options(parser)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="report what would change (the default)")
    mode.add_argument("--diff", action="store_true", help="print what would change as a patch")
    mode.add_argument("--write", action="store_true", help="write the services")
    parser.add_argument(
        "--all", action="store_true", help="every context of [rewrite] services of the context map"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"where services are, one folder each (ROOT/{OUT})"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="write in spite of blockers, and over edits that git could not restore",
    )
    parser.add_argument(
        "--try-tests", action="store_true",
        help="with --write: run the services' own tests, and leave out those that fail, by name",
    )  # fmt: skip
    parser.add_argument("--brief", action="store_true", help="the first of each list only")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="contexts to lift out")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Extract as asked; 1 when something would change or stands in the way."""
    root = _project.root_of(args)
    out: Path = (args.out or root / OUT).resolve()
    found = _extracted(args, root, out)
    if args.write:
        for one in found:
            _write(args, one)
            if args.try_tests and (one.folder / locks.NAME).exists():
                python = sources.find_interpreter(root, args.python)
                print(f"{one.service}: {tried.run(one.folder, python)}", file=sys.stderr)
    _show(args, found)
    return max(_status(args, one) for one in found)


def _extracted(args: argparse.Namespace, root: Path, out: Path) -> list[Extraction]:
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("reading the models", total=None)
        graph, _ = _project.read_graph(root, args)
        path = _project.contexts_path(root, args)
        contexts = contexts_file.load(path, graph)
        wanted, leaving = _services(args, contexts)
        project = Project(
            root, sources.find_settings(root, args.settings),
            sources.find_interpreter(root, args.python), path.resolve(), out, args.jobs or None,
            lambda step, done, total: bar.update(
                task, description=step, completed=done, total=total
            ),
        )  # fmt: skip
        prepared = prepare(project, contexts, leaving)
        bar.update(task, description="reading URLs and settings", total=None)
        probed = probe(prepared.root, settings=project.settings, python=project.python)
        tree = tree_of(prepared, root)
        found = []
        for service in wanted:
            bar.update(task, description=f"{service}: files and migrations")
            if args.write and (done := write.recover(out / service.replace("-", "_"))):
                print(f"completed an interrupted write: {', '.join(done)}", file=sys.stderr)
            found.append(extract(project, prepared, tree, probed, service))
    return found


def _services(args: argparse.Namespace, contexts: Contexts) -> tuple[Sequence[str], Sequence[str]]:
    """Return the services asked for, and all that are leaving.

    Raises:
        CodemodsError: none is named, or one that is no context.
    """
    for given in args.services:
        if given not in contexts.names:
            close = difflib.get_close_matches(given, contexts.names, n=1)
            known = f"Did you mean {close[0]!r}?" if close else (
                f"Contexts: {', '.join(contexts.names)}.")  # fmt: skip
            raise CodemodsError(f"{given!r}: no such context. {known}")
    wanted = list(dict.fromkeys(args.services or (contexts.services if args.all else ())))
    if not wanted:
        leaving = ", ".join(contexts.services) or "none"
        raise CodemodsError(
            "no service: name one, or pass --all for `services` of [rewrite] in the context map"
            f" (now: {leaving}). Contexts: {', '.join(contexts.names)}."
        )
    return wanted, list(dict.fromkeys([*contexts.services, *wanted]))


def _write(args: argparse.Namespace, found: Extraction) -> None:
    if (found.blockers or found.problems) and not args.force:
        print(
            f"{found.service}: nothing written, for it could not run alone. Resolve the blockers,"
            " or pass --force to write it as it is.",
            file=sys.stderr,
        )
        return
    if found.would_change:
        write.apply(found, force=args.force)
        print(f"{found.service}: wrote {_project.shown(found.folder)}", file=sys.stderr)


def _show(args: argparse.Namespace, found: list[Extraction]) -> None:
    if args.json:
        told = [report.to_json(one) for one in found]
        json.dump(told[0] if len(told) == 1 else told, sys.stdout, indent=1)
        print()
    elif args.diff:
        sys.stdout.write("".join(map(report.diff, found)))
    else:
        console = Console(highlight=False)
        for number, one in enumerate(found):
            console.print("\n" if number else "", end="")
            report.show(console, one, is_brief=args.brief)


def _status(args: argparse.Namespace, found: Extraction) -> int:
    """Return 1 for what is in the way, and, unless it was written, for what would change."""
    if (found.blockers or found.problems) and not args.force:
        return 1
    if found.merge.of(CONFLICT, ORPHAN):
        return 1
    return 1 if found.would_change and not args.write else 0
