"""A child process: started from a thread that lives as long as it, ended, never left behind.

On Linux the kernel ends the child when we die, however we die. It does so when the *thread* that
spawned it ends, so that thread also waits for it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from strangler.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

TERMINATE_S = 5.0
LOG_TAIL_BYTES = 4000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ChildProcess:
    """A process of ours; `log` receives what it writes."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.log = log
        self._command = tuple(command)
        self._started = threading.Event()
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="child", daemon=True)

    def start(self) -> None:
        """Spawn the process.

        Raises:
            EngineError: when the binary cannot be run.
        """
        self._thread.start()
        self._started.wait()
        if self._error is not None:
            raise EngineError(f"cannot run {self._command[0]}: {self._error}") from self._error

    @property
    def pid(self) -> int:
        """The process id; 0 when it never ran."""
        return self._process.pid if self._process else 0

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        return self._process is not None and not self._ended.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Return whether the process has ended within `timeout_s`."""
        return self._ended.wait(timeout_s)

    def end(self) -> None:
        """Ask the process to end, and insist when it does not."""
        if self._process is None or self._ended.is_set():
            return
        self._process.terminate()
        if not self._ended.wait(TERMINATE_S):
            self._process.kill()
            self._ended.wait(TERMINATE_S)

    def tail(self) -> str:
        """Return the end of what the process wrote."""
        try:
            return self.log.read_bytes()[-LOG_TAIL_BYTES:].decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def _run(self) -> None:
        try:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # Ctrl-C of a terminal is for us, who end our children in order.
                    start_new_session=True,
                    preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509 - one prctl call
                )
        except OSError as error:
            self._error = error
            self._ended.set()
            return
        finally:
            self._started.set()
        self._process.wait()
        self._ended.set()


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    """Return what makes the kernel end a child with us, run in the child; None elsewhere."""
    if _LIBC is None:
        return None
    libc = _LIBC

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
