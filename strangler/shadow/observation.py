"""What a pair is made of: the request, the outcomes, where they differ, the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Headers = tuple[tuple[str, str], ...]
Kind = Literal["missing", "extra", "type", "value", "order", "status", "header"]
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


class Side(StrEnum):
    """Whose outcome: the monolith's or the service's."""

    CONTROL = "control"
    CANDIDATE = "candidate"


class Outcome(StrEnum):
    """What a pair came to. Ignored: it differs, and every difference is excused by name."""

    MATCHED = "matched"
    IGNORED = "ignored"
    MISMATCHED = "mismatched"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as the control received it.

    `target` is path and query, as sent. Header names are lower case; a name may come twice.
    `received_at` is in seconds since the epoch.
    """

    method: str
    target: str
    headers: Headers
    body: bytes
    route: str
    request_id: str
    received_at: float

    @property
    def host(self) -> str:
        """The Host header, or an empty string."""
        return header(self.headers, "host")

    @property
    def is_safe(self) -> bool:
        """Whether the method may be repeated without changing anything."""
        return self.method in SAFE_METHODS


@dataclass(frozen=True, slots=True)
class Observation:
    """One outcome. `error` says why there is no response; then status is 0 and the body empty."""

    side: Side
    status: int
    headers: Headers
    body: bytes
    latency_ms: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One path at which control and candidate differ.

    `path` is like `status`, `header.location`, `body.items[3].price`; list positions count from 0
    in the control, or in the candidate where only it has the item. Values are JSON values
    (numbers as int or Decimal) or None where a side has nothing.
    """

    path: str
    kind: Kind
    control: object = None
    candidate: object = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A difference that does not count, and what excused it: noise, a rule, or a normaliser."""

    difference: Difference
    reason: str


@dataclass(frozen=True, slots=True)
class Pair:
    """What is compared. `control_again` is the control's second answer, if it could be asked."""

    exchange: Exchange
    control: Observation
    candidate: Observation
    control_again: Observation | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one pair, with everything needed to show and to repeat it.

    `control_noise` is where the control differed from its own second answer; None: asked once.
    """

    pair: Pair
    differences: tuple[Difference, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    control_noise: tuple[Difference, ...] | None = field(default=None, repr=False)

    @property
    def outcome(self) -> Outcome:
        """Mismatched when any difference is left, ignored when all were excused."""
        if self.differences:
            return Outcome.MISMATCHED
        return Outcome.IGNORED if self.ignored else Outcome.MATCHED


def header(headers: Headers, name: str, default: str = "") -> str:
    """Return the first value of a header; `name` in lower case."""
    return next((value for key, value in headers if key.lower() == name), default)
