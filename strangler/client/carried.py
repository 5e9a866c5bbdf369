"""Rows that travel with a value: what stands for a manager of related rows, and for its rows.

    value.tags ─> Carried ─> all() ─> Rows          as `product.tags.all()` reads prefetched rows

Only what rows that were loaded ahead answer without a query: `all`, `count`, `exists`, and going
through them. They are those of when the value was made, in the order the owner gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, List, TypeVar  # noqa: UP035 - Python 3.8

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")


class Rows(List[Item]):  # noqa: UP006 - Python 3.8
    """What `all()` gives: a list that can be asked again, as a queryset can."""

    def all(self) -> Rows[Item]:
        """Return them again."""
        return Rows(self)

    def count(self, *item: Any) -> int:
        """Return how many there are; given an item, how often it is among them."""
        return super().count(*item) if item else len(self)

    def exists(self) -> bool:
        """Tell whether there are any."""
        return bool(self)


class Carried(Generic[Item]):
    """What a value gives for a relation to many: true even without rows, as a manager is."""

    def __init__(self, rows: Iterable[Item]) -> None:
        self._rows = rows

    def all(self) -> Rows[Item]:
        """Return the rows."""
        return Rows(self._rows)

    def count(self) -> int:
        """Return how many there are."""
        return len(self.all())

    def exists(self) -> bool:
        """Tell whether there are any."""
        return bool(self.all())

    def __iter__(self) -> Iterator[Item]:
        """Go through the rows, as serializers do with what is no manager of Django's."""
        return iter(self.all())
