"""A short memory of answers to reads: bounded, of one process, forgotten at every write.

    USERS_CLIENT_CACHE_GET_USER_S=5       keep answers of `get_user` for 5 seconds
    SERVICE.cache.invalidate("get_user", id=1)    forget one, or all of an operation, or all

Kept is what came over the wire, so nobody can change what others get. An answer is found again
only for the same acting user. A read that began before a write ended is not kept: it may tell of
the time before. Writes of other processes are seen when the time is over, and not sooner.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from strangler.client import wire

if TYPE_CHECKING:
    from collections.abc import Callable

    Entry = tuple[str, str, str]

LARGEST_BYTES = 65_536
ENTRIES = 1000


class Cache:
    """Answers of one service. Safe for threads; holds at most `entries`, least used go first."""

    def __init__(self, entries: int = ENTRIES, clock: Callable[[], float] = time.monotonic) -> None:
        self.entries = entries
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Entry, tuple[float, bytes]] = OrderedDict()
        self._era = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def era(self) -> int:
        """What a read notes before it asks, and hands to `put` with its answer."""
        return self._era

    def get(self, entry: Entry) -> bytes | None:
        """Return a kept answer; None when there is none or its time is over."""
        with self._lock:
            found = self._kept.get(entry)
            if found is None:
                return None
            if self._clock() >= found[0]:
                del self._kept[entry]
                return None
            self._kept.move_to_end(entry)
            return found[1]

    def put(self, entry: Entry, answer: bytes, *, for_s: float, era: int) -> None:
        """Keep an answer for a while, unless something was forgotten since `era`."""
        if len(answer) > LARGEST_BYTES or self.entries < 1:
            return
        with self._lock:
            if era != self._era:
                return
            self._kept[entry] = (self._clock() + for_s, answer)
            self._kept.move_to_end(entry)
            while len(self._kept) > self.entries:
                self._kept.popitem(last=False)

    def invalidate(self, operation: str = "", /, **arguments: Any) -> None:
        """Forget everything, one operation's answers, or the answer to one call, for all users."""
        wanted = entry_of(operation, arguments, "")[1] if arguments else None
        with self._lock:
            self._era += 1
            if not operation:
                self._kept.clear()
                return
            for entry in list(self._kept):
                if entry[0] == operation and wanted in {None, entry[1]}:
                    del self._kept[entry]


def entry_of(operation: str, arguments: dict[str, Any], user_id: str) -> Entry:
    """Return what an answer is found by."""
    named = wire.dumps(dict(sorted(arguments.items())))
    return (operation, named, user_id)
