# ruff: noqa: UP006, UP035 - must run on Python 3.6
"""Hook the recorder into Django and asgiref, each at the moment it is imported."""

import atexit
import importlib.util
import os
import sys
from typing import Any, Callable, Set

from .frames import block_site, line_of, site_of
from .recorder import Recorder


def watch_cursors(recorder: Recorder, module: Any) -> None:
    """Record each statement that goes through Django's cursors."""

    def watched(original: Any) -> Any:
        def execute(self: Any, sql: Any, *args: Any, **kwargs: Any) -> Any:
            recorder.record(self, sql)
            return original(self, sql, *args, **kwargs)

        execute.__name__ = original.__name__
        execute.__doc__ = original.__doc__
        return execute

    module.CursorWrapper.execute = watched(module.CursorWrapper.execute)
    module.CursorWrapper.executemany = watched(module.CursorWrapper.executemany)


def watch_transactions(recorder: Recorder, module: Any) -> None:
    """Keep on each connection the sites of its open blocks, outermost first."""
    enter, leave = module.Atomic.__enter__, module.Atomic.__exit__

    def __enter__(self: Any) -> Any:  # noqa: N807
        connection = module.get_connection(self.using)
        if not connection.in_atomic_block:
            connection._codemods_blocks = []  # noqa: SLF001
        result = enter(self)
        try:
            site = block_site(recorder.files, sys._getframe(1))  # noqa: SLF001
        except Exception:  # noqa: BLE001 - the project must run on
            site = None
        connection.__dict__.setdefault("_codemods_blocks", []).append(site)
        return result

    def __exit__(self: Any, *args: Any) -> Any:  # noqa: N807
        connection = module.get_connection(self.using)
        if connection.__dict__.get("_codemods_blocks"):
            connection._codemods_blocks.pop()  # noqa: SLF001
        return leave(self, *args)

    module.Atomic.__enter__, module.Atomic.__exit__ = __enter__, __exit__


def watch_querysets(recorder: Recorder, module: Any) -> None:
    """Note on each queryset, and so on each clone, the project's line that made it."""
    begin, clone = module.QuerySet.__init__, module.QuerySet._clone  # noqa: SLF001

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        begin(self, *args, **kwargs)
        try:
            self.__dict__["_codemods_origin"] = line_of(recorder.files, sys._getframe(1))  # noqa: SLF001
        except Exception:  # noqa: BLE001 - the project must run on
            return

    def _clone(self: Any) -> Any:
        made = clone(self)
        # A library's clone of a queryset that the project made is still the project's.
        if made.__dict__.get("_codemods_origin") is None:
            made.__dict__["_codemods_origin"] = self.__dict__.get("_codemods_origin")
        return made

    module.QuerySet.__init__, module.QuerySet._clone = __init__, _clone  # noqa: SLF001


def watch_threads(recorder: Recorder, module: Any) -> None:
    """Carry the line that awaits into the thread in which asgiref runs the ORM for it."""
    if recorder.awaiting is None:
        return
    call = module.SyncToAsync.__call__

    async def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        token = None
        try:
            site = site_of(recorder.files, sys._getframe(1))  # noqa: SLF001
            token = recorder.awaiting.set(site) if site else None
        except Exception:  # noqa: BLE001, S110 - the project must run on
            pass
        try:
            return await call(self, *args, **kwargs)
        finally:
            if token is not None:
                recorder.awaiting.reset(token)

    module.SyncToAsync.__call__ = __call__


WATCHES = {
    "django.db.backends.utils": watch_cursors,
    "django.db.transaction": watch_transactions,
    "django.db.models.query": watch_querysets,
    "asgiref.sync": watch_threads,
}


class Importing:
    """A finder that calls back just after a watched module has been imported."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._finding: Set[str] = set()

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        """Let the others find a watched module, and wrap how it is run."""
        watch = WATCHES.get(name)
        if watch is None or name in self._finding:
            return None
        self._finding.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._finding.discard(name)
        if spec is not None and spec.loader is not None:
            self._wrap(spec.loader, watch)
        return spec

    def _wrap(self, loader: Any, watch: Callable[[Recorder, Any], None]) -> None:
        run = loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            watch(self._recorder, module)

        loader.exec_module = exec_module


def install(folder: str, root: str) -> None:
    """Record this process from now on, and those that it forks, to files in `folder`."""
    recorder = Recorder(folder, root)
    finder: Any = Importing(recorder)
    sys.meta_path.insert(0, finder)
    atexit.register(recorder.flush)
    leave = os._exit

    def _exit(status: int) -> None:
        """Leave at once, as workers of multiprocessing do, but with the counts written."""
        recorder.flush()
        leave(status)

    os._exit = _exit  # type: ignore[assignment]
