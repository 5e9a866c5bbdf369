"""What calls cost and how they end, as Prometheus text.

    path("metrics", metrics.view)      for callers on this machine, or with SERVICE_TOKEN

Counts are of the process that answers: with several workers, scrape each at an address of its own.
Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MAX_SERIES, FURTHER = 2000, "(further)"
"""So many combinations of labels are counted apart; what comes after them is counted together."""
FAMILIES: list[Counter | Histogram] = []


class Counter:
    """Numbers by labels: counted up, or (of kind "gauge") set. Safe for threads."""

    def __init__(self, name: str, about: str, *labels: str, kind: str = "counter") -> None:
        self.name, self.about, self.labels, self.kind = name, about, labels, kind
        self._lock = threading.Lock()
        self._values: dict[tuple[str, ...], float] = {}
        FAMILIES.append(self)

    def add(self, *labels: str, by: float = 1) -> None:
        """Count up."""
        with self._lock:
            if labels not in self._values and len(self._values) >= MAX_SERIES:
                labels = (FURTHER,) * len(labels)
            self._values[labels] = self._values.get(labels, 0) + by

    def set(self, value: float, *labels: str) -> None:
        """Set a gauge."""
        with self._lock:
            self._values[labels] = value

    def value(self, *labels: str) -> float:
        """Return the number now."""
        return self._values.get(labels, 0)

    def clear(self) -> None:
        """Count from 0 again."""
        with self._lock:
            self._values.clear()

    def lines(self) -> Iterator[str]:
        """Give the lines of the text, without the heading."""
        with self._lock:
            values = sorted(self._values.items())
        for labels, value in values:
            yield f"{self.name}{_labels(self.labels, labels)} {value:g}"


class Histogram:
    """How often durations fell into which bucket, by labels. Safe for threads."""

    kind = "histogram"

    def __init__(self, name: str, about: str, *labels: str) -> None:
        self.name, self.about, self.labels = name, about, labels
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}
        FAMILIES.append(self)

    def observe(self, seconds: float, *labels: str) -> None:
        """Note a duration."""
        bucket = bisect_left(BUCKETS_S, seconds)
        with self._lock:
            counts = self._counts.get(labels)
            if counts is None and len(self._counts) >= MAX_SERIES:
                labels = (FURTHER,) * len(labels)
                counts = self._counts.get(labels)
            if counts is None:
                counts = self._counts[labels] = [0] * (len(BUCKETS_S) + 1)
            counts[bucket] += 1
            self._sums[labels] = self._sums.get(labels, 0.0) + seconds

    def count(self, *labels: str) -> int:
        """Return how many durations were noted."""
        return sum(self._counts.get(labels, ()))

    def clear(self) -> None:
        """Count from 0 again."""
        with self._lock:
            self._counts.clear()
            self._sums.clear()

    def lines(self) -> Iterator[str]:
        """Give the lines of the text, without the heading."""
        with self._lock:
            found = [(key, list(counts), self._sums[key]) for key, counts in self._counts.items()]
        for labels, counts, total_s in sorted(found):
            below = 0
            for limit, count in zip((*map("{:g}".format, BUCKETS_S), "+Inf"), counts):  # noqa: B905 - Python 3.10
                below += count
                named = _labels((*self.labels, "le"), (*labels, limit))
                yield f"{self.name}_bucket{named} {below}"
            named = _labels(self.labels, labels)
            yield f"{self.name}_sum{named} {total_s:.6f}"
            yield f"{self.name}_count{named} {below}"


CALLS = Counter(
    "strangler_client_calls_total", "Calls of operations, by how they ended.",
    "service", "operation", "transport", "outcome",
)  # fmt: skip
CALL_SECONDS = Histogram(
    "strangler_client_call_seconds", "How long calls took, retries and all.",
    "service", "operation", "transport",
)  # fmt: skip
RETRIES = Counter(
    "strangler_client_retries_total", "Tries after the first.", "service", "operation"
)
CIRCUIT = Counter(
    "strangler_client_circuit_open", "1 while the circuit is open, 0.5 half open, else 0.",
    "service", "group", kind="gauge",
)  # fmt: skip
OPENED = Counter(
    "strangler_client_circuit_opened_total", "How often it opened.", "service", "group"
)
CACHE = Counter(
    "strangler_client_cache_total", "Reads that may be kept: hit or miss.",
    "service", "operation", "result",
)  # fmt: skip
SHADOW = Counter(
    "strangler_client_shadow_total",
    "Shadowed calls: sent, dropped (queue full), skipped (circuit open), failed, write.",
    "service", "operation", "result",
)  # fmt: skip
SERVED = Counter(
    "strangler_served_calls_total", "Operations answered, by HTTP status.",
    "provider", "operation", "status",
)  # fmt: skip
SERVED_SECONDS = Histogram(
    "strangler_served_call_seconds", "How long answers took.", "provider", "operation"
)


def text() -> str:
    """Return everything counted so far."""
    return "".join(
        f"# HELP {family.name} {family.about}\n# TYPE {family.name} {family.kind}\n"
        + "".join(line + "\n" for line in family.lines())
        for family in FAMILIES
    )


def clear() -> None:
    """Count everything from 0 again."""
    for family in FAMILIES:
        family.clear()


def view(request: HttpRequest) -> HttpResponse:
    """Answer a scrape; let in by `admission`, as callers of operations are."""
    from strangler.client import admission  # noqa: PLC0415 - it counts as well

    refused: Any = admission.refused(request.META)
    if refused:
        return HttpResponse(refused.body, content_type="application/json", status=refused.status)
    return HttpResponse(text(), content_type=CONTENT_TYPE)


def _labels(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in zip(names, values))  # noqa: B905 - Python 3.10
    return "{" + pairs + "}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
