"""Measure `codemods` on a checkout that nobody here wrote, in copies of it.

    python tests/bench/foreign.py CHECKOUT --contexts FILE --test "python manage.py test" \\
        --python /path/to/its/python --settings its.settings --service users --json out.json

Runs the project's own tests under the tracer before and after rewriting each service, and prints
recall with each miss, speed beside a plain parse, the read sites that are gone, batched and listed
by kind, every test that broke and every crossing that no ledger line explains. The checkout itself
is never changed. Exit status: 0 measured, 1 measured and a test broke, a crossing is unlisted or a
second run changed something, 2 it could not be measured.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":  # run as a file: its folder is on sys.path, the repository is not
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from rich.console import Console

from codemods.errors import CodemodsError
from tests.bench.foreign_run import commands, evidence, report, seam, sites, speed, workplace
from tests.bench.foreign_run.workplace import ForeignError, Workplace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.foreign_run.evidence import Evidence
    from tests.bench.foreign_run.report import Measured

WIDTH = 160
SERVICES = 2


def build_parser() -> argparse.ArgumentParser:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="foreign.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("checkout", type=Path, metavar="CHECKOUT", help="the project; is copied")
    parser.add_argument("--contexts", type=Path, required=True, metavar="FILE")
    parser.add_argument("--test", required=True, metavar="CMD", help="what runs its tests")
    parser.add_argument("--python", metavar="INTERPRETER", help="its Python (its .venv, or ours)")
    parser.add_argument("--settings", metavar="MODULE")
    parser.add_argument(
        "--service", action="append", default=[], metavar="S",
        help="rewrite this context; may be repeated (the two most read at run time)",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")
    parser.add_argument(
        "--env", action="append", default=[], metavar="KEY=VALUE", help="for its processes"
    )
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="make copies, traces and logs here and keep them; the run of the tests as they were,"
        " too, is used again there",
    )
    parser.add_argument("--no-rewrite", action="store_true", help="recall and speed alone")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Measure one checkout and print what was measured."""
    args = build_parser().parse_args(argv)
    folder = args.work.resolve() if args.work else Path(tempfile.mkdtemp(prefix="foreign-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        measured = measure(args, folder)
    except (ForeignError, CodemodsError, OSError) as error:
        print(f"foreign.py: {error}", file=sys.stderr)
        return 2
    finally:
        if not args.work:
            shutil.rmtree(folder, ignore_errors=True)
    figures = report.to_json(measured)
    report.show(measured, Console(width=WIDTH, highlight=False))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1) + "\n")
    is_clean = not (
        figures["broken_tests"] or figures["unlisted_crossings"]
        or figures["second_run_changed_bytes"]
    )  # fmt: skip
    return 0 if is_clean else 1


def measure(args: argparse.Namespace, folder: Path) -> Measured:
    """Do every step, each told on standard error as it starts."""
    _check(args)
    place = _copy(args, folder, "baseline")
    tell("running its tests under the tracer")
    baseline = commands.baseline(place, args.test)
    tell("timing the map")
    rows = commands.mapped(place)
    before = evidence.look(place, rows, baseline.trace)
    timed = speed.measure(place, before.contexts)
    services = args.service or _most_read(before)
    unknown = [name for name in services if name not in before.contexts.names]
    if unknown:
        known = ", ".join(before.contexts.names)
        raise ForeignError(f"--service {unknown[0]}: no such context. Known: {known}.")
    seams = []
    for service in () if args.no_rewrite else services:
        copy = _copy(args, folder, service)
        tell(f"rewriting {service} and running the tests again")
        seams.append(seam.measure(service, copy, before, baseline, args.test))
    return report.Measured(
        args.checkout.resolve().name, baseline, sites.recall(before.merged), timed, tuple(seams)
    )


def _check(args: argparse.Namespace) -> None:
    problems = []
    if not args.checkout.is_dir():
        problems.append(f"{args.checkout}: no such folder. Name a checkout of a Django project.")
    if not args.contexts.is_file():
        problems.append(f"--contexts {args.contexts}: no such file. `codemods init` writes one.")
    if args.python and not shutil.which(args.python):
        problems.append(f"--python {args.python}: no such interpreter.")
    problems += [
        f"--env {given}: expected KEY=VALUE." for given in args.env if "=" not in given.strip("=")
    ]
    if problems:
        raise ForeignError("\n".join(problems))


def _copy(args: argparse.Namespace, folder: Path, name: str) -> Workplace:
    tell(f"copying {args.checkout.name} for {name}")
    target = folder / name / args.checkout.resolve().name
    shutil.rmtree(target.parent, ignore_errors=True)
    target.parent.mkdir(parents=True)
    return workplace.make(
        args.checkout.resolve(),
        target,
        contexts=args.contexts.resolve(),
        folder=folder,
        python=_interpreter(args),
        settings=args.settings,
        given=dict(given.split("=", 1) for given in args.env),
    )


def _interpreter(args: argparse.Namespace) -> str:
    if args.python:
        return str(Path(shutil.which(args.python) or args.python).absolute())
    for name in (".venv", "venv", "env"):
        found = args.checkout.resolve() / name / "bin/python"
        if found.is_file():
            return str(found)
    return sys.executable


def _most_read(before: Evidence) -> list[str]:
    counts = [
        (name, len(sites.read_sites(before.accesses, name))) for name in before.contexts.names
    ]
    return report.busiest(counts, SERVICES)


def tell(what: str) -> None:
    """Say on standard error what is being done."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
