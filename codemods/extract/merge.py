"""Three ways: what the tool wrote last, what is there now, what it makes now.

there = last              replaced, or removed when it is made no more
made = last               what is there stays
all differ                git merge-file; what cannot be merged is shown and stays
"""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.extract.lock import Lock, blob_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TIMEOUT_S = 60
SAME, ADDED, UPDATED, REMOVED = "same", "added", "updated", "removed"
KEPT, MERGED, CONFLICT, ORPHAN = "kept", "merged", "conflict", "orphan"
CHANGES = (ADDED, UPDATED, MERGED, REMOVED)


@dataclass(frozen=True)
class Outcome:
    """What becomes of one file.

    `after` is its content afterwards, None when it is gone. `base` is what the lock will say: the
    id of what the tool made, "" to name it no more. `told` says why, or shows a conflict.
    """

    path: str
    state: str
    before: bytes | None
    after: bytes | None
    base: str = ""
    told: str = ""

    @property
    def changes(self) -> bool:
        """Tell whether the file on disk becomes another."""
        return self.before != self.after


@dataclass(frozen=True)
class Merge:
    """The outcomes of all files, sorted by path."""

    outcomes: tuple[Outcome, ...]

    @property
    def contents(self) -> dict[str, bytes]:
        """Return what is to be written."""
        return {o.path: o.after for o in self.outcomes if o.changes and o.after is not None}

    @property
    def removed(self) -> tuple[str, ...]:
        """Return what is to be removed."""
        return tuple(o.path for o in self.outcomes if o.changes and o.after is None)

    @property
    def counts(self) -> Counter[str]:
        """Return how many files have each state."""
        return Counter(outcome.state for outcome in self.outcomes)

    def of(self, *states: str) -> tuple[Outcome, ...]:
        """Return the outcomes of these states."""
        return tuple(outcome for outcome in self.outcomes if outcome.state in states)

    def lock(self, service: str) -> Lock:
        """Return the lock once all of it is written."""
        return Lock(service, {o.path: o.base for o in self.outcomes if o.base})


def merge(
    made: Mapping[str, bytes],
    lock: Lock,
    there: Callable[[str], bytes | None],
    base_of: Callable[[str], bytes | None],
) -> Merge:
    """Decide what becomes of each file.

    Args:
        made: what the tool makes now, by path.
        lock: what it wrote last.
        there: gives what is on disk, None for nothing.
        base_of: gives the content of a blob id, None when the repository has none of it.
    """
    return Merge(
        tuple(
            _one(path, made.get(path), lock.files.get(path, ""), there(path), base_of)
            for path in sorted({*made, *lock.files})
        )
    )


def _one(
    path: str,
    made: bytes | None,
    base: str,
    there: bytes | None,
    base_of: Callable[[str], bytes | None],
) -> Outcome:
    if made is None:
        return _made_no_more(path, base, there)
    new = blob_id(made)
    if there is None:
        return _gone(path, made, base)
    if there == made:
        return Outcome(path, SAME, there, there, new)
    if base == blob_id(there):
        return Outcome(path, UPDATED, there, made, new)
    if base == new:
        return Outcome(path, KEPT, there, there, base, "edited by hand")
    return _three_ways(path, made, base, there, base_of)


def _gone(path: str, made: bytes, base: str) -> Outcome:
    if not base:
        return Outcome(path, ADDED, None, made, blob_id(made))
    if base == blob_id(made):
        return Outcome(path, KEPT, None, None, base, "removed by hand; it stays removed")
    return Outcome(
        path, CONFLICT, None, None, base,
        "removed by hand, and the tool would write another now. Take the one you want: restore it"
        " from git, or drop its line from the lock to have it written again.",
    )  # fmt: skip


def _made_no_more(path: str, base: str, there: bytes | None) -> Outcome:
    if there is None:
        return Outcome(path, REMOVED, None, None)
    if base == blob_id(there):
        return Outcome(path, REMOVED, there, None)
    told = "the tool makes it no more, but it was edited by hand: remove it, or make it your own"
    return Outcome(path, ORPHAN, there, there, base, told)


def _three_ways(
    path: str, made: bytes, base: str, there: bytes, base_of: Callable[[str], bytes | None]
) -> Outcome:
    if not base:
        return Outcome(
            path, CONFLICT, there, there, "",
            "was here before, and not written by this tool. Move it away, then run again.",
        )  # fmt: skip
    before = base_of(base)
    if before is None:
        return Outcome(
            path, CONFLICT, there, there, base,
            f"edited by hand, and what the tool wrote before ({base[:10]}) is not in the"
            " repository, so it cannot be merged. Commit what it writes before editing it; now take"
            " over by hand what --diff shows.",
        )  # fmt: skip
    merged, is_clean = _merge_file(there, before, made)
    if is_clean:
        return Outcome(path, MERGED, there, merged, blob_id(made), "with what was edited by hand")
    return Outcome(path, CONFLICT, there, there, base, merged.decode(errors="replace"))


def _merge_file(there: bytes, before: bytes, made: bytes) -> tuple[bytes, bool]:
    """Return git's merge of a file, and whether it is without conflict."""
    with tempfile.TemporaryDirectory(prefix="codemods-") as folder:
        names = ("yours", "base", "made")
        for name, content in zip(names, (there, before, made), strict=True):
            (Path(folder) / name).write_bytes(content)
        labels = [part for name in ("yours", "before", "codemods extract") for part in ("-L", name)]
        done = subprocess.run(
            ["git", "merge-file", "-p", "--diff3", *labels, *names],
            cwd=folder, capture_output=True, timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
    if done.returncode < 0 or done.returncode > 127:  # noqa: PLR2004 - up to 127 counts conflicts
        told = done.stderr.decode(errors="replace").strip()
        return f"git cannot merge it: {told or 'it is no text'}".encode(), False
    return done.stdout, done.returncode == 0


def blobs(folder: Path) -> Callable[[str], bytes | None]:
    """Return what gives the content of a blob of the repository that a folder is in."""
    inside = next((one for one in (folder, *folder.parents) if one.is_dir()), None)

    def content(blob: str) -> bytes | None:
        try:
            done = subprocess.run(
                ["git", "cat-file", "blob", blob], cwd=inside, capture_output=True,
                timeout=TIMEOUT_S, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout if done.returncode == 0 else None

    return content
