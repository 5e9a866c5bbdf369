"""Which rows an operation finds: paths walked through relations, lookups, exclusions.

    row, "order__status__in" ─> the order's row ─> its status ─> in the list?

A path through a relation to many finds a row once for each row at its other end that matches all
conditions together, as the join does.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from strangler.client.testing.lookups import LOOKUPS, TRANSFORMS, Dialect, matches, transformed
from strangler.client.testing.rows import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from strangler.client.testing.rows import Row, Tables


class UnknownPathError(Exception):
    """A row does not say what a path asks for."""


def found(
    tables: Tables, rows: Iterable[Row], conditions: Mapping[str, Any], how: Dialect
) -> Iterator[tuple[Row, Mapping[tuple[str, ...], Any]]]:
    """Yield the rows that meet all conditions, each with what a relation to many was met by.

    Raises:
        UnknownPathError: names what a row does not say.
    """
    for row in rows:
        for chosen in _choices(tables, row, conditions):
            if all(
                _meets(tables, row, path, wanted, chosen, how)
                for path, wanted in conditions.items()
            ):
                yield row, chosen


def is_excluded(tables: Tables, row: Row, path: str, wanted: Any, how: Dialect) -> bool:
    """Tell whether an exclusion drops a row: where one at the other end matches, all do."""
    return any(True for _ in found(tables, [row], {path: wanted}, how))


def at(tables: Tables, row: Row, path: str, chosen: Mapping[tuple[str, ...], Any]) -> Any:
    """Return what a path leads to, such as a column to order by."""
    value, rest = _walked(tables, row, path.split("__"), chosen)
    for each in rest:
        value = transformed(value, each)
    return value


def _meets(  # noqa: PLR0917 - one condition of one row
    tables: Tables, row: Row, path: str, wanted: Any, chosen: Mapping[tuple[str, ...], Any],
    how: Dialect,
) -> bool:  # fmt: skip
    value, rest = _walked(tables, row, path.split("__"), chosen)
    lookup = rest[-1] if rest and rest[-1] in LOOKUPS else "exact"
    for each in rest[: len(rest) - (rest[-1:] == [lookup])]:
        value = transformed(value, each)
    return matches(value, lookup, wanted, how)


def _choices(
    tables: Tables, row: Row, paths: Iterable[str]
) -> Iterator[dict[tuple[str, ...], Any]]:
    """Yield every choice of one row at the end of each relation to many that paths go through."""
    many: dict[tuple[str, ...], Sequence[Any]] = {}
    for path in paths:
        parts, at_row = path.split("__"), row
        for place, name in enumerate(parts):
            held = at_row.columns.get(name)
            if isinstance(held, COLLECTIONS):
                many[tuple(parts[: place + 1])] = list(held) or [None]
                break
            link = tables.link(at_row.model, name)
            ahead = tables.get(link.model, at_row.columns.get(link.column)) if link else None
            if ahead is None:
                break
            at_row = ahead
    for chosen in product(*many.values()):
        yield dict(zip(many, chosen))  # noqa: B905 - Python 3.8


def _walked(
    tables: Tables, row: Row, parts: list[str], chosen: Mapping[tuple[str, ...], Any]
) -> tuple[Any, list[str]]:
    """Return what the names in a path lead to, and the transforms and lookup that are left."""
    for place, name in enumerate(parts):
        rest = parts[place + 1 :]
        link = tables.link(row.model, name)
        if name == "pk":
            return row.pk, rest
        if link is None or link.column not in row.columns:
            if name not in row.columns:
                raise UnknownPathError(f"{row!r} does not say {name!r}")
            held = row.columns[name]
            is_many = isinstance(held, COLLECTIONS)
            return (chosen[tuple(parts[: place + 1])] if is_many else held), rest
        key = row.columns[link.column]
        if isinstance(key, COLLECTIONS):
            key = chosen[tuple(parts[: place + 1])]
        if not rest or rest[0] in LOOKUPS or rest[0] in TRANSFORMS:
            return key, rest
        if key is None:
            return None, [each for each in rest[-1:] if each in LOOKUPS]
        ahead = tables.get(link.model, key)
        if ahead is None:
            if rest[0] == "pk":
                return key, rest[1:]
            what = f"{link.model or 'the row'} {key}, which {row!r} refers to by {name!r}, "
            raise UnknownPathError(f"{what}is not among the rows")
        row = ahead
    return row.pk, []
