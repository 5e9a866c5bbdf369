# ruff: noqa: UP006, UP035, UP045 - must run on Python 3.6
"""Count statements by site, and append what was counted to a file of this process.

A site is written as soon as it is first seen and counts follow every few hundred statements, so a
process that is killed loses counts at most, never a site. Each line is appended whole.
"""

import json
import os
import sys
from os import O_APPEND, O_CREAT, O_WRONLY, getpid
from os import close as close_file
from os import open as open_file
from os import write as write_file
from typing import Any, Dict, Optional, Tuple

from .frames import Files, Site, site_of
from .sql import Statement, tables_of, text_of

FLUSH_EVERY = 500
MAX_CACHED_STATEMENTS = 20000
_NO_ROWS = ("SAVEPO", "RELEAS", "ROLLBA", "PRAGMA")

Key = Tuple[Site, Statement, Tuple[Optional[str], ...]]


class Recorder:
    """What this process did. Whatever goes wrong here is written down, never raised."""

    def __init__(self, folder: str, root: str) -> None:
        self.folder = folder
        self.files = Files(root)
        self.statements: Dict[str, Optional[Statement]] = {}
        self.awaiting: Any = _context_variable()
        self._begin()

    def _begin(self) -> None:
        """Start afresh: in a new process, or in a fork that inherited counts."""
        self.pid = getpid()
        name = "%d-%s.jsonl" % (self.pid, os.urandom(4).hex())  # noqa: UP031
        self.path = os.path.join(self.folder, name)  # noqa: PTH118
        self.numbers: Dict[Key, int] = {}
        self.counts: Dict[int, int] = {}
        self.pending = 0
        self.failed = False

    def record(self, cursor: Any, sql: Any) -> None:
        """Count one statement that is about to run on a Django cursor."""
        try:
            if getpid() != self.pid:
                self._begin()
            self._count(cursor, sql)
        except Exception as error:  # noqa: BLE001 - the project must run on
            self._tell(error)

    def _count(self, cursor: Any, sql: Any) -> None:
        if type(sql) is not str:
            sql = text_of(sql, cursor)
        try:
            statement = self.statements[sql]
        except KeyError:
            if sql[:6] in _NO_ROWS:
                return
            if len(self.statements) > MAX_CACHED_STATEMENTS:
                self.statements.clear()
            statement = self.statements[sql] = tables_of(sql)
        if statement is None or not (statement[1] or statement[2]):
            return
        # Here <- record <- the watch on the cursor <- whoever asked.
        site = site_of(self.files, sys._getframe(3), self.awaiting)  # noqa: SLF001
        if site is None:
            return
        key = (site, statement, tuple(getattr(cursor.db, "_codemods_blocks", ())))
        number = self.numbers.get(key)
        if number is None:
            number = self._add(key)
        self.counts[number] = self.counts.get(number, 0) + 1
        self.pending += 1
        if self.pending >= FLUSH_EVERY:
            self.flush()

    def _add(self, key: Key) -> int:
        if not self.numbers:
            self._append(_this_process())
        number = self.numbers[key] = len(self.numbers)
        site, statement, blocks = key
        self._append({"n": number, "site": site, "sql": statement, "atomics": blocks})
        return number

    def flush(self) -> None:
        """Append the counts since the last time."""
        try:
            if self.pending and getpid() == self.pid:
                counts, self.counts, self.pending = self.counts, {}, 0
                self._append({"counts": sorted(counts.items())})
        except Exception as error:  # noqa: BLE001 - the project must end as it would
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        if not self.failed:
            self.failed = True
            try:
                self._append({"error": "%s: %s" % (type(error).__name__, error)})  # noqa: UP031
            except OSError:
                return

    def _append(self, content: Dict[str, Any]) -> None:
        file = open_file(self.path, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        try:
            write_file(file, (json.dumps(content) + "\n").encode())
        finally:
            close_file(file)


def _context_variable() -> Any:
    try:
        from contextvars import ContextVar
    except ImportError:  # Python 3.6, where asgiref does not run either
        return None
    return ContextVar("codemods_awaiting", default=None)


def _this_process() -> Dict[str, Any]:
    import django

    return {
        "python": sys.executable,
        "version": sys.version.split()[0],
        "django": django.get_version(),
        "settings": os.environ.get("DJANGO_SETTINGS_MODULE"),
    }
