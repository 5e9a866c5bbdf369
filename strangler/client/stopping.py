"""Leave the registry before the server obeys SIGTERM, without taking its handler away.

Servers install their SIGTERM handler after the application is loaded, and only the main thread may
install one. So the main thread is asked later, and again whenever ours is no longer in front, by a
signal that nobody uses (SIGURG, ignored by default): its handler puts ours there. On SIGTERM ours
asks for the leave and returns, so requests go on being served; when the grace is over the signal
is sent again and the server's own handler gets it.

An asyncio event loop hears the signal beside any handler and begins to stop at once. There is no
grace then, only the order: the leave is done before anything else runs on the loop.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class StopGuard:
    """Stands in front of this process's SIGTERM handler."""

    def __init__(self, *, ask_to_leave: Callable[[], None], leave: Callable[[], None]) -> None:
        """`ask_to_leave` returns at once and has `release` called later; `leave` waits."""
        self._ask_to_leave = ask_to_leave
        self._leave = leave
        self._pid = os.getpid()
        self._previous: Any = None
        self._asked = False
        self._released = False
        self._can_arm = self._listen()

    def arm(self) -> None:
        """Put the handler in front of whatever handles SIGTERM now, unless it is.

        Callable from any thread, at any time.
        """
        if self._can_arm and signal.getsignal(signal.SIGTERM) != self._on_sigterm:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGURG)

    def release(self) -> None:
        """Let the server stop, if SIGTERM asked for it."""
        self._released = True
        if self._asked:
            os.kill(self._pid, signal.SIGTERM)

    def _listen(self) -> bool:
        if not hasattr(signal, "SIGURG"):
            return False
        try:
            signal.signal(signal.SIGURG, self._install)
        except ValueError:  # not the main thread: leaving is left to atexit
            return False
        return True

    def _install(self, _number: int, _frame: Any) -> None:
        handler = signal.getsignal(signal.SIGTERM)
        if handler in (None, signal.SIG_IGN):  # None is C code's, which cannot be put back
            self._can_arm = False
        elif handler != self._on_sigterm and not self._asked:
            self._previous = handler
            signal.signal(signal.SIGTERM, self._on_sigterm)

    def _on_sigterm(self, number: int, frame: Any) -> None:
        if self._released or os.getpid() != self._pid:
            self._pass_on(number, frame)
        elif getattr(self._previous, "__name__", "") == "_sighandler_noop":
            self._leave()
        elif not self._asked:
            self._asked = True
            self._ask_to_leave()

    def _pass_on(self, number: int, frame: Any) -> None:
        if callable(self._previous):
            self._previous(number, frame)
        else:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)
