"""What a store says, by route and path: pure records, and the reading of them."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from strangler.errors import StoreError
from strangler.shadow.curl import curl_line
from strangler.shadow.noise import stands_out
from strangler.shadow.records import load_verdict
from strangler.shadow.store_file import open_to_read

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from strangler.shadow.observation import Verdict

OUTCOMES = frozenset(("pairs", "matched", "ignored", "mismatched", "control pairs"))
EXAMPLES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Example:
    """One kept pair at one place. `at` in seconds since the epoch; `curl` is redacted."""

    pair_id: int
    at: float
    path: str
    control: object
    candidate: object
    curl: str


@dataclass(frozen=True, slots=True)
class PlaceRollup:
    """One path pattern and kind. `ignored` counts the pairs excused there, by reason.

    `raw` and `noise` are, of the route's pairs whose control was asked twice, those that differ
    from the candidate and from the control itself.
    """

    pattern: str
    kind: str
    mismatched: int
    ignored: dict[str, int]
    raw: int
    noise: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class RouteRollup:
    """One route. `other` counts requests that made no pair, by reason."""

    route: str
    pairs: int
    matched: int
    ignored: int
    mismatched: int
    control_pairs: int
    other: dict[str, int]
    places: tuple[PlaceRollup, ...]

    @property
    def parity_pct(self) -> float | None:
        """The share of pairs that matched or were excused, in percent; None without pairs."""
        return 100 * (self.pairs - self.mismatched) / self.pairs if self.pairs else None

    def is_noise(self, place: PlaceRollup) -> bool:
        """Whether the control's own restlessness accounts for a place as counted by now."""
        return place.noise > 0 and not stands_out(place.raw, place.noise, self.control_pairs)


def read_rollup(
    path: Path, *, route: str | None = None, since: float | None = None
) -> tuple[RouteRollup, ...]:
    """Return every route of a store by name, places with most mismatches first.

    `since` is in seconds since the epoch; counts are kept by minute, and by hour after a day, so
    it is taken down to that.

    Raises:
        StoreError: when the store cannot be read.
    """
    with closing(open_to_read(path)) as connection:
        return _Reader(connection).rollup(route, since or 0)


def read_pair(path: Path, pair_id: int) -> Verdict:
    """Return one kept pair.

    Raises:
        StoreError: when the store cannot be read or keeps no such pair.
    """
    with closing(open_to_read(path)) as connection:
        row = connection.execute("SELECT record FROM pairs WHERE id = ?", (pair_id,)).fetchone()
    if row is None:
        raise StoreError(f"store {path}: no pair {pair_id}; only the newest of each path are kept")
    return load_verdict(row[0])


class _Reader:
    """Reads an open store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def rollup(self, route: str | None, since: float) -> tuple[RouteRollup, ...]:
        counts: dict[str, Counter[str]] = {}
        for name, what, n in self.connection.execute(
            "SELECT route, name, SUM(n) FROM counts"
            " WHERE (?1 IS NULL OR route = ?1) AND minute >= ?2 - 59 GROUP BY route, name",
            (route, since),
        ):
            counts.setdefault(name, Counter())[what] = n
        return tuple(self._route(name, counts[name], since) for name in sorted(counts))

    def _route(self, name: str, counts: Counter[str], since: float) -> RouteRollup:
        reasons: dict[tuple[str, str], dict[str, int]] = {}
        for pattern, kind, reason, n in self.connection.execute(
            "SELECT pattern, kind, reason, SUM(n) FROM place_counts"
            " WHERE route = ? AND minute >= ? - 59 GROUP BY pattern, kind, reason",
            (name, since),
        ):
            reasons.setdefault((pattern, kind), {})[reason] = n
        noise = {
            (pattern, kind): (raw, again)
            for pattern, kind, raw, again in self.connection.execute(
                "SELECT pattern, kind, raw, noise FROM noise WHERE route = ?", (name,)
            )
        }
        found = [
            PlaceRollup(
                pattern=pattern,
                kind=kind,
                mismatched=by_reason.get("", 0),
                ignored={reason: n for reason, n in sorted(by_reason.items()) if reason},
                raw=noise.get((pattern, kind), (0, 0))[0],
                noise=noise.get((pattern, kind), (0, 0))[1],
                examples=self._examples(name, pattern, kind, since),
            )
            for (pattern, kind), by_reason in reasons.items()
        ]
        found.sort(key=lambda p: (-p.mismatched, -sum(p.ignored.values()), p.pattern, p.kind))
        return RouteRollup(
            route=name,
            pairs=counts["pairs"],
            matched=counts["matched"],
            ignored=counts["ignored"],
            mismatched=counts["mismatched"],
            control_pairs=counts["control pairs"],
            other={what: n for what, n in sorted(counts.items()) if what not in OUTCOMES},
            places=tuple(found),
        )

    def _examples(self, route: str, pattern: str, kind: str, since: float) -> tuple[Example, ...]:
        rows = self.connection.execute(
            "SELECT pair_id, at, path, control, candidate, record FROM examples"
            " JOIN pairs ON pairs.id = pair_id"
            " WHERE examples.route = ? AND pattern = ? AND kind = ? AND at >= ?"
            " ORDER BY reason <> '', pair_id DESC LIMIT ?",
            (route, pattern, kind, since, EXAMPLES_SHOWN),
        )
        return tuple(
            Example(
                pair_id, at, path, _value(control), _value(candidate),
                curl_line(load_verdict(record).pair.exchange),
            )
            for pair_id, at, path, control, candidate, record in rows
        )  # fmt: skip


def _value(text: str) -> object:
    return json.loads(text, parse_float=Decimal)
