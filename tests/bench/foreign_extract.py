"""Lift one context out of a checkout that nobody here wrote, and see whether the service runs.

    python tests/bench/foreign_extract.py CHECKOUT --contexts FILE --service partner \\
        --python /path/to/its/python --settings its.settings --env PYTHONPATH=src

Works on a copy: `codemods extract`, then in the service's folder `check`, `migrate`,
`makemigrations --check`, and a server that is asked for its probes and for each operation of its
contract, with arguments made from the contract. `--patch FILE` is what was done by hand: a script
that is run in the service's folder before it is started. What a service stands on and the project's
interpreter lacks is installed apart. Exit status: 0 everything answered, 1 something did not, 2 it
could not be tried.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":  # run as a file: its folder is on sys.path, the repository is not
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from rich.console import Console

from tests.bench.foreign_run import commands, lifted, workplace
from tests.bench.foreign_run.workplace import ForeignError, Workplace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.foreign_run.lifted import Checked

GLUE = ("django-environ", "granian", "python-json-logger", "requests", "whitenoise")
WIDTH = 160


def build_parser() -> argparse.ArgumentParser:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="foreign_extract.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("checkout", type=Path, metavar="CHECKOUT", help="the project; is copied")
    parser.add_argument("--contexts", type=Path, required=True, metavar="FILE")
    parser.add_argument("--service", required=True, metavar="S", help="the context to lift out")
    parser.add_argument("--python", required=True, metavar="INTERPRETER", help="its Python")
    parser.add_argument("--settings", required=True, metavar="MODULE")
    parser.add_argument(
        "--env", action="append", default=[], metavar="KEY=VALUE",
        help="for its processes; a relative PYTHONPATH holds in the copy and in the service",
    )  # fmt: skip
    parser.add_argument("--patch", type=Path, metavar="FILE", help="what is done by hand")
    parser.add_argument("--work", type=Path, metavar="DIR", help="work here and keep everything")
    parser.add_argument("--again", action="store_true", help="with --work: use the copy there")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write what was found here")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Lift a context out and print what was checked."""
    args = build_parser().parse_args(argv)
    folder = args.work.resolve() if args.work else Path(tempfile.mkdtemp(prefix="foreign-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = _place(args, folder)
        said, checks = _tried(args, place)
    except (ForeignError, OSError) as error:
        print(f"foreign_extract.py: {error}", file=sys.stderr)
        return 2
    finally:
        if not args.work:
            shutil.rmtree(folder, ignore_errors=True)
    if args.json:
        told = {**said, "checks": [one.to_json() for one in checks]}
        args.json.write_text(json.dumps(told, indent=1) + "\n")
    lifted.show(Console(width=WIDTH, highlight=False), said, checks)
    return 0 if all(one.holds for one in checks) else 1


def _tried(args: argparse.Namespace, place: Workplace) -> tuple[lifted.Said, list[Checked]]:
    out = place.folder / "services"
    shutil.rmtree(out, ignore_errors=True)
    words = ["--write", "--force", "--json", "--out", str(out), args.service]
    done = commands.checked(
        commands.codemods(place, "extract", *words), "codemods extract", allowed=(0, 1)
    )
    if not done.stdout.startswith("{"):
        raise ForeignError(f"codemods extract said no JSON:\n{done.stderr[-3000:]}")
    said: lifted.Said = json.loads(done.stdout)
    service = Path(said["folder"])
    if args.patch:
        _patched(args.patch.resolve(), service)
    return said, list(lifted.checks(place, service, args.service))


def _patched(script: Path, service: Path) -> None:
    done = subprocess.run(
        ["sh", "-e", str(script)], cwd=service, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ForeignError(f"--patch {script}: {(done.stderr or done.stdout)[-2000:]}")


def _place(args: argparse.Namespace, folder: Path) -> Workplace:
    """Copy the checkout, and have what services stand on beside its interpreter's packages."""
    root = folder / "copy" / args.checkout.resolve().name
    given = dict(one.split("=", 1) for one in args.env)
    if not (args.again and root.is_dir()):
        shutil.rmtree(root.parent, ignore_errors=True)
        root.parent.mkdir(parents=True)
        workplace.make(
            args.checkout.resolve(), root, contexts=args.contexts.resolve(), folder=folder,
            python=args.python, settings=args.settings, given=given,
        )  # fmt: skip
    shutil.copyfile(args.contexts, root / "contexts.toml")
    client = workplace.client_alone(folder)
    # The copy's own folders stay as they were given: a service has others of the same name.
    return Workplace(
        root, folder, args.python, args.settings, given, (str(client), str(_runtime(folder)))
    )


def _runtime(folder: Path) -> Path:
    """Install what the glue stands on, apart from the project's interpreter."""
    made = folder / "runtime"
    if not made.is_dir():
        done = subprocess.run(
            [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(made), *GLUE],
            env=dict(os.environ), capture_output=True, text=True, check=False,
        )  # fmt: skip
        shutil.rmtree(made / "django", ignore_errors=True)  # the project's own is what counts
        if done.returncode:
            raise ForeignError(f"installing {', '.join(GLUE)}: {done.stderr[-1000:]}")
    return made


if __name__ == "__main__":
    sys.exit(main())
