"""Who saw a crossing: the source, a run of the project's tests, or both; and how reports say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codemods.crossings.crossing import Crossing

STATIC, RUNTIME, BOTH = "static", "runtime", "both"
_WORDS = {BOTH: "ran", RUNTIME: "only seen to run"}


@dataclass(frozen=True, slots=True)
class Seen:
    """`how` is static, runtime or both; `count` is how many statements ran there."""

    how: str = STATIC
    count: int = 0

    @property
    def note(self) -> str:
        """Return a few words on what ran, such as "(ran, 3x)"; empty when nothing did."""
        return f"({_WORDS[self.how]}, {self.count}x)" if self.how in _WORDS else ""


def of(crossing: Crossing, seen: Mapping[str, Seen] | None) -> Seen:
    """Return who saw a crossing; `seen` is by key, and without it all is the source's."""
    return (seen or {}).get(crossing.key, Seen())
