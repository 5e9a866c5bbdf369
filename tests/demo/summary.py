"""What the demonstration claims, what was seen of it, and the exit status that follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.demo.screen import Screen


@dataclass(frozen=True)
class Claim:
    """One thing that must hold, and the figure that shows whether it does."""

    text: str
    seen: str
    held: bool


@dataclass
class Summary:
    """The claims in the order in which they were tested."""

    claims: list[Claim] = field(default_factory=list)

    def claim(self, text: str, seen: str, *, held: bool) -> None:
        self.claims.append(Claim(text, seen, held))

    @property
    def failed(self) -> list[Claim]:
        return [claim for claim in self.claims if not claim.held]

    def show(self, screen: Screen, *, took_s: float) -> None:
        """Print the table, and which claims failed."""
        rows = [(c.text, c.seen, "yes" if c.held else "NO") for c in self.claims]
        screen.table(("claim", "seen", "held"), rows, f"What was seen in {took_s:.0f} s")
        if self.failed:
            screen.say(f"{len(self.failed)} of {len(self.claims)} claims failed:")
            for claim in self.failed:
                screen.say(f"  {claim.text}: {claim.seen}")
        else:
            screen.say(f"All {len(self.claims)} claims held.")
