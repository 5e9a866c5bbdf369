"""factory-boy factories of another service's rows: they make the client's values.

    class UserFactory(RowFactory):
        class Meta:
            model = "users.User"

        email = factory.Sequence(lambda n: f"user{n}@shop.test")

`UserFactory()` adds a row to the fake of the service and gives its value; so does `build()`, for
there is no row that is not saved. Columns that the contract does not carry are fine: operations
may look them up. Of a model whose rows are copied here, the copy gets the row too, and is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS
from factory.base import Factory, FactoryOptions, OptionDefault

from strangler.client.columns import Reference
from strangler.client.replicas.loosen import labels
from strangler.client.testing import services
from strangler.client.testing.failures import IncompleteRowError
from strangler.client.testing.rows import Link, is_row

if TYPE_CHECKING:
    from strangler.client.testing.services import Services


class RowOptions(FactoryOptions):
    """`class Meta`: `model` is the label, `get_or_create` names what tells rows apart."""

    get_or_create: tuple[str, ...]

    def _build_default_options(self) -> list[OptionDefault]:
        own = OptionDefault("get_or_create", (), inherit=True)  # type: ignore[no-untyped-call]
        return [*super()._build_default_options(), own]  # type: ignore[no-untyped-call]


class RowFactory(Factory):  # type: ignore[type-arg]
    """A factory of rows in the fake of the service that has the model."""

    _options_class = RowOptions
    _meta: RowOptions

    class Meta:
        """Nothing to be made by itself."""

        abstract = True

    @classmethod
    def _create(cls, model_class: str, *_: Any, **kwargs: Any) -> Any:
        fakes = services.current()
        if model_class in labels():
            return _copied(fakes, model_class, kwargs)
        fake = fakes.of(model_class)
        nested = sorted(name for name in kwargs if "__" in name)
        if nested:
            raise IncompleteRowError(
                fake.service.name, f"{cls.__name__}()",
                f"{', '.join(nested)} of the service's own factory is not here: add what the test "
                f"needs to {cls.__module__}, where edits are kept",
            )  # fmt: skip
        keys = fake.tables.columns(model_class, {
            name: kwargs[name] for name in cls._meta.get_or_create if name in kwargs
        })  # fmt: skip
        if keys:
            for row in fake.rows(model_class):
                if all(row.columns.get(name) == it for name, it in keys.items()):
                    return fake.given(row)
        return fake.add(model_class, **kwargs)

    @classmethod
    def _build(cls, model_class: str, *_: Any, **kwargs: Any) -> Any:
        return cls._create(model_class, **kwargs)


def _copied(fakes: Services, model: str, columns: dict[str, Any]) -> Any:
    """Add a row to the copy of a table, and to the fake of its owner where its contract has it."""
    kind = apps.get_model(model)
    keys = {
        kind._meta.get_field(name).attname if is_row(it) else name: it.pk if is_row(it) else it
        for name, it in columns.items()
    }
    # The database is named, and relations are set by key: the router refuses to write copies.
    row = kind._base_manager.using(DEFAULT_DB_ALIAS).create(**keys)
    if fakes.has(model):
        fake = fakes.of(model)
        for field in kind._meta.concrete_fields:
            if field.attname != field.name:
                fake.tables.lead(model, field.name, Link(field.attname, _leads_to(field)))
        names = (field.attname for field in kind._meta.concrete_fields)
        fake.insert(model, {name: getattr(row, name) for name in names})
    return row


def _leads_to(field: Any) -> str:
    """Return the label of the model at the other end of a foreign key, or of a reference."""
    if isinstance(field, Reference):
        return field.to
    return str(field.remote_field.model._meta.label)
