"""Write many files so that each is whole at any moment, and all of them in the end.

    stage every text beside its file ─> journal ─> rename one by one ─> drop the journal

Until the journal is there nothing has changed, and what was staged is dropped by the next run. From
then on the next run completes what is left, from what was staged.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.errors import CodemodsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

JOURNAL = ".codemods-rewrite.json"
STAGED = ".codemods-staged"


@dataclass(frozen=True)
class Recovered:
    """What a run found of one that was interrupted: files it completed, and staged ones dropped."""

    completed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def write_all(root: Path, contents: Mapping[str, bytes]) -> None:
    """Write files below `root`, keeping the mode of those that are there.

    Raises:
        CodemodsError: one cannot be written; says whether anything has changed.
    """
    entries = [(path, _digest_of(content)) for path, content in sorted(contents.items())]
    intent = root / f"{JOURNAL}{STAGED}"
    made: list[Path] = []
    try:
        _write_through(intent, json.dumps(entries).encode())
        for path, content in sorted(contents.items()):
            target, staged = _places(root, path)
            _make_folder(target.parent, made)
            _write_through(staged, content)
            if target.exists():
                staged.chmod(target.stat().st_mode)
        with _no_interrupt():
            intent.replace(root / JOURNAL)
            _finish(root)
    except OSError as error:
        raise CodemodsError(_problem(root, error)) from error
    finally:
        if not is_interrupted(root):
            _drop_staged(root, contents)
            for folder in reversed(made):
                if not any(folder.iterdir()):
                    folder.rmdir()


def is_interrupted(root: Path) -> bool:
    """Tell whether a run that was writing has not finished."""
    return (root / JOURNAL).is_file()


def recover(root: Path) -> Recovered:
    """Complete what an interrupted run was writing, or drop what it had only staged.

    Raises:
        CodemodsError: a staged file is gone or is not what was staged, and the file it is for was
            not replaced yet.
    """
    if is_interrupted(root):
        with _no_interrupt():
            return Recovered(completed=tuple(_finish(root)))
    intent = root / f"{JOURNAL}{STAGED}"
    if not intent.is_file():
        return Recovered()
    try:
        paths = [path for path, _ in json.loads(intent.read_bytes())]
    except ValueError:  # ended while the list itself was written: nothing was staged yet
        paths = []
    return Recovered(dropped=tuple(_drop_staged(root, paths)))


def _finish(root: Path) -> list[str]:
    """Rename what the journal names and is still staged; return the paths."""
    done = []
    lost = []
    for path, digest in json.loads((root / JOURNAL).read_bytes()):
        target, staged = _places(root, path)
        if _digest(staged) == digest:
            staged.replace(target)
            _sync_folder(target.parent)
            done.append(path)
        elif _digest(target) != digest:
            lost.append(path)
    (root / JOURNAL).unlink()
    if lost:
        raise CodemodsError(
            f"{root / JOURNAL}: an interrupted write cannot be completed for {', '.join(lost)}:"
            " what was staged is gone. Run `codemods rewrite` again; what is written stays."
        )
    return done


def _places(root: Path, path: str) -> tuple[Path, Path]:
    """Return the file to write, behind any link, and where its text is staged."""
    target = (root / path).resolve()
    return target, target.with_name(f".{target.name}{STAGED}")


def _drop_staged(root: Path, paths: Iterable[str]) -> list[str]:
    dropped = []
    for path in paths:
        staged = _places(root, path)[1]
        if staged.exists():
            staged.unlink()
            dropped.append(path)
    (root / f"{JOURNAL}{STAGED}").unlink(missing_ok=True)
    return dropped


def _problem(root: Path, error: OSError) -> str:
    what = f"{error.filename or root}: cannot be written: {error.strerror}."
    if is_interrupted(root):
        return f"{what} Every file is whole; run the same command again to write the rest."
    return f"{what} Nothing was changed. Run again when it can be."


def _make_folder(folder: Path, made: list[Path]) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir()
        made.append(one)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest_of(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _digest(path: Path) -> str:
    try:
        return _digest_of(path.read_bytes())
    except OSError:
        return ""


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Hold Ctrl-C back while files are renamed; it is raised afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt
