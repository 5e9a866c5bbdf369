"""Show every place where one context's code touches another context's data."""

from __future__ import annotations

import difflib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from codemods.cli import _project, _ran
from codemods.crossings.crossing import KINDS
from codemods.crossings.report import github, page, sarif, text
from codemods.errors import CodemodsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from codemods.crossings.survey import Survey
    from codemods.trace.merge import Marked


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `codemods map`."""
    parser = subparsers.add_parser("map", help=__doc__.splitlines()[0], description=__doc__)
    _project.add_options(parser)
    _ran.add_option(parser)
    parser.add_argument("--from", dest="source", metavar="CONTEXT", help="only crossings out of it")
    parser.add_argument("--to", dest="target", metavar="CONTEXT", help="only crossings into it")
    parser.add_argument(
        "--kind", action="append", metavar="KIND", help="only this kind; may be repeated"
    )
    parser.add_argument("--brief", action="store_true", help="counts only, without the places")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--github", action="store_true", help="print GitHub annotations")
    parser.add_argument("--sarif", type=Path, metavar="FILE", help="write SARIF 2.1.0")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one page to open offline")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Map the project and show it as asked."""
    for kind in args.kind or ():
        _known(kind, KINDS, "--kind")
    survey = _project.read_project(args)
    ran = _ran.join(survey, args)
    found = _filtered(replace(survey, crossings=[mark.crossing for mark in ran.marked]), args)
    _project.tell_problems(found)
    root, seen = _project.root_of(args), _ran.seen(ran)
    folder = _project.folder_in_repository(root)
    if args.sarif:
        _write(args.sarif, sarif.render(found, folder=folder, seen=seen))
    if args.html:
        _write(args.html, page.render(found, root.name, seen=seen))
    if args.json:
        json.dump(to_json(found, ran.marked), sys.stdout, indent=1)
        print()
    elif args.github:
        sys.stdout.write(github.render(found.crossings, "notice", folder=folder, seen=seen))
    elif not (args.sarif or args.html):
        text.show(Console(highlight=False), found, is_brief=args.brief, seen=seen)
        if ran.merged:
            print(_ran.summary(ran.merged))
    return 0


def to_json(found: Survey, marked: Iterable[Marked]) -> dict[str, object]:
    """Return a survey as JSON-ready values, each crossing with who saw it."""
    marks = {mark.crossing.key: mark for mark in marked}
    return {
        "version": 1,
        "files": found.files,
        "problems": [{"path": path, "problem": problem} for path, problem in found.problems],
        "crossings": [marks[crossing.key].to_json() for crossing in found.crossings],
    }


def _filtered(found: Survey, args: argparse.Namespace) -> Survey:
    names = {c.source for c in found.crossings} | {c.target for c in found.crossings}
    for given, option in ((args.source, "--from"), (args.target, "--to")):
        if given:
            _known(given, names, option)
    crossings = [
        crossing
        for crossing in found.crossings
        if (not args.source or crossing.source == args.source)
        and (not args.target or crossing.target == args.target)
        and (not args.kind or crossing.kind in args.kind)
    ]
    return replace(found, crossings=crossings)


def _known(given: str, known: object, option: str) -> None:
    names = sorted(known)  # type: ignore[call-overload]
    if given not in names:
        close = difflib.get_close_matches(given, names, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(names)}."
        raise CodemodsError(f"{option} {given!r}: no crossing has it. {hint}")


def _write(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise CodemodsError(
            f"{path}: cannot be written: {error.strerror}. Name another file."
        ) from error
    print(f"wrote {path}", file=sys.stderr)
