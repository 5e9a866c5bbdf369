"""What an extraction tells people: what is in the way, and what stays behind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Blocker:
    """What keeps a service from running alone: where, what is there, and what to do about it.

    `uses` are the lines where an imported name is needed.
    """

    path: str
    line: int
    what: str
    todo: str
    uses: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True, slots=True, order=True)
class Left:
    """A file of the service's apps that stays with the monolith, and why."""

    path: str
    reason: str
