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

from factory.base import Factory, FactoryOptions, OptionDefault

from strangler.client.testing import services
from strangler.client.testing.copies import WRITING, create, found, is_copied
from strangler.client.testing.failures import IncompleteRowError
from strangler.client.testing.rows import is_row, label_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class RowOptions(FactoryOptions):
    """`class Meta`: `model` is the label, `get_or_create` names what tells rows apart.

    `made_with` are rows that the service makes with each, in a signal: their relations by model.
    """

    get_or_create: tuple[str, ...]
    made_with: Mapping[str, str]

    def _build_default_options(self) -> list[OptionDefault]:
        own = OptionDefault("get_or_create", (), inherit=True)  # type: ignore[no-untyped-call]
        made = OptionDefault("made_with", {}, inherit=True)  # type: ignore[no-untyped-call]
        return [*super()._build_default_options(), own, made]  # type: ignore[no-untyped-call]


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
        if is_copied(model_class):
            WRITING.begin()  # until what hangs on the row is made too
            keys = {name: kwargs[name] for name in cls._meta.get_or_create if name in kwargs}
            known = found(model_class, keys) if keys else None
            return known or cls._with_rows(create(model_class, kwargs), kwargs)
        if not fakes.has(model_class):
            return fakes.unread(model_class, kwargs)
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
        row = fake.insert(model_class, kwargs)
        return fake.given(cls._with_rows(row, kwargs))

    @classmethod
    def _with_rows(cls, row: Any, given: dict[str, Any]) -> Any:
        """Return a row once what the service makes with it is there too."""
        fakes = services.current()
        brought = {label_of(it) for it in given.values() if is_row(it)}
        for model, relation in cls._meta.made_with.items():
            if model in brought:
                continue
            if is_copied(model):
                create(model, {relation: row})
            elif fakes.has(model):
                fakes.of(model).insert(model, {relation: row})
        return row

    @classmethod
    def _after_postgeneration(cls, instance: Any, create: bool, results: Any = None) -> None:  # noqa: FBT001 - factory-boy's own
        super()._after_postgeneration(instance, create, results)  # type: ignore[no-untyped-call]
        if is_copied(cls._meta.model):
            WRITING.end()

    @classmethod
    def _build(cls, model_class: str, *_: Any, **kwargs: Any) -> Any:
        return cls._create(model_class, **kwargs)
