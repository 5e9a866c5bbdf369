"""One call of an operation: which rows it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from strangler.client.testing.choosing import distinct, ordered, window
from strangler.client.testing.matching import found, is_excluded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strangler.client.testing.choosing import Match
    from strangler.client.testing.contract import Operation, Parameter
    from strangler.client.testing.fake import Fake
    from strangler.client.testing.lookups import Dialect
    from strangler.client.testing.rows import Row

EVERY_ROW = frozenset({"", "objects", "_base_manager", "_default_manager"})


@dataclass(frozen=True)
class Asked:
    """A call, its arguments as the service received them."""

    fake: Fake
    its: Operation
    arguments: Mapping[str, Any]
    how: Dialect

    @property
    def name(self) -> str:
        """Return the model's name without its app."""
        return self.its.model.rpartition(".")[2]

    def columns(self, parameters: tuple[Parameter, ...]) -> dict[str, Any]:
        """Return the arguments of parameters by what they are compared with, or written to."""
        return {each.lookup: self.arguments[each.name] for each in parameters}

    def matches(self) -> list[Match]:
        """Return what scopes, filters and exclusions leave, unordered; a join may repeat rows."""
        tables = self.fake.tables
        rows = tables.of(self.its.model)
        for name in (self.its.manager, *self.its.scopes):
            if name not in EVERY_ROW:
                rows = [row for row in rows if self._is_kept(name, row)]
        left = list(found(tables, rows, self.columns(self.its.filters), self.how))
        for path, wanted in self.columns(self.its.exclude).items():
            left = [m for m in left if not is_excluded(tables, m[0], path, wanted, self.how)]
        return left

    def rows(self) -> list[Row]:
        """Return each row that is left, once."""
        return [row for row, _ in distinct(self.matches(), lambda match: match[0].pk)]

    def order(self) -> tuple[str, ...]:
        """Return the operation's order, else the model's."""
        return self.its.order_by or self.fake.order_of(self.its.model)

    def chosen(self, order: tuple[str, ...], *, is_reversed: bool = False) -> list[Match]:
        """Return the rows in order, distinct where the operation says so, of the page asked for."""
        left = self.ordered(order, is_reversed=is_reversed)
        if self.its.is_distinct:
            left = distinct(left, lambda match: match[0].pk)
        return self.page(left)

    def ordered(self, order: tuple[str, ...], *, is_reversed: bool = False) -> list[Match]:
        """Return the rows in order."""
        return ordered(self.fake.tables, self.matches(), order, self.how, is_reversed=is_reversed)

    def page(self, left: list[Any]) -> list[Any]:
        """Return the page that the call asks for."""
        if not self.its.is_limited:
            return left
        return window(left, self.arguments.get("offset", 0), self.arguments.get("limit"))

    def row(self, key: Any) -> Row:
        """Return the row with a key.

        Raises:
            ObjectDoesNotExist: of its model.
        """
        row = self.fake.tables.get(self.its.model, key)
        if row is None:
            raise self.missing()
        return row

    def missing(self) -> Exception:
        """Return the error of a row that is not there."""
        return self.fake.error(
            self.its.model, "DoesNotExist", f"{self.name} matching query does not exist."
        )

    def several(self, count: int) -> Exception:
        """Return the error of rows where one was expected."""
        message = f"get() returned more than one {self.name} -- it returned {count}!"
        return self.fake.error(self.its.model, "MultipleObjectsReturned", message)

    def unanswered(self, what: str) -> Exception:
        """Return the error of what the contract does not tell."""
        return self.fake.unanswered(self.its.name, what)

    def _is_kept(self, name: str, row: Row) -> bool:
        narrows = self.fake.narrowing.get((self.its.model, name))
        if narrows is None:
            raise self.unanswered(
                f"which rows {name!r} of {self.its.model} gives ({self.fake.word}.narrows("
                f'"{self.its.model}", "{name}", lambda row: ...) says it)'
            )
        start = name + "."
        given = {
            each.lookup[len(start) :]: self.arguments[each.name]
            for each in self.its.given
            if each.lookup.startswith(start)
        }
        return narrows(row, **given)
