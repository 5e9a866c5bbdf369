"""Count calls to services, and hold a block of code to a number of them.

    with call_budget(2):
        client.get("/orders/")

Calls of all services and all threads count while the block runs.
"""

from __future__ import annotations

import threading
import traceback
from collections import Counter
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS = ("strangler.client", "django.")
_open: list[Calls] = []
_lock = threading.Lock()


class Calls:
    """The calls made while a budget was open."""

    def __init__(self) -> None:
        self.places: list[tuple[str, str]] = []

    @property
    def count(self) -> int:
        """How many calls were made so far."""
        return len(self.places)

    @property
    def by_operation(self) -> Counter[str]:
        """How many calls each operation got, by "service.operation"."""
        return Counter(operation for operation, _ in self.places)

    def __str__(self) -> str:
        return "\n".join(
            f"    {count} x {operation} from {place}"
            for (operation, place), count in Counter(self.places).most_common()
        )


@contextmanager
def call_budget(limit: int) -> Iterator[Calls]:
    """Assert that the block makes at most `limit` calls; gives what was called.

    Raises:
        AssertionError: at the end of the block, naming the calls and the lines they came from.
    """
    calls = Calls()
    with _lock:
        _open.append(calls)
    try:
        yield calls
    finally:
        with _lock:
            _open[:] = [other for other in _open if other is not calls]
    if calls.count > limit:
        raise AssertionError(
            f"{calls.count} client calls where at most {limit} are allowed:\n{calls}\n"
            "Read relations of many rows with prefetch_related(), which asks once for all of them."
        )


def record(service: str, operation: str) -> None:
    """Note one call in every open budget."""
    if _open:
        call = (f"{service}.{operation}", _caller())
        with _lock:
            for calls in _open:
                calls.places.append(call)


def _caller() -> str:
    """Return the line outside Django, this package and generated clients that made the call."""
    for frame, line in traceback.walk_stack(None):
        module = str(frame.f_globals.get("__name__", ""))
        if not module.startswith(_OURS) and "SERVICE" not in frame.f_globals:
            return f"{PurePath(frame.f_code.co_filename).name}:{line} ({module})"
    return "?"
