"""The writing end of a store: counts by minute, the newest examples of each place.

Callers never wait for the disk: what they hand in gathers in memory, and one thread writes it a
few times a second in one transaction.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import Counter, deque
from typing import TYPE_CHECKING

from strangler.shadow.bodies.json_body import dump_json
from strangler.shadow.noise import MAX_PATTERNS, NoiseHistory, places
from strangler.shadow.paths import collapse
from strangler.shadow.records import dump_verdict
from strangler.shadow.store_file import open_to_write

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from strangler.shadow.observation import Difference, Kind, Verdict

EXAMPLES_PER_PLACE = 20
MAX_WAITING = 500
"""Examples that wait for the writer; when it falls behind, the oldest go first."""
FURTHER = "(further paths)"
FURTHER_ROUTES = "(further routes)"
MAX_ROUTES = 5_000
"""Names counted apart, since a name may come from a header."""
WRITE_EVERY_S = 0.2
FOLD_AFTER_S = 86_400
FOLD_EVERY_S = 600
MINUTE_S, HOUR_S = 60, 3_600

logger = logging.getLogger(__name__)


class Store:
    """Takes counts and redacted verdicts. Safe for threads; one per file.

    Raises:
        StoreError: when the file cannot be opened.
    """

    def __init__(self, path: Path, *, examples_per_place: int = EXAMPLES_PER_PLACE) -> None:
        self.path = path
        self._examples_per_place = examples_per_place
        self._connection = open_to_write(path)
        self._lock = threading.Lock()
        self._counts: Counter[tuple[int, str, str]] = Counter()
        self._places: Counter[tuple[int, str, str, str, str]] = Counter()
        self._noise: Counter[tuple[str, str, str, str]] = Counter()
        self._patterns: dict[str, set[str]] = {}
        self._examples: deque[Verdict] = deque(maxlen=MAX_WAITING)
        self._is_closing = threading.Event()
        self._writing = threading.Lock()
        self._folded_at = 0.0
        self._thread = threading.Thread(target=self._write_on, name="shadow-store", daemon=True)
        self._thread.start()

    def count(self, route: str, name: str, n: int = 1) -> None:
        """Count something that happened to a request of a route just now."""
        with self._lock:
            if route not in self._patterns and len(self._patterns) >= MAX_ROUTES:
                route = FURTHER_ROUTES
            self._patterns.setdefault(route, set())
            self._counts[_minute(time.time()), route, name] += n

    def tally(self, verdict: Verdict) -> None:
        """Count a verdict and its places. Nothing of its content is kept."""
        route, minute = verdict.pair.exchange.route, _minute(time.time())
        found = Counter((*place, "") for place in places(verdict.differences))
        for item in verdict.ignored:
            found[collapse(item.difference.path), item.difference.kind, item.reason] = 1
        with self._lock:
            self._counts[minute, route, "pairs"] += 1
            self._counts[minute, route, str(verdict.outcome)] += 1
            for pattern, kind, reason in found:
                kept = self._bounded(route, pattern)
                self._places[minute, route, kept, kind, reason] += 1
            if verdict.control_noise is not None:
                self._counts[minute, route, "control pairs"] += 1
                raw = (*verdict.differences, *(item.difference for item in verdict.ignored))
                for column, differences in (("raw", raw), ("noise", verdict.control_noise)):
                    for pattern, kind in places(differences):
                        self._noise[route, self._bounded(route, pattern), kind, column] += 1

    def keep(self, verdict: Verdict) -> None:
        """Keep a redacted verdict as the newest example of its places."""
        with self._lock:
            self._examples.append(verdict)

    def history(self) -> NoiseHistory:
        """Return the noise learned so far, as the file has it."""
        history = NoiseHistory()
        with self._writing:
            rows = self._connection.execute("SELECT route, pattern, kind, raw, noise FROM noise")
            for route, pattern, kind, raw, noise in rows.fetchall():
                counts, place = history.route(route), (pattern, _kind(kind))
                counts.raw[place], counts.noise[place] = raw, noise
            asked = "SELECT route, SUM(n) FROM counts WHERE name = 'control pairs' GROUP BY route"
            for route, total in self._connection.execute(asked).fetchall():
                history.route(route).control_pairs = total
        return history

    def flush(self) -> None:
        """Write what has gathered, now."""
        with self._writing:
            with self._lock:
                counts, self._counts = self._counts, Counter()
                found, self._places = self._places, Counter()
                noise, self._noise = self._noise, Counter()
                examples = list(self._examples)
                self._examples.clear()
            try:
                with self._connection:
                    self._write(counts, found, noise, examples)
            except sqlite3.Error:
                logger.exception("the store %s cannot be written; counts are kept", self.path)
                with self._lock:
                    self._counts.update(counts)
                    self._places.update(found)
                    self._noise.update(noise)

    def close(self) -> None:
        """Write what has gathered and close the file."""
        self._is_closing.set()
        self._thread.join()
        self.flush()
        self._connection.close()

    def _bounded(self, route: str, pattern: str) -> str:
        known = self._patterns.setdefault(route, set())
        if pattern not in known and len(known) >= MAX_PATTERNS:
            return FURTHER
        known.add(pattern)
        return pattern

    def _write_on(self) -> None:
        while not self._is_closing.wait(WRITE_EVERY_S):
            if self._counts or self._places or self._examples:
                self.flush()

    def _write(
        self,
        counts: Counter[tuple[int, str, str]],
        found: Counter[tuple[int, str, str, str, str]],
        noise: Counter[tuple[str, str, str, str]],
        examples: list[Verdict],
    ) -> None:
        execute, many = self._connection.execute, self._connection.executemany
        many(
            "INSERT INTO counts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            [(*key, n) for key, n in counts.items()],
        )
        many(
            "INSERT INTO place_counts VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET n = n + excluded.n",
            [(*key, n) for key, n in found.items()],
        )
        many(
            "INSERT INTO noise VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET raw = raw + excluded.raw, noise = noise + excluded.noise",
            [
                (*key[:3], n if key[3] == "raw" else 0, n if key[3] == "noise" else 0)
                for key, n in noise.items()
            ],
        )
        touched: set[tuple[Any, ...]] = set()
        for verdict in examples:
            touched |= self._write_example(verdict)
        for place in touched:
            execute(
                "DELETE FROM examples WHERE (route, pattern, kind, reason) = (?, ?, ?, ?)"
                " AND pair_id NOT IN (SELECT pair_id FROM examples"
                " WHERE (route, pattern, kind, reason) = (?, ?, ?, ?)"
                " ORDER BY pair_id DESC LIMIT ?)",
                (*place, *place, self._examples_per_place),
            )
        if touched:
            execute("DELETE FROM pairs WHERE id NOT IN (SELECT pair_id FROM examples)")
        if time.monotonic() - self._folded_at > FOLD_EVERY_S or not self._folded_at:
            self._fold()

    def _write_example(self, verdict: Verdict) -> set[tuple[Any, ...]]:
        exchange = verdict.pair.exchange
        pair_id = self._connection.execute(
            "INSERT INTO pairs (at, route, outcome, record) VALUES (?, ?, ?, ?)",
            (exchange.received_at, exchange.route, str(verdict.outcome), dump_verdict(verdict)),
        ).lastrowid
        rows: dict[tuple[Any, ...], tuple[str, str, str]] = {}
        for difference, reason in _reasoned(verdict):
            place = (exchange.route, collapse(difference.path), difference.kind, reason)
            shown = dump_json(difference.control), dump_json(difference.candidate)
            rows.setdefault(place, (difference.path, *shown))
        rows = rows or {(exchange.route, "", "value", ""): ("", "", "")}
        self._connection.executemany(
            "INSERT INTO examples VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(*place, pair_id, *shown) for place, shown in rows.items()],
        )
        return set(rows)

    def _fold(self) -> None:
        """Add minutes more than a day old up to their hours."""
        self._folded_at = time.monotonic()
        before = _minute(time.time() - FOLD_AFTER_S) // HOUR_S * HOUR_S
        for table, key in (("counts", "route, name"),
                           ("place_counts", "route, pattern, kind, reason")):  # fmt: skip
            hour = f"minute / {HOUR_S} * {HOUR_S}"
            self._connection.execute(
                f"CREATE TEMP TABLE folded AS SELECT {hour} AS minute, {key}, SUM(n) AS n"  # noqa: S608
                f" FROM {table} WHERE minute < ? GROUP BY {hour}, {key}",
                (before,),
            )
            self._connection.execute(f"DELETE FROM {table} WHERE minute < ?", (before,))  # noqa: S608
            self._connection.execute(f"INSERT INTO {table} SELECT * FROM temp.folded")  # noqa: S608
            self._connection.execute("DROP TABLE temp.folded")


def _reasoned(verdict: Verdict) -> list[tuple[Difference, str]]:
    plain = [(difference, "") for difference in verdict.differences]
    return plain + [(item.difference, item.reason) for item in verdict.ignored]


def _minute(at: float) -> int:
    return int(at) // MINUTE_S * MINUTE_S


def _kind(name: str) -> Kind:
    kind: Kind = name  # type: ignore[assignment]  # the column holds nothing else
    return kind
