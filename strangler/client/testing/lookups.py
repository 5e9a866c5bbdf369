"""Field lookups on plain values, with the meaning that the ORM gives them.

https://docs.djangoproject.com/en/stable/ref/models/querysets/#field-lookups
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Callable

ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
OTHERS = frozenset({"iexact", "in", "range", "isnull", "regex", "iregex"})
LOOKUPS = frozenset({*COMPARED, *TEXT, *("i" + name for name in TEXT), *OTHERS})
TRANSFORMS: dict[str, Callable[[Any], Any]] = {
    "date": lambda found: found.date(),
    "time": lambda found: found.time(),
    "year": lambda found: found.year,
    "iso_year": lambda found: found.isocalendar()[0],
    "month": lambda found: found.month,
    "day": lambda found: found.day,
    "week": lambda found: found.isocalendar()[1],
    "week_day": lambda found: found.isoweekday() % 7 + 1,
    "iso_week_day": lambda found: found.isoweekday(),
    "quarter": lambda found: (found.month + 2) // 3,
    "hour": lambda found: found.hour,
    "minute": lambda found: found.minute,
    "second": lambda found: found.second,
}


@dataclass(frozen=True)
class Dialect:
    """What differs between databases: a fake answers as the one that the tests' settings name.

    `like_ignores_case`: `contains` and its kind do not tell "a" from "A". `folds_ascii`: "ä" and
    "Ä" differ even so. `nulls_are_largest`: they come last in ascending order.
    """

    like_ignores_case: bool = False
    folds_ascii: bool = False
    nulls_are_largest: bool = True

    def fold(self, text: str) -> str:
        """Return a text as it is compared where case means nothing."""
        return text.translate(ASCII_LOWER) if self.folds_ascii else text.lower()


def dialect() -> Dialect:
    """Return how the default database compares; nothing is asked of it."""
    connection = connections[DEFAULT_DB_ALIAS]
    is_sqlite = connection.vendor == "sqlite"
    return Dialect(is_sqlite, is_sqlite, bool(connection.features.nulls_order_largest))


def matches(found: Any, lookup: str, wanted: Any, how: Dialect) -> bool:
    """Tell whether a row is found by a lookup; `found` is what its column holds.

    None is found by `isnull` alone, and by `exact` None, which Django makes `isnull` of.
    """
    if lookup == "isnull" or (lookup in {"exact", "iexact"} and wanted is None):
        return (found is None) == (wanted if lookup == "isnull" else True)
    if found is None or wanted is None:
        return False
    if lookup in COMPARED:
        return COMPARED[lookup](found, wanted)
    if lookup == "in":
        return found in [each for each in wanted if each is not None]
    if lookup == "range":
        first, last = wanted
        return bool(first <= found <= last)
    return _matches_text(str(found), lookup, str(wanted), how)


def _matches_text(text: str, lookup: str, wanted: str, how: Dialect) -> bool:
    if lookup in {"regex", "iregex"}:
        return re.search(wanted, text, re.IGNORECASE if lookup == "iregex" else 0) is not None
    if lookup == "iexact":
        return how.fold(text) == how.fold(wanted)
    if lookup in TEXT and not how.like_ignores_case:
        return TEXT[lookup](text, wanted)
    return TEXT[lookup if lookup in TEXT else lookup[1:]](how.fold(text), how.fold(wanted))


def transformed(found: Any, transform: str) -> Any:
    """Return a part of a date or time, of the current time zone; None stays None."""
    if found is None:
        return None
    if isinstance(found, datetime) and timezone.is_aware(found):
        found = timezone.localtime(found)
    return TRANSFORMS[transform](found)
