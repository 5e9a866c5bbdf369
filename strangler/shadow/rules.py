"""What a route's comparison may take for equal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """How the pairs of one route are compared.

    `ignore` and `unordered` are path patterns (see `paths`); an unordered list is compared as a
    multiset. `hosts` are names under which either side may speak of itself in links, as
    `host[:port]`. `missing_is_null` takes an absent member for one that is null.
    """

    ignore: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()
    missing_is_null: bool = False
