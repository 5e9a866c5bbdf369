"""Plain id columns that read like relations: what a severed foreign key leaves in the model.

    user = users_client.SERVICE.Reference(
        "users.User", models.BigIntegerField, on_delete=models.PROTECT, related_name="orders"
    )

order.user ─> cached? ─> the client: one call, cached on the instance
order.user = value, instance or key; Order(user=...), Order(user_id=...) ─> column and cache
filter(user=...), filter(user_id=...), values("user"), Meta.indexes ─> the column

The name, its column, index and values are those that the foreign key had, so queries by the key,
`Meta`, fixtures and serialized rows stay as they were. To Django and to migrations it is a plain
column: no constraint, no join (`user__email`), no `select_related`. What the database did when the
other row was deleted is told by `on_delete` and done by `strangler.client.deletions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models.lookups import In, Transform
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from strangler.client import deletions, reverse_sides, rows
from strangler.client.reference_attributes import ColumnAttribute, ReferenceAttribute
from strangler.client.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.client.service import Service
    from strangler.client.values import Key

NO_CHOICE = models.ForeignKey.default_error_messages["invalid"]


class Reference(models.Field):  # type: ignore[type-arg]
    """A column that holds a key of a service's model; made by `Service`, which adds itself.

    `to` is the label of the service's model, `column` the class of the plain column (or a column,
    where it takes arguments), `on_delete` what the database did, `related_name` what the reverse
    side is called. Other options are those of any field; like a foreign key it has an index, and
    `unique=True` makes it stand for a one-to-one relation.
    """

    service: Service
    strangler_service = ""
    descriptor_class = ColumnAttribute
    from_fields = ("self",)  # as Django's relations: rows of a reverse side know the other row
    empty_strings_allowed = False  # a key that is not given is None

    def __init__(
        self,
        to: str,
        column: Any,
        on_delete: Callable[..., Any],
        related_name: str | None = None,
        **options: Any,
    ) -> None:
        self.to, self.on_delete, self.related_name = to, on_delete, related_name
        self.column_field: Any = column() if isinstance(column, type) else column
        if not options.get("unique"):
            options.setdefault("db_index", True)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        """Return a plain column: what migrations know of it."""
        name, _, args, options = super().deconstruct()
        _, path, _, own = self.column_field.deconstruct()
        if name is not None:
            options["db_column"] = self.column
        return name, path, args, {**own, **options}

    def clone(self) -> Any:
        """Return the plain column that it deconstructs to."""
        _, path, args, options = self.deconstruct()
        return import_string(path)(*args, **options)

    def get_attname(self) -> str:
        """Return the attribute that holds the key, such as "user_id"."""
        return f"{self.name}_id"

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:  # noqa: FBT001, FBT002  Django's signature
        """Add the column's attribute, and beside it the one that reads through the client."""
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.name, ReferenceAttribute(self))
        reverse_sides.register(self)
        deletions.register(self)

    @property
    def accessor(self) -> str:
        """The name of the reverse side; "" when it is hidden."""
        return reverse_sides.accessor_of(self)

    @property
    def client_key(self) -> Key:
        """How the client is asked for the rows this column refers to."""
        kind = self.service.value_class(self.to)
        return self.service.key(self.to, kind.strangler_binding.pk)

    def key_of(self, value: Any) -> Any:
        """Return the key of a value or an instance; anything else as it is.

        Raises:
            ValueError: it is of another model, or not saved yet.
        """
        if not isinstance(value, (Value, models.Model)):
            return value
        if not self.takes(value):
            raise ValueError(
                f'Cannot take a {type(value).__name__} for "{self.model.__name__}.{self.name}": it'
                f' must be a "{self.to}" value or instance, or a key.'
            )
        if value.pk is None:
            raise ValueError(
                f'Cannot take a {type(value).__name__} for "{self.model.__name__}.{self.name}": it'
                " has no primary key yet. Save it first."
            )
        return value.pk

    def takes(self, value: Any) -> bool:
        """Tell whether a value or an instance is of the model, or of one that inherits from it."""
        return _is_of(value, self.to)

    def pre_save(self, model_instance: Any, add: bool) -> Any:  # noqa: FBT001  Django's signature
        """Return the key; that of an instance that was saved after it was set.

        Raises:
            ValueError: it has not been saved yet.
        """
        given = model_instance._state.fields_cache.get(self.name)
        if given is not None and getattr(model_instance, self.attname) is None:
            if given.pk is None:
                raise ValueError(
                    "save() prohibited to prevent data loss due to unsaved related object"
                    f" '{self.name}'."
                )
            setattr(model_instance, self.name, given)
        return super().pre_save(model_instance, add)

    def is_cached(self, instance: Any) -> bool:
        """Tell whether reading the attribute asks nobody."""
        return self.name in instance._state.fields_cache

    # What the column stores and how: as the plain column's own.

    def get_internal_type(self) -> str:
        """Return the name of the plain column's class."""
        return str(self.column_field.get_internal_type())

    def db_type(self, connection: Any) -> Any:
        """Return the plain column's type."""
        return self.column_field.db_type(connection)

    def db_check(self, connection: Any) -> Any:  # noqa: ARG002  Django's signature
        """Return the plain column's check; keys of foreign keys have none."""
        return None

    def get_db_converters(self, connection: Any) -> Any:
        """Return what turns stored values into Python's."""
        return self.column_field.get_db_converters(connection)

    @cached_property
    def validators(self) -> Any:
        """The plain column's validators, and those given."""
        return [*self.column_field.validators, *super().validators]

    def to_python(self, value: Any) -> Any:
        """Return a key."""
        return self.column_field.to_python(self.key_of(value))

    def get_prep_value(self, value: Any) -> Any:
        """Return a key, of a value or an instance too."""
        return self.column_field.get_prep_value(self.key_of(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002  Django's signature
        """Return a key as the database takes it."""
        return self.column_field.get_db_prep_value(self.key_of(value), connection, prepared)

    def get_default(self) -> Any:
        """Return the default, as the key where it is a value."""
        return self.key_of(super().get_default())

    def validate(self, value: Any, model_instance: Any) -> None:
        """Ask the client whether the row is there.

        Raises:
            ValidationError: with a foreign key's own message.
        """
        super().validate(value, model_instance)
        if value is None:
            return
        key = self.client_key
        try:
            self.service.call(key.get, **key.one(value))
        except ObjectDoesNotExist:
            raise ValidationError(
                NO_CHOICE,
                code="invalid_choice",
                params={
                    "model": self.to.rpartition(".")[2].lower(),
                    "pk": value,
                    "field": key.column,
                    "value": value,
                },
            ) from None

    def formfield(self, **options: Any) -> Any:
        """Return a field that takes the key."""
        column = self.clone()
        column.set_attributes_from_name(self.name)
        column.verbose_name = self.verbose_name
        return column.formfield(**options)

    def get_lookup(self, lookup_name: str) -> Any:
        """Return a lookup of the plain column's, over keys of values and instances."""
        return super().get_lookup(lookup_name) or self.column_field.get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        """Let `user__pk` and `user__id` be the column; whatever else would need a join."""
        kind = self.service.values.get(self.to)
        own = kind.strangler_binding.pk if kind else "id"
        return ItsKey if lookup_name in ("pk", own) else super().get_transform(lookup_name)


def _is_of(value: Any, label: str) -> bool:
    """Tell whether a value or an instance is of a model, or of one that inherits from it."""
    model = rows.model_of(type(value)) if isinstance(value, Value) else value
    if model is None:
        return bool(value.strangler_binding.model == label)
    options = model._meta
    known = (options.concrete_model, *options.get_parent_list())
    return label == options.label or any(each._meta.label == label for each in known)


class ItsKey(Transform):
    """The column itself, as `user__pk`."""

    lookup_name = "pk"

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # type: ignore[override]  # noqa: ARG002
        """Return the column."""
        return compiler.compile(self.lhs)


class KeyIn(In):
    """`user__in` with any iterable of keys, values and instances: Django resolves only lists."""

    def get_prep_lookup(self) -> Any:
        """Prepare the right side."""
        if self.rhs_is_direct_value():
            field: Any = self.lhs.output_field
            self.rhs = [field.key_of(item) for item in self.rhs]
        return super().get_prep_lookup()


Reference.register_lookup(KeyIn)
