"""The rows of a fake: by model and key, each with the columns that were given.

given (columns, values, rows, instances) ─> columns and keys, and where relations lead
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Model

from strangler.client.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strangler.client.testing.contract import Shape

COLLECTIONS = (list, tuple, set, frozenset)


@dataclass(frozen=True)
class Link:
    """A relation: its id column, and the model it leads to ("" where that is not known)."""

    column: str
    model: str = ""


class Row:
    """One row; its columns are attributes, a relation within the fake gives the other row."""

    def __init__(self, table: Tables, model: str, pk: str, columns: dict[str, Any]) -> None:
        self.model, self.columns = model, columns
        self._tables, self._pk = table, pk

    def __repr__(self) -> str:
        return f"<{self.model} {self.pk}>"

    @property
    def pk(self) -> Any:
        """The primary key."""
        return self.columns[self._pk]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self.columns
        if name in found:
            return found[name]
        link = self._tables.link(self.model, name)
        if link is not None and link.column in found:
            other = self._tables.get(link.model, found[link.column])
            if other is not None or found[link.column] is None:
                return other
        raise AttributeError(f"{self!r} has {', '.join(sorted(found))}, not {name!r}")


class Tables:
    """Rows by the label of their model, in the order in which they were added."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._shapes = shapes
        self._rows: dict[str, dict[Any, Row]] = {}
        self._links: dict[tuple[str, str], Link] = {}
        self._last: dict[str, int] = {}
        for label, shape in shapes.items():
            for each in shape.related:
                if not (each.is_reverse or each.is_many):
                    self._links[label, each.name] = Link(each.key, each.model)

    def clear(self) -> None:
        """Forget every row; keys begin at 1 again."""
        self._rows.clear()
        self._last.clear()

    def of(self, model: str) -> list[Row]:
        """Return the rows of a model."""
        return list(self._rows.get(model, {}).values())

    def get(self, model: str, pk: Any) -> Row | None:
        """Return one row; None where there is no such row."""
        return self._rows.get(model, {}).get(pk)

    def link(self, model: str, name: str) -> Link | None:
        """Return the relation of a model that has this name."""
        return self._links.get((model, name))

    def lead(self, model: str, name: str, link: Link) -> None:
        """Say where a relation leads, unless that is known."""
        self._links.setdefault((model, name), link)

    def pk_of(self, model: str) -> str:
        """Return the name of a model's key column."""
        shape = self._shapes.get(model)
        return shape.pk if shape else "id"

    def new_key(self, model: str, kind: Any) -> Any:
        """Return a key that no row of the model has yet; `kind` is its type."""
        rows = self._rows.get(model, {})
        number = self._last.get(model, 0) + 1
        while _key(number, kind) in rows:
            number += 1
        self._last[model] = number
        return _key(number, kind)

    def insert(self, model: str, columns: dict[str, Any]) -> Row:
        """Add a row, in place of one that has its key."""
        pk = self.pk_of(model)
        row = Row(self, model, pk, columns)
        rows = self._rows.setdefault(model, {})
        rows.pop(row.pk, None)
        rows[row.pk] = row
        return row

    def remove(self, row: Row) -> None:
        """Remove a row."""
        self._rows[row.model].pop(row.pk, None)

    def referring(self, row: Row) -> list[Row]:
        """Return the rows that refer to one."""
        names = [
            (model, link.column)
            for (model, _), link in self._links.items()
            if link.model == row.model
        ]
        return [
            other
            for model, column in names
            for other in self.of(model)
            if other.columns.get(column) == row.pk
        ]

    def leading(self, model: str, to: str) -> list[str]:
        """Return the columns by which rows of a model refer to another."""
        return [
            link.column
            for (label, _), link in self._links.items()
            if (label, link.model) == (model, to)
        ]

    def columns(self, model: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is given by column: keys in place of rows, and note where they lead."""
        found: dict[str, Any] = {}
        for name, it in given.items():
            if name == "pk":
                found[self.pk_of(model)] = it
            elif is_row(it):
                link = self.link(model, name)
                column = link.column if link else name + "_id"
                self.lead(model, name, Link(column, label_of(it)))
                found[column] = it.pk
            elif isinstance(it, COLLECTIONS) and any(map(is_row, it)):
                rows = list(it)
                self.lead(model, name, Link(name, label_of(rows[0])))
                found[name] = [each.pk if is_row(each) else each for each in rows]
            else:
                link = self.link(model, name)
                found[link.column if link else name] = it
        return found


def _key(number: int, kind: Any) -> Any:
    if kind is UUID:
        return UUID(int=number)
    return str(number) if kind is str else number


def is_row(it: Any) -> bool:
    """Tell whether something stands for a row: of a fake, of a client, of the ORM."""
    return isinstance(it, (Row, Value, Model))


def label_of(it: Any) -> str:
    """Return the label of the model that something stands for a row of."""
    if isinstance(it, Row):
        return it.model
    if isinstance(it, Model):
        return str(it._meta.label)
    return str(it.strangler_binding.model)
