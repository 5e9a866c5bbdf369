"""Notice that a policy file changed, and wait until it is written to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Signature = tuple[int, int, int]


class PolicyFile:
    """A file that is looked at again and again; editors replace it or write into it."""

    def __init__(self, path: Path) -> None:
        """Take the file as it is now for known."""
        self.path = path
        self._known = self._last = self._signature()

    def has_changed(self) -> bool:
        """Return whether it changed and has then looked the same twice in a row."""
        now = self._signature()
        settled = now == self._last and now != self._known
        self._last = now
        if settled:
            self._known = now
        return settled

    def _signature(self) -> Signature | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size, status.st_ino)
