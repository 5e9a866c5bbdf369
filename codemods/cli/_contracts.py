"""The contracts of a project, as they are and as git has them at another revision."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codemods.contract.place import CONTRACTS
from codemods.errors import CodemodsError

if TYPE_CHECKING:
    from pathlib import Path

GIT_TIMEOUT_S = 60
TRUNKS = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True, slots=True)
class Base:
    """A revision to compare with, and how people are told of it."""

    revision: str
    told: str


def current(root: Path) -> dict[str, Any]:
    """Return every contract of a project by its path from the root."""
    return {
        path.relative_to(root).as_posix(): parsed(path.read_text(encoding="utf-8"), str(path))
        for path in sorted((root / CONTRACTS).glob("*.json"))
    }


def read(path: Path) -> Any:
    """Return one document by its path."""
    try:
        return parsed(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise CodemodsError(f"{path}: cannot be read: {error.strerror}") from error


def parsed(text: str, name: str) -> Any:
    """Return a document's JSON.

    Raises:
        CodemodsError: it is none.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise CodemodsError(
            f"{name}: not JSON: {error}. Restore it from version control."
        ) from None
    if not isinstance(document, dict):
        raise CodemodsError(f"{name}: not an OpenAPI document, but {type(document).__name__}.")
    return document


def base(root: Path, named: str | None) -> Base:
    """Return the revision that was named, or where the branch at hand left the trunk.

    Raises:
        CodemodsError: git does not know it, or there is no repository.
    """
    if _git(root, "rev-parse", "--is-inside-work-tree") is None:
        raise CodemodsError(
            f"{root} is not in a git repository. Name what to compare with by --against FILE."
        )
    if named is not None:
        return Base(_revision(root, named), named)
    pulled = os.environ.get("GITHUB_BASE_REF")
    for trunk in (f"origin/{pulled}", *TRUNKS) if pulled else TRUNKS:
        if _git(root, "rev-parse", "--verify", "--quiet", f"{trunk}^{{commit}}") is None:
            continue
        found = _git(root, "merge-base", "HEAD", trunk)
        if found is None:
            raise CodemodsError(
                f"HEAD and {trunk} have no common commit here. Fetch the whole history"
                " (`git fetch --unshallow`; `fetch-depth: 0` of actions/checkout), or name a"
                " revision with --base."
            )
        return Base(found.strip(), f"{found[:9]}, where it left {trunk}")
    return Base(_revision(root, "HEAD"), "HEAD")


def _revision(root: Path, name: str) -> str:
    found = _git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if found is None:
        raise CodemodsError(
            f"--base {name}: git knows no such commit. Fetch it first, or name another."
        )
    return found.strip()


def committed(root: Path, revision: str) -> dict[str, Any]:
    """Return every contract that a revision has, by its path from the project's root."""
    listed = _git(root, "ls-tree", "--name-only", "-z", revision, f"./{CONTRACTS}/") or ""
    found = {}
    for path in sorted(name for name in listed.split("\0") if name.endswith(".json")):
        text = _git(root, "show", f"{revision}:./{path}")
        if text is not None:
            found[path] = parsed(text, f"{path} at {revision[:9]}")
    return found


def paths(root: Path, named: str | None) -> frozenset[str]:
    """Return every file that the revision to compare with has, by its path from the root."""
    listed = _git(root, "ls-tree", "-r", "--name-only", "-z", base(root, named).revision) or ""
    return frozenset(listed.split("\0"))


def _git(root: Path, *args: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-c", "core.quotepath=off", *args],
            cwd=root, capture_output=True, text=True, timeout=GIT_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
