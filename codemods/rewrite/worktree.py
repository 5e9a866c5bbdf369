"""What git says of the files that a rewrite would touch."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TIMEOUT_S = 60
FEW = 200


def unsafe_to_write(root: Path, paths: Iterable[str]) -> list[str] | None:
    """Return those files whose content git could not give back: changed, or not tracked.

    None when that cannot be told, for lack of git or of a repository.
    """
    known = [path for path in sorted(paths) if (root / path).exists()]
    if not known:
        return [] if _git(root, "rev-parse", "--is-inside-work-tree") is not None else None
    found: list[str] = []
    for start in range(0, len(known), FEW):
        told = _git(
            root, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignored",
            "--no-renames", "--", *known[start : start + FEW],
        )  # fmt: skip
        if told is None:
            return None
        prefix = (_git(root, "rev-parse", "--show-prefix") or "").rstrip("\n")
        found += [entry[3:].removeprefix(prefix) for entry in told.split("\0") if entry]
    return sorted(found)


def _git(root: Path, *args: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-c", "core.quotepath=off", "--literal-pathspecs", *args],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
