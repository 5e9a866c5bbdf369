"""`codemods trace` run on a project as a user runs it, and what it said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.codemods.trace import teamshop

REPOSITORY = Path(__file__).parents[3]
TIMEOUT_S = 110


@dataclass(frozen=True)
class Run:
    """What one `codemods trace` said and wrote."""

    root: Path
    status: int
    stdout: str
    stderr: str
    out: Path

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.stdout)

    @property
    def accesses(self) -> list[dict[str, Any]]:
        return self.json["accesses"]

    def at(self, name: str, path: str = "shop/code.py") -> list[dict[str, Any]]:
        line = teamshop.line_of(self.root, name, path)
        return [a for a in self.accesses if (a["path"], a["line"]) == (path, line)]

    def places(self) -> set[tuple[str, int, str, int]]:
        return {(a["path"], a["line"], a["table"], a["count"]) for a in self.accesses}


def without_django() -> dict[str, str]:
    """Return the environment without what names this repository's own settings."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "PYTEST_"))}


def trace(root: Path, *words: str, options: tuple[str, ...] = ("--json",), **env: str) -> Run:
    """Run `codemods trace` on a project as a user does."""
    out = root / "var/codemods/trace.json"
    done = subprocess.run(
        [
            sys.executable, "-m", "codemods", "trace", "--root", str(root), "--no-cache",
            "--python", sys.executable, *options, "--", *words,
        ],
        cwd=REPOSITORY,
        env=without_django() | env,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )  # fmt: skip
    return Run(root, done.returncode, done.stdout, done.stderr, out)
