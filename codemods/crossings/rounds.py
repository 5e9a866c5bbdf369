"""Read all files in rounds, over several processes, until no file tells anything new.

Within a round files see only what earlier rounds told, so the answer does not depend on how many
processes share the work.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codemods.crossings.reader import Reader
from codemods.crossings.values import Type, cut

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

    from codemods.crossings.crossing import Crossing
    from codemods.crossings.discover import Source
    from codemods.crossings.facts import Definition, Key
    from codemods.crossings.infer.walker import Project

MAX_ROUNDS = 14
FILES_WORTH_A_PROCESS = 60


@dataclass(frozen=True)
class Reading:
    """What all files together gave: crossings, final facts, and files that could not be read."""

    crossings: list[Crossing]
    facts: dict[Key, Type]
    problems: list[tuple[str, str]]
    rounds: int


def read_all(
    root: Path,
    sources: list[Source],
    project_of: Callable[[dict[str, Definition]], Project],
    *,
    processes: int,
    progress: Callable[[str, int, int], None],
) -> Reading:
    """Parse and read every file. `progress` is told (step, done, total)."""
    count = max(1, min(processes, len(sources) // FILES_WORTH_A_PROCESS))
    shares = _shares(root, sources, count)
    workers: list[Any] = [_Local(root)] if count == 1 else [_Remote(root) for _ in shares]
    try:
        return _run(workers, shares, project_of, progress)
    finally:
        for worker in workers:
            worker.close()


def _run(
    workers: list[Any],
    shares: list[list[Source]],
    project_of: Callable[[dict[str, Definition]], Project],
    progress: Callable[[str, int, int], None],
) -> Reading:
    total = sum(len(share) for share in shares)
    progress("parsing", 0, total)
    project, problems = _parse(workers, shares, project_of)
    for worker in workers:
        worker.start("know", project)
    for worker in workers:
        worker.result()
    facts, rounds = _converge(workers, progress)
    for worker in workers:
        worker.start("crossings")
    crossings = sorted(crossing for worker in workers for crossing in worker.result())
    return Reading(crossings, facts, sorted(problems), rounds)


def _parse(
    workers: list[Any],
    shares: list[list[Source]],
    project_of: Callable[[dict[str, Definition]], Project],
) -> tuple[Project, list[tuple[str, str]]]:
    """Let every worker parse its share; return what is known of the whole, and what failed."""
    defined: dict[str, Definition] = {}
    problems: list[tuple[str, str]] = []
    for worker, share in zip(workers, shares, strict=True):
        worker.start("parse", share)
    for worker in workers:
        definitions, failed = worker.result()
        defined |= definitions
        problems += failed
    return project_of(dict(sorted(defined.items()))), problems


def _converge(
    workers: list[Any], progress: Callable[[str, int, int], None]
) -> tuple[dict[Key, Type], int]:
    """Repeat rounds until none tells anything new; return the facts and how many it took."""
    by_file: dict[Key, dict[str, Type]] = {}
    told_by: dict[str, set[Key]] = {}
    shared: dict[Key, Type] = {}
    changed: dict[Key, Type] = {}
    for number in range(1, MAX_ROUNDS + 1):
        progress(f"round {number}", number, MAX_ROUNDS)
        for worker in workers:
            worker.start("round", changed, is_first=number == 1)
        touched: set[Key] = set()
        for worker in workers:
            for path, told in worker.result().items():
                touched |= _merge(path, told, by_file, told_by)
        changed = {}
        for key in touched:
            merged = cut(frozenset().union(*by_file[key].values()))
            if merged != shared.get(key):
                shared[key] = changed[key] = merged
        if not changed:
            break
    return shared, number


def _merge(
    path: str,
    told: dict[Key, Type],
    by_file: dict[Key, dict[str, Type]],
    told_by: dict[str, set[Key]],
) -> set[Key]:
    """Replace what a file told; return the keys it told now or before."""
    before = told_by.get(path, set())
    for key in before - told.keys():
        by_file[key].pop(path, None)
    for key, type_ in told.items():
        by_file.setdefault(key, {})[path] = type_
    told_by[path] = set(told)
    return before | told.keys()


def _shares(root: Path, sources: list[Source], count: int) -> list[list[Source]]:
    """Deal files out so that every process gets about as many bytes."""
    sized = sorted(sources, key=lambda s: (-(root / s.path).stat().st_size, s.path))
    loads = [0] * count
    shares: list[list[Source]] = [[] for _ in range(count)]
    for source in sized:
        lightest = loads.index(min(loads))
        loads[lightest] += (root / source.path).stat().st_size
        shares[lightest].append(source)
    return [sorted(share, key=lambda s: s.path) for share in shares]


class _Local:
    """A reader in this process."""

    def __init__(self, root: Path) -> None:
        self._reader = Reader(root)
        self._result: Any = None

    def start(self, what: str, *args: Any, **named: Any) -> None:
        self._result = getattr(self._reader, what)(*args, **named)

    def result(self) -> Any:
        return self._result

    def close(self) -> None:
        """Nothing to end."""


class _Remote:
    """A reader in a process of its own."""

    def __init__(self, root: Path) -> None:
        context = multiprocessing.get_context()
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, root), daemon=True)
        self._process.start()
        theirs.close()

    def start(self, what: str, *args: Any, **named: Any) -> None:
        self._pipe.send((what, args, named))

    def result(self) -> Any:
        found = self._pipe.recv()
        if isinstance(found, BaseException):
            raise found
        return found

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send(None)
        self._pipe.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.terminate()


def _serve(pipe: Connection, root: Path) -> None:
    import gc
    import signal
    import traceback

    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reader = Reader(root)
    while True:
        try:
            asked = pipe.recv()
        except EOFError:
            return
        if asked is None:
            return
        what, args, named = asked
        try:
            pipe.send(getattr(reader, what)(*args, **named))
        except Exception as error:  # noqa: BLE001  goes back to who asked
            error.add_note(traceback.format_exc())
            pipe.send(error)
