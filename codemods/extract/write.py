"""Write a service: every file whole at any moment, the lock never ahead of what it names.

    recover what was interrupted ─> files, and a lock that still names what is to go (journal)
        ─> remove what is made no more ─> the lock without it

Killed anywhere, the next run completes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.errors import CodemodsError
from codemods.extract import lock as locks
from codemods.extract.merge import MERGED
from codemods.rewrite import write
from codemods.rewrite.worktree import unsafe_to_write

if TYPE_CHECKING:
    from pathlib import Path

    from codemods.extract.flow import Extraction


def recover(folder: Path) -> tuple[str, ...]:
    """Complete, or drop, what an interrupted run was writing; return the paths it completed."""
    return write.recover(folder).completed if folder.is_dir() else ()


def apply(found: Extraction, *, force: bool = False) -> None:
    """Make a service's folder what was worked out; conflicts and what people edited stay.

    Raises:
        CodemodsError: a merge would write over an edit that git could not give back, unless
            `force`; or a file cannot be written.
    """
    merged = [outcome.path for outcome in found.merge.of(MERGED)]
    if merged and not force:
        unsafe = unsafe_to_write(found.folder, merged)
        if unsafe is None or unsafe:
            raise CodemodsError(
                f"{found.folder}: edits of {', '.join(unsafe or merged)} would be merged with what"
                " the tool makes, and git could not give them back. Commit them first, or pass"
                " --force."
            )
    found.folder.mkdir(parents=True, exist_ok=True)
    removed = {path: _base(found, path) for path in found.merge.removed}
    contents = found.merge.contents
    if contents or removed:
        lock = found.merge.lock(found.service)
        until_then = locks.render(locks.Lock(lock.service, {**lock.files, **removed}))
        write.write_all(found.folder, {**contents, locks.NAME: until_then})
    for path in removed:
        (found.folder / path).unlink(missing_ok=True)
        _drop_empty((found.folder / path).parent, found.folder)
    if removed or not contents:
        write.write_all(found.folder, {locks.NAME: found.lock})


def _base(found: Extraction, path: str) -> str:
    outcome = next(one for one in found.merge.outcomes if one.path == path)
    return locks.blob_id(outcome.before or b"")


def _drop_empty(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
