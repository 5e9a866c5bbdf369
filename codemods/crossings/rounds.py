"""Read all files in rounds, over several processes, until no file tells anything new.

Within a round files see only what earlier rounds told, so the answer does not depend on how many
processes share the work.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from codemods.crossings.reader import Reader
from codemods.crossings.values import Type, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from codemods.crossings.crossing import Crossing
    from codemods.crossings.discover import Source
    from codemods.crossings.facts import Definition, Key
    from codemods.crossings.infer.typed import FileTypes
    from codemods.crossings.infer.walker import Project
    from codemods.crossings.reads import Read
    from codemods.crossings.walks import Walk

MAX_ROUNDS = 14
FILES_WORTH_A_PROCESS = 60


@dataclass(frozen=True)
class Reading:
    """What all files together gave: crossings, final facts, and files that could not be read.

    `typed` are the files whose types were wanted.
    """

    crossings: list[Crossing]
    facts: dict[Key, Type]
    problems: list[tuple[str, str]]
    rounds: int
    reads: frozenset[Read] = frozenset()
    walks: frozenset[Walk] = frozenset()
    typed: list[FileTypes] = field(default_factory=list)


def read_all(
    root: Path,
    sources: list[Source],
    project_of: Callable[[dict[str, Definition]], Project],
    *,
    processes: int,
    progress: Callable[[str, int, int], None],
    overlay: Mapping[str, str] | None = None,
    wanted: Callable[[list[Crossing]], Collection[str]] = lambda _crossings: (),
    readers: Readers | None = None,
) -> Reading:
    """Parse and read every file. `progress` is told (step, done, total).

    `overlay` gives texts to read instead of files. `wanted` picks, by what was found, the paths
    of the files whose types are to be kept. `readers` are kept from one survey to the next.
    """
    if readers is None:
        with Readers(root) as own:
            return read_all(
                root, sources, project_of, processes=processes, progress=progress,
                overlay=overlay, wanted=wanted, readers=own,
            )  # fmt: skip
    overlay = overlay or {}
    count = max(1, min(processes, len(sources) // FILES_WORTH_A_PROCESS))
    shares = readers.shares(sources, count, overlay)
    try:
        workers = readers.workers(count)
        for worker in workers:
            worker.start("begin", overlay)
        for worker in workers:
            worker.result()
        return _run(workers, shares, project_of, progress, wanted)
    except BaseException:
        readers.close()  # who was not heard out would answer the next survey's questions
        raise


def _run(
    workers: Sequence[_Local | _Remote],
    shares: list[list[Source]],
    project_of: Callable[[dict[str, Definition]], Project],
    progress: Callable[[str, int, int], None],
    wanted: Callable[[list[Crossing]], Collection[str]],
) -> Reading:
    total = sum(len(share) for share in shares)
    progress("parsing", 0, total)
    project, problems = _parse(workers, shares, project_of)
    for worker in workers:
        worker.start("know", project)
    for worker in workers:
        worker.result()
    facts, rounds = _converge(workers, progress)
    crossings = sorted(_gather(workers, "crossings"))
    reads = frozenset(_gather(workers, "reads"))
    walks = frozenset(_gather(workers, "walks"))
    paths = frozenset(wanted(crossings))
    typed = _gather(workers, "typed", paths) if paths else []
    return Reading(crossings, facts, sorted(problems), rounds, reads, walks, typed)


def _gather(workers: Sequence[_Local | _Remote], what: str, *args: Any) -> list[Any]:
    """Ask every worker for a collection; return all of them joined."""
    for worker in workers:
        worker.start(what, *args)
    return [entry for worker in workers for entry in worker.result()]


def _parse(
    workers: Sequence[_Local | _Remote],
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
    workers: Sequence[_Local | _Remote], progress: Callable[[str, int, int], None]
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


class Readers:
    """Those who read a project's files, kept with what the files parse to for further surveys.

    A context manager: leaving it ends their processes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._local: _Local | None = None
        self._remote: list[_Remote] = []
        self._places: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def workers(self, count: int) -> Sequence[_Local | _Remote]:
        """Return so many workers: this process when it is one, else processes of their own."""
        if count == 1:
            self._local = self._local or _Local(self._root)
            return [self._local]
        self._remote += [_Remote(self._root) for _ in range(len(self._remote), count)]
        return self._remote[:count]

    def shares(
        self, sources: list[Source], count: int, overlay: Mapping[str, str]
    ) -> list[list[Source]]:
        """Deal files out so that every worker gets about as many bytes, and what it had before."""
        sizes_bytes = {
            source.path: len(overlay[source.path])
            if source.path in overlay
            else (self._root / source.path).stat().st_size
            for source in sources
        }
        loads = [0] * count
        shares: list[list[Source]] = [[] for _ in range(count)]
        known = {path: place for path, place in self._places.items() if place < count}
        for source in sorted(
            sources, key=lambda s: (s.path not in known, -sizes_bytes[s.path], s.path)
        ):
            place = known.get(source.path, loads.index(min(loads)))
            loads[place] += sizes_bytes[source.path]
            shares[place].append(source)
            self._places[source.path] = place
        return [sorted(share, key=lambda s: s.path) for share in shares]

    def close(self) -> None:
        """End every process; a further survey starts them anew."""
        for worker in self._remote:
            worker.close()
        self._remote, self._local, self._places = [], None, {}


class _Local:
    """A reader in this process."""

    def __init__(self, root: Path) -> None:
        self._reader = Reader(root)
        self._result: Any = None

    def start(self, what: str, *args: Any, **named: Any) -> None:
        self._result = getattr(self._reader, what)(*args, **named)

    def result(self) -> Any:
        return self._result


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
