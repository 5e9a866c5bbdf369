"""What `codemods rewrite` costs on a copy of the reference shop, beside another checkout's.

    python -m tests.bench.rewrite_speed                       this checkout alone
    python -m tests.bench.rewrite_speed --against CHECKOUT    both, their ratio, and whether the
                                                              outcome is the same, byte for byte

The other checkout's codemods have to know this shop's context map. Services are rewritten one after
the other in the same copy. Figures are CPU seconds of all processes: what else the machine does
changes them little.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from tests.flows.rewritten import COPIED, FOREIGN, SERVICES
from tests.servers.shop import ROOT

COMMAND = "import sys; from codemods.cli import main; sys.exit(main())"


def main() -> int:
    """Measure, print a table, and return 1 when the outcomes differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--against", type=Path, metavar="CHECKOUT", help="compare with its codemods"
    )
    parser.add_argument("--service", action="append", help="users, then products, unless told")
    args = parser.parse_args()
    services = args.service or list(SERVICES)
    checkouts = [ROOT, *([args.against.resolve()] if args.against else [])]
    found = [measured(checkout, services) for checkout in checkouts]
    table = Table("service", "CPU s", box=box.SIMPLE)
    if args.against:
        table.add_column("against")
        table.add_column("ratio")
    for service in services:
        figures = [seconds[service] for seconds, _ in found]
        ratio = [f"{figures[0] / figures[1]:.2f}"] if args.against else []
        table.add_row(service, *(f"{figure:.1f}" for figure in figures), *ratio)
    Console().print(table)
    is_same = len({digest for _, digest in found}) == 1
    if args.against:
        print("the outcome is the same" if is_same else "the outcome DIFFERS")
    return 0 if is_same else 1


def measured(checkout: Path, services: list[str]) -> tuple[dict[str, float], str]:
    """Rewrite a fresh copy of the shop; return CPU seconds by service, and a digest of all of it.

    The models are asked for before, so that starting the shop is no part of any figure.
    """
    with tempfile.TemporaryDirectory(prefix="rewrite-speed-") as folder:
        shop, own = Path(folder) / "shop", Path(folder) / "own"
        own.mkdir()
        (own / "codemods").symlink_to(checkout / "codemods")
        for name in COPIED:
            source, target = ROOT / name, shop / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns(*FOREIGN))
            else:
                shutil.copy2(source, target)
        seconds, digest = {}, hashlib.sha256()
        for service in services:
            codemods(own, shop, "map", "--json")
            before = used_s()
            told = codemods(own, shop, "rewrite", "--service", service, "--write", "--force",
                            "--json")  # fmt: skip
            seconds[service] = used_s() - before
            digest.update(told)
        for path in sorted(each for each in shop.rglob("*") if each.is_file()):
            relative = path.relative_to(shop)
            if relative.parts[0] != "var" and "__pycache__" not in relative.parts:
                digest.update(f"{relative}\n".encode() + path.read_bytes())
        return seconds, digest.hexdigest()


def codemods(own: Path, shop: Path, *words: str) -> bytes:
    """Run a command of the codemods in a folder on the copy; return what it printed.

    All else is this checkout's: the shop needs its client runtime.
    """
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words, "--root", str(shop)], cwd=own,
        env=os.environ | {"PYTHONPATH": f"{own}{os.pathsep}{ROOT}", "NO_COLOR": "1"},
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise SystemExit(f"codemods {' '.join(words)}: {done.stderr.decode()}")
    return done.stdout


def used_s() -> float:
    """Return the CPU seconds of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
