"""Two lists as pairs of items that belong together, so that one change gives one difference.

Items that carry an id are matched by it. Others are matched by position, or, where an item was
put in or left out, along the longest run of equal items: whichever leaves less to report.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

Pair = tuple[int | None, int | None]
"""Positions in control and candidate; None where that side has no counterpart."""

ID_MEMBERS = ("id", "pk", "uuid", "key", "slug", "code", "sku", "name")
MAX_ALIGNED = 2_000
"""Longer stretches are matched by position: the alignment's cost grows with the square."""


def shared_id(control: Sequence[object], candidate: Sequence[object]) -> str | None:
    """Return the member that identifies the items on both sides, or None."""
    if not control or not candidate:
        return None
    for member in ID_MEMBERS:
        if _identifies(member, control) and _identifies(member, candidate):
            return member
    return None


def align_by_id(control: Sequence[Hashable], candidate: Sequence[Hashable]) -> list[Pair]:
    """Pair items by their ids; ids without a counterpart are paired where positions agree."""
    positions = {key: index for index, key in enumerate(candidate)}
    pairs: list[Pair] = [(index, positions.get(key)) for index, key in enumerate(control)]
    taken = {right for _, right in pairs}
    free = {right for right in range(len(candidate)) if right not in taken}
    for index, (left, right) in enumerate(pairs):
        if right is None and left in free:
            free.discard(left)
            pairs[index] = (left, left)
    return pairs + [(None, right) for right in sorted(free)]


def align_by_content(control: Sequence[Hashable], candidate: Sequence[Hashable]) -> list[Pair]:
    """Pair items so that few pairs differ; the arguments are fingerprints of the items."""
    start, stop = 0, 0
    shortest = min(len(control), len(candidate))
    while start < shortest and control[start] == candidate[start]:
        start += 1
    while stop < shortest - start and control[-1 - stop] == candidate[-1 - stop]:
        stop += 1
    left, right = control[start : len(control) - stop], candidate[start : len(candidate) - stop]
    middle = _by_position(len(left), len(right))
    if max(len(left), len(right)) <= MAX_ALIGNED:
        middle = min(middle, _by_runs(left, right), key=lambda pairs: _cost(pairs, left, right))
    pairs: list[Pair] = [(index, index) for index in range(start)]
    pairs += [(_shift(a, start), _shift(b, start)) for a, b in middle]
    ends = zip(
        range(len(control) - stop, len(control)),
        range(len(candidate) - stop, len(candidate)),
        strict=True,
    )
    return [*pairs, *ends]


def _identifies(member: str, items: Sequence[object]) -> bool:
    seen = set()
    for item in items:
        key = item.get(member) if isinstance(item, dict) else None
        if not isinstance(key, str | int) or isinstance(key, bool) or key in seen:
            return False
        seen.add(key)
    return True


def _by_position(left: int, right: int) -> list[Pair]:
    return [
        (index if index < left else None, index if index < right else None)
        for index in range(max(left, right))
    ]


def _by_runs(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Pair]:
    pairs: list[Pair] = []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for _, left_start, left_stop, right_start, right_stop in matcher.get_opcodes():
        stretch = _by_position(left_stop - left_start, right_stop - right_start)
        pairs += [(_shift(a, left_start), _shift(b, right_start)) for a, b in stretch]
    return pairs


def _cost(pairs: list[Pair], left: Sequence[Hashable], right: Sequence[Hashable]) -> int:
    return sum(a is None or b is None or left[a] != right[b] for a, b in pairs)


def _shift(position: int | None, by: int) -> int | None:
    return None if position is None else position + by
