"""A trace whose lines are moved along with a rewrite, so that it tells of the tree as it is now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from codemods.trace.records import Site, Trace
    from tests.bench.foreign_run.sites import Lines

    Maps = Callable[[str], Callable[[int], Lines]]


def moved(trace: Trace, maps: Maps) -> Trace:
    """Return a trace with each line where `maps`, by path and line, has it; gone ones stay."""
    return replace(trace, sites=tuple(sorted(_site(site, maps) for site in trace.sites)))


def _site(site: Site, maps: Maps) -> Site:
    line = min(maps(site.path)(site.line), default=site.line)
    start, end = _span(site.path, site.start, site.end, maps)
    return replace(
        site,
        line=line,
        start=min(start, line),
        end=max(end, line),
        atomics=tuple(_place(place, maps) for place in site.atomics),
        origin=_place(site.origin, maps),
    )


def _span(path: str, start: int, end: int, maps: Maps) -> tuple[int, int]:
    lines = {line for each in range(start, end + 1) for line in maps(path)(each)}
    return (min(lines), max(lines)) if lines else (start, end)


def _place(place: str, maps: Maps) -> str:
    """Move "path:line" or "path:start-end"."""
    path, _, lines = place.rpartition(":")
    start, dash, end = lines.partition("-")
    if not path:
        return place
    first, last = _span(path, int(start), int(end or start), maps)
    return f"{path}:{first}-{last}" if dash else f"{path}:{first}"
