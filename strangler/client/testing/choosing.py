"""The order of rows, pages of them, and which of equal ones stay."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from strangler.client.testing.matching import at

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from strangler.client.testing.lookups import Dialect
    from strangler.client.testing.rows import Row, Tables

    Match = tuple[Row, Mapping[tuple[str, ...], Any]]


def ordered(
    tables: Tables, rows: Iterable[Match], order: Sequence[str], how: Dialect,
    *, is_reversed: bool = False,
) -> list[Match]:  # fmt: skip
    """Return rows ordered by paths, each with a "-" in front where it goes down.

    "?" leaves them as they are. Where all paths are equal, rows stay in the order they were added.
    """

    def compare(left: Match, right: Match) -> int:
        for path in order:
            name = path.lstrip("-")
            goes_down = path.startswith("-") != is_reversed
            if name == "?":
                continue
            sides = (at(tables, *_of(left, name)), at(tables, *_of(right, name)))
            result = _compared(sides[0], sides[1], how)
            if result:
                return -result if goes_down else result
        return 0

    return sorted(rows, key=cmp_to_key(compare))


def _of(match: Match, path: str) -> tuple[Row, str, Mapping[tuple[str, ...], Any]]:
    return match[0], path, match[1]


def _compared(left: Any, right: Any, how: Dialect) -> int:
    if left is None or right is None:
        result = int(left is None) - int(right is None)
        return result if how.nulls_are_largest else -result
    return int(left > right) - int(left < right)


def distinct(found: Iterable[Any], key: Callable[[Any], Hashable]) -> list[Any]:
    """Return the first of those that have the same key."""
    first: dict[Hashable, Any] = {}
    for each in found:
        first.setdefault(key(each), each)
    return list(first.values())


def window(found: list[Any], offset: int, limit: int | None) -> list[Any]:
    """Return one page."""
    return found[offset : None if limit is None else offset + limit]
