"""Rewrite direct ORM code into calls of a service's client, and generate that client.

Without --diff or --write it only reports. Exit status: 0 when nothing would change, or all was
written; 1 when files would change; 2 on bad usage. A run that was interrupted while it wrote is
completed by the next --write.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from codemods.cli import _project, _ran, _transforms, _writing
from codemods.cli._choosing import Chooser
from codemods.cli.check import LEDGER
from codemods.crossings import discover
from codemods.crossings.survey import Survey
from codemods.errors import CodemodsError
from codemods.project import contexts as contexts_file
from codemods.project import sources
from codemods.rewrite import outcome, report, saga, write
from codemods.rewrite.flow import Request, Rewrite, rewrite
from codemods.rewrite.monolith import Monolith

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codemods.transforms import Transform

STDIN = "-"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `codemods rewrite`."""
    parser = subparsers.add_parser(
        "rewrite",
        help=__doc__.splitlines()[0],
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _project.add_options(parser)
    parser.add_argument(
        "--trace", type=Path, metavar="FILE", help="tell what ran, by what `codemods trace` wrote"
    )
    parser.add_argument(
        "--service",
        action="append",
        metavar="NAME",
        help="the context that leaves; may be repeated ([rewrite] services of the context map)",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="report what would change (the default)")
    mode.add_argument("--diff", action="store_true", help="print what would change as a patch")
    mode.add_argument("--write", action="store_true", help="change the files")
    mode.add_argument("--list", action="store_true", help="print the transforms, or, with"
                      " --service, the crossings that would be listed")  # fmt: skip
    mode.add_argument(
        "--consumers",
        nargs="?",
        const="",
        metavar="OPERATION",
        help="print who calls each operation, or one",
    )
    mode.add_argument(
        "--saga",
        metavar="PATH:LINE",
        help="print a saga to start from, for a transaction over several contexts that is listed",
    )
    for option, what in (("--only", "use no transform but this"), ("--skip", "leave this one out")):
        parser.add_argument(
            option,
            action="append",
            default=[],
            metavar="TRANSFORM",
            help=f"{what}; may be repeated",
        )
    parser.add_argument(
        "--sever",
        action="append",
        default=[],
        metavar="APP.MODEL.FIELD",
        help="make this diverted relation a plain id column, with a migration; may be repeated;"
        " `all`: each that nothing needs as a foreign key",
    )
    parser.add_argument("--interactive", action="store_true", help="ask about each change")
    parser.add_argument(
        "--force", action="store_true", help="write over what git could not restore"
    )
    parser.add_argument("--ledger", type=Path, metavar="FILE", help=f"the ledger (ROOT/{LEDGER})")
    parser.add_argument("--brief", action="store_true", help="counts and files only")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--stdin-path", metavar="PATH", help="where the file on standard input is, with `-`"
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="change only these files or folders; - for stdin"
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Rewrite as asked; 1 when something would change."""
    chosen = _transforms.chosen(args.only, args.skip)
    if args.list and not args.service:
        _transforms.show(chosen, is_json=args.json)
        return 0
    root = _project.root_of(args)
    _check_usage(args, root)
    if args.write:
        _writing.recover(root)
    elif write.is_interrupted(root):
        raise CodemodsError(
            f"{root / write.JOURNAL}: an earlier --write was interrupted. Every file is whole;"
            " complete it with `codemods rewrite --write` first."
        )
    args.stdin = sys.stdin.buffer.read() if args.paths == [STDIN] else b""
    status, told = 0, []
    for service in _services(args, root):
        found = _rewritten(args, root, service, chosen)
        if args.trace:
            found = _confirmed(args, found)
        status = max(status, _show(args, root, found))
        told.append(found)
    if args.json:
        json.dump(report.to_json(told[0]) if len(told) == 1 else [*map(report.to_json, told)],
                  sys.stdout, indent=1)  # fmt: skip
        print()
    return status


def _check_usage(args: argparse.Namespace, root: Path) -> None:
    """Refuse options that do not go together, and paths that are not there."""
    problems = []
    if STDIN in args.paths:
        if args.paths != [STDIN]:
            problems.append("`-` stands alone: give other paths in another run.")
        if args.write or args.interactive or args.consumers is not None or args.json or args.list:
            problems.append("`-` goes with --check and --diff only: the text goes to stdout.")
        if not args.stdin_path:
            problems.append("`-` needs --stdin-path PATH, where the file would be.")
    elif args.stdin_path:
        problems.append("--stdin-path goes with `-`.")
    if args.interactive and not args.write:
        problems.append("--interactive goes with --write.")
    problems += [
        f"{path}: no such file or folder below {root}."
        for path in args.paths
        if path != STDIN and not (root / path).exists()
    ]
    if problems:
        raise CodemodsError("\n".join(problems))


def _services(args: argparse.Namespace, root: Path) -> list[str]:
    """Return the services asked for, or those that the context map says are leaving."""
    graph, _ = _project.read_graph(root, args)
    contexts = contexts_file.load(_project.contexts_path(root, args), graph)
    for service in args.service or ():
        _transforms.check_known(service, contexts.names, "--service")
    found = list(dict.fromkeys(args.service or contexts.services))
    if not found:
        raise CodemodsError(
            "no service: name one with --service, or in `services` of [rewrite] in the context"
            f" map. Contexts: {', '.join(contexts.names)}."
        )
    return found


def _rewritten(
    args: argparse.Namespace, root: Path, service: str, chosen: Mapping[str, Transform]
) -> Rewrite:
    """Read the project and work out what a rewrite comes to."""
    console = Console(stderr=True)
    is_quiet = not console.is_terminal or args.interactive
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=is_quiet,
    ) as bar:  # fmt: skip
        task = bar.add_task("reading the models", total=None)
        graph, digests = _project.read_graph(root, args)
        overlay = {}
        if args.paths == [STDIN]:
            overlay[_writing.relative(root, args.stdin_path)] = args.stdin
        found = rewrite(
            Monolith(
                root, graph, contexts_file.load(_project.contexts_path(root, args), graph), digests,
                sources.digest_files(root, sources.walk(root, discover.TEMPLATE_SUFFIXES)),
                processes=args.jobs or None,
                progress=lambda step, done, total: bar.update(
                    task, description=step, completed=done, total=total
                ),
                overlay=overlay,
            ),
            Request(
                service, chosen, _is_within(root, args),
                Chooser().choose if args.interactive else None, frozenset(args.sever),
            ),
        )  # fmt: skip
    for path, problem in found.problems:
        print(f"problem: {path}: {problem}", file=sys.stderr)
    return found


def _confirmed(args: argparse.Namespace, found: Rewrite) -> Rewrite:
    """Mark each crossing with whether it ran, and add those of the seam that only ran."""
    ran = _ran.join(Survey(list(found.before), [], 0, 0), args)
    seen = {mark.crossing: (mark.seen, mark.count) for mark in ran.marked}
    return replace(found, outcomes=outcome.confirmed(found.outcomes, found.service, seen))


def _is_within(root: Path, args: argparse.Namespace) -> Callable[[str], bool]:
    given = [args.stdin_path] if args.paths == [STDIN] else args.paths
    if not given:
        return lambda _path: True
    wanted = [_writing.relative(root, path) for path in given]
    return lambda path: any(one in (".", path) or path.startswith(f"{one}/") for one in wanted)


def _show(args: argparse.Namespace, root: Path, found: Rewrite) -> int:
    """Print or write what was asked for; return the exit status."""
    if args.paths == [STDIN]:
        return _to_stdout(args, root, found)
    if args.write:
        _writing.write_all(args, root, found)
    if args.saga:
        print(saga.stub(found.crossings, args.saga), end="")
        return 0
    if args.consumers:
        names = (operation.name for operation in found.contract.operations)
        _transforms.check_known(args.consumers, names, "--consumers")
    if not args.json:
        _print(args, found)
    only_shows = args.write or args.list or args.consumers is not None
    return 1 if found.edits and not only_shows else 0


def _print(args: argparse.Namespace, found: Rewrite) -> None:
    console = Console(highlight=False)
    if args.consumers is not None:
        report.consumers(console, found.contract, args.consumers)
    elif args.diff:
        sys.stdout.write("".join(map(report.diff, found.edits)))
    elif args.list:
        report.listed(console, found.outcomes)
    else:
        report.show(console, found, is_brief=args.brief)
        if not args.write:
            _tell_next(found)


def _tell_next(found: Rewrite) -> None:
    if found.edits:
        print(
            f"\n{len(found.edits)} files would change. See them with --diff; change them with"
            f"\n`codemods rewrite --service {found.service} --write`."
        )
    else:
        print("\nnothing to change")


def _to_stdout(args: argparse.Namespace, root: Path, found: Rewrite) -> int:
    """Print the one file; its generated client is another run's work."""
    path = _writing.relative(root, args.stdin_path)
    edit = next((edit for edit in found.edits if edit.path == path), None)
    if args.check or args.diff:
        if args.diff and edit:
            sys.stdout.write(report.diff(edit))
        return 1 if edit else 0
    sys.stdout.flush()
    sys.stdout.buffer.write(edit.after if edit else args.stdin)
    return 0
