"""Sites that ran, before and after a rewrite. Pure: evidence in, counts out.

A site is a line of the project and the context whose table its SQL reached.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codemods.crossings.crossing import Crossing
    from codemods.trace.access import Access
    from codemods.trace.merge import Marked, Merged

RUNTIME = "runtime"
CLASS = "class "

Place = tuple[str, int, str]
Lines = set[int]


@dataclass(frozen=True, slots=True)
class Recall:
    """How many sites the source alone and the joined map show, by kind, with every miss."""

    sites: int
    static_pct: float
    joined_pct: float
    by_kind: dict[str, tuple[int, int]]
    misses: tuple[tuple[str, str], ...]


def recall(merged: Merged) -> Recall:
    """Measure what the source shows of what ran.

    `by_kind` maps a kind to its sites and those of them that the source misses; a missed site's
    kind tells how its line got to the SQL. `misses` are (kind, description).
    """
    kinds = kinds_of(merged)
    missed = {access.place for access in merged.missed}
    everything = {a.place for a in (*merged.found, *merged.traced_back, *merged.missed)}
    shown = {place for place in everything if kinds.get(place)}
    by_kind = {
        kind: (
            sum(kinds.get(place) == kind for place in everything),
            sum(kinds.get(place) == kind for place in missed),
        )
        for kind in sorted({kind for kind in kinds.values() if kind})
    }
    described = sorted(
        {(kinds.get(access.place, ""), _described(access)) for access in merged.missed}
    )
    return Recall(
        len(everything),
        pct(len(everything - missed), len(everything)),
        pct(len(shown), len(everything)),
        by_kind,
        tuple(described),
    )


def _described(access: Access) -> str:
    through = sorted(filter(None, access.via))
    return (
        f"{access.path}:{access.line} {access.node or access.function} -> {access.target}"
        f" ({access.access} {access.table}{f' by {through[0]}' if through else ''})"
    )


def kinds_of(merged: Merged) -> dict[Place, str]:
    """Map each site that ran to the kind of the joined map's crossing that stands for it.

    Of several, the one that starts nearest to the line and is on the very table.
    """
    by_path: dict[str, list[Marked]] = {}
    for mark in merged.marked:
        if mark.seen != "static" and mark.crossing.kind != "transaction":
            by_path.setdefault(mark.crossing.path, []).append(mark)
    found: dict[Place, str] = {}
    best: dict[Place, tuple[bool, int]] = {}
    for access in (*merged.found, *merged.traced_back, *merged.missed):
        for crossing in _standing_for(access, by_path):
            rank = (crossing.table != access.table, abs(crossing.line - access.line))
            if access.place not in best or rank < best[access.place]:
                best[access.place] = rank
                found[access.place] = crossing.kind
    return found


def _standing_for(access: Access, by_path: Mapping[str, list[Marked]]) -> Iterable[Crossing]:
    for path, start, end in spans_of(access):
        found = [
            mark.crossing
            for mark in by_path.get(path, ())
            if mark.crossing.target == access.target
            and mark.crossing.line <= end
            and mark.crossing.end_line >= start
        ]
        if found:
            return found
    return ()


def spans_of(access: Access) -> Iterable[tuple[str, int, int]]:
    """Yield (path, first line, last line) of an access's statement, then of where it was shaped."""
    yield access.path, access.start, access.end
    for origin in access.origins:
        path, _, lines = origin.rpartition(":")
        start, _, end = lines.partition("-")
        yield path, int(start), int(end)


def pct(part: int, whole: int) -> float:
    """Return a share in percent, 100 of nothing, to one decimal."""
    return round(100.0 * part / whole, 1) if whole else 100.0


def read_sites(accesses: Iterable[Access], service: str) -> dict[Place, list[Access]]:
    """Return the sites that read a service's tables and write none of them."""
    found: dict[Place, list[Access]] = {}
    for access in accesses:
        if access.target == service:
            found.setdefault(access.place, []).append(access)
    return {
        place: group
        for place, group in found.items()
        if all(access.access == "read" for access in group)
    }


def line_map(before: str, after: str) -> Callable[[int], Lines]:
    """Return a function from a line of `before` to the lines of `after` that stand for it.

    An untouched line has one; a line in a changed block has its counterpart when the block kept
    its length, else all lines of the block.
    """
    pairs: dict[int, Lines] = {}
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        same_length = end - start == new_end - new_start
        for line in range(start, end):
            if tag == "equal" or same_length:
                pairs[line + 1] = {new_start + line - start + 1}
            else:
                pairs[line + 1] = set(range(new_start + 1, new_end + 1))
    return lambda line: pairs.get(line, set())


@dataclass
class Compared:
    """What became of a service's read sites: `gone`, `listed` (still run, in the ledger), or not.

    `batched` are those of `gone` that one call for many rows replaced.
    """

    gone: set[Place] = field(default_factory=set)
    batched: set[Place] = field(default_factory=set)
    listed: set[Place] = field(default_factory=set)
    unlisted: set[Place] = field(default_factory=set)
    kinds: dict[Place, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return how many read sites there were."""
        return len(self.gone) + len(self.listed) + len(self.unlisted)

    def by_kind(self) -> dict[str, dict[str, int]]:
        """Count sites by kind and by what became of them."""
        counts: dict[str, Counter[str]] = {}
        for name in ("gone", "batched", "listed", "unlisted"):
            for place in getattr(self, name):
                counts.setdefault(self.kinds.get(place, "unknown"), Counter())[name] += 1
        return {kind: dict(sorted(found.items())) for kind, found in sorted(counts.items())}


def compare(
    reads: Mapping[Place, list[Access]],
    after: Iterable[Access],
    maps: Callable[[str], Callable[[int], Lines]],
    *,
    unlisted: set[Place],
    batched: Callable[[Access], bool],
    kinds: Mapping[Place, str],
) -> Compared:
    """Say of each read site whether any line that stands for it still reaches the service.

    Args:
        reads: read sites before.
        after: what ran afterwards and reached the service.
        maps: path to its line map.
        unlisted: sites of `after` that no crossing in the ledger explains.
        batched: tells whether a batched change covers an access of before.
        kinds: kind of each site of before.
    """
    still: dict[str, dict[int, Place]] = {}
    classes: dict[tuple[str, str], Place] = {}
    for access in after:
        still.setdefault(access.path, {})[access.line] = access.place
        if access.node.startswith(CLASS):
            classes[access.path, access.node] = access.place
    found = Compared(kinds=dict(kinds))
    for place, group in reads.items():
        remaining = {one for access in group for one in _remaining(access, still, classes, maps)}
        if not remaining:
            found.gone.add(place)
            if any(batched(access) for access in group):
                found.batched.add(place)
        elif remaining & unlisted:
            found.unlisted.add(place)
        else:
            found.listed.add(place)
    return found


def _remaining(
    access: Access,
    still: Mapping[str, Mapping[int, Place]],
    classes: Mapping[tuple[str, str], Place],
    maps: Callable[[str], Callable[[int], Lines]],
) -> set[Place]:
    if access.node.startswith(CLASS):
        place = classes.get((access.path, access.node))
        return {place} if place else set()
    here = still.get(access.path, {})
    if not here:
        return set()
    after_of = maps(access.path)
    lines: Lines = set()
    for line in range(access.start, access.end + 1):
        lines |= after_of(line)
    return {here[line] for line in lines if line in here}
