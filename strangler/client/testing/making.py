"""The client's values, made of the rows of a fake as the provider makes them of the ORM's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_type_hints

from strangler.client import rows as orm
from strangler.client import wire
from strangler.client.testing.failures import IncompleteRowError
from strangler.client.testing.row_models import row_model
from strangler.client.values import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from strangler.client.service import Service
    from strangler.client.testing.contract import Related, Shape
    from strangler.client.testing.rows import Row, Tables
    from strangler.client.values import Value

ABSENT = object()


class Making:
    """Makes values of one service's rows.

    `members` computes what the model's methods and properties give, by model and name; "__str__"
    is the text of a row.
    """

    def __init__(self, service: Service, shapes: Mapping[str, Shape], tables: Tables) -> None:
        self.service, self.shapes, self.tables = service, shapes, tables
        self.members: dict[tuple[str, str], Callable[[Row], Any]] = {}
        self.in_order: Callable[[str, list[Row]], list[Row]] = lambda _, rows: rows
        self._types: dict[str, dict[str, Any]] = {}
        self._word = service.name.replace("-", "_")

    def types(self, model: str) -> dict[str, Any]:
        """Return the types of the columns that a model's value carries."""
        if model not in self._types:
            kind = self.service.value_class(model) if model in self.shapes else None
            self._types[model] = get_type_hints(kind) if kind else {}
        return self._types[model]

    def column(self, model: str, name: str, given: Any) -> Any:
        """Return what a column holds once it was sent and received.

        Raises:
            IncompleteRowError: it cannot be what the contract says that it is.
        """
        kind = self.types(model).get(name)
        if kind is None or name not in self.shapes[model].columns:
            return given
        try:
            return wire.decode(kind, wire.loads(wire.dumps(given)))
        except (TypeError, ValueError) as error:
            raise IncompleteRowError(
                self.service.name, f"a row of {model}", f"{name} {error}"
            ) from error

    def value(self, row: Row) -> Value:
        """Return the client's value of a row.

        Raises:
            IncompleteRowError: the value carries what the row does not say.
            MisconfiguredError: the contract has no values for that model.
        """
        kind = self.service.value_class(row.model)
        shape = self.shapes[row.model]
        content: dict[str, Any] = {name: row.columns[name] for name in shape.columns}
        for related in shape.related:
            if related.is_nested:
                content[related.field] = self._nested(row, related)
        lacking = []
        for member in shape.members:
            if not member.is_carried:
                continue
            found = self.member(row, member.name)
            if found is ABSENT:
                found = None
                if not (member.nullable or member.operation):
                    lacking.append(member.name)
            content[member.field] = found
        if lacking:
            names = ", ".join(lacking)
            raise IncompleteRowError(
                self.service.name, f"a row of {row.model}",
                f"what {names} of the model gives is carried along, and nobody said it: give it "
                f"with the row ({lacking[0]}=...), or once for all rows: "
                f'services.{self._word}.members("{row.model}", '
                f"{lacking[0]}=lambda row: ...)",
            )  # fmt: skip
        if shape.has_text:
            text = self.member(row, "__str__")
            content[TEXT] = None if text is ABSENT else text
        return kind(**content)

    def member(self, row: Row, name: str) -> Any:
        """Return what a method or property of the model gives; ABSENT where nobody said it."""
        if name in row.columns:
            return row.columns[name]
        known = self.members.get((row.model, name))
        if known is not None:
            return known(row)
        declared = row_model(row.model)
        if name in vars(declared):
            return _read(declared(row), name)
        model: Any = orm.model_of(self.service.value_class(row.model))
        if model is None or not hasattr(model, name):
            return ABSENT
        own = {field.attname for field in model._meta.concrete_fields}
        return _read(model(**{key: it for key, it in row.columns.items() if key in own}), name)

    def _nested(self, row: Row, related: Related) -> Value | list[Value] | None:
        if related.is_many:
            return [self.value(other) for other in self._many(row, related)]
        if related.is_reverse:
            other = self.other_side(row, related)
            return None if other is None else self.value(other)
        key = row.columns[related.key]
        if key is None:
            return None
        other = self.tables.get(related.model, key)
        if other is None:
            raise IncompleteRowError(
                self.service.name, repr(row),
                f"it refers by {related.key} to {related.model} {key}, whose value is carried "
                f'along, and there is no such row: add it with add("{related.model}", pk={key!r}, '
                "...) first",
            )  # fmt: skip
        return self.value(other)

    def _many(self, row: Row, related: Related) -> list[Row]:
        """Return the rows at the other end of a relation to many, in the order of their model."""
        rows = self.tables.of(related.model)
        held = row.columns.get(related.name)
        if held is not None:
            rows = [other for other in rows if other.pk in held]
        else:
            columns = self.tables.leading(related.model, row.model)
            rows = [
                other
                for other in rows
                if any(other.columns.get(column) == row.pk for column in columns)
            ]
        return self.in_order(related.model, rows)

    def other_side(self, row: Row, related: Related) -> Row | None:
        """Return the row that holds a one-to-one to this one."""
        link = self.tables.link(related.model, related.key)
        column = link.column if link else related.key + "_id"
        found = (each for each in self.tables.of(related.model)
                 if each.columns.get(column) == row.pk)  # fmt: skip
        return next(found, None)


def _read(instance: Any, name: str) -> Any:
    found = getattr(instance, name)
    return found() if callable(found) else found
