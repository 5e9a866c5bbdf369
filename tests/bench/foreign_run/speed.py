"""How long the map of a tree takes, cold and warm, beside the anchor over the same files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.crossings.discover import TEMPLATE_SUFFIXES
from codemods.project import sources
from tests.bench.foreign_run.commands import checked, codemods
from tests.bench.foreign_run.workplace import ForeignError

if TYPE_CHECKING:
    from codemods.project.contexts import Contexts
    from tests.bench.foreign_run.workplace import Workplace

WARM_RUNS = 3


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of the map, start of the interpreter and of the project included, and of the anchor.

    `loc` are the lines of the Python files that the map reads, `template_lines` those of its
    templates; `anchor_s` is with as many processes as the map uses, `anchor_one_s` with one.
    """

    files: int
    loc: int
    template_lines: int
    map_cold_s: float
    map_warm_s: float
    anchor_s: float
    anchor_one_s: float


def measure(place: Workplace, contexts: Contexts) -> Speed:
    """Map a copy with nothing kept, again with everything kept, and parse the same files plainly.

    Raises:
        ForeignError: one of them failed.
    """
    cache = Path(place.environment()["XDG_CACHE_HOME"])
    shutil.rmtree(cache, ignore_errors=True)
    cold = checked(codemods(place, "map", "--brief"), "codemods map")
    warm = [
        checked(codemods(place, "map", "--brief"), "codemods map").seconds for _ in range(WARM_RUNS)
    ]
    python = _read(place, (".py",), contexts)
    templates = _read(place, TEMPLATE_SUFFIXES, contexts)
    return Speed(
        files=len(python) + len(templates),
        loc=_lines(python),
        template_lines=_lines(templates),
        map_cold_s=round(cold.seconds, 2),
        map_warm_s=round(sorted(warm)[len(warm) // 2], 2),
        anchor_s=round(_anchor(python, os.cpu_count() or 1), 2),
        anchor_one_s=round(_anchor(python, 1), 2),
    )


def _read(place: Workplace, suffixes: tuple[str, ...], contexts: Contexts) -> list[Path]:
    return [
        place.root / path
        for path in sources.walk(place.root, suffixes)
        if not contexts.is_excluded(path)
    ]


def _lines(paths: list[Path]) -> int:
    return sum(path.read_bytes().count(b"\n") for path in paths)


def _anchor(paths: list[Path], processes: int) -> float:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("anchor.py")), str(processes)],
        input="\n".join(map(str, paths)), capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    if done.returncode:
        raise ForeignError(f"the anchor failed: {done.stderr.strip()[-400:]}")
    return float(done.stdout)
