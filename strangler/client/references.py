"""Relations to models of a service: the column stays as it is, reading gives a value.

    user = users_client.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

order.user ─> cached? ─> the client: one call, cached on the instance
prefetch_related("user") ─> the keys not cached yet ─> the client: one call for all rows
order.user = value or instance ─> column and cache
user.orders.get().user ─> the value of the very user at hand, in process without asking for it

Column, index, constraint, joins, lookups, forms, admin and migrations are those of Django's own
fields, which these extend. Where somebody left `select_related`, the instance it joined is given;
so is what `prefetch_related("orders")` puts into the orders of a user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models.fields.related_descriptors import (
    ForwardManyToOneDescriptor,
    ForwardOneToOneDescriptor,
    ReverseManyToOneDescriptor,
)
from django.db.models.fields.related_lookups import RelatedIn
from django.utils.functional import cached_property

from strangler.client import rows
from strangler.client.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from strangler.client.service import Service
    from strangler.client.values import Key

    Prefetched = tuple[list[Value], Callable[[Any], Any], Callable[[Any], Any], bool, str, bool]


REACHED_FROM = "_strangler_reached_from"


class _ReadsThroughClient:
    """What both forward descriptors do: ask the client where Django would ask the table."""

    field: Any

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        found = rows.value_of(super().__get__(instance, cls))  # type: ignore[misc]
        if instance is None or not isinstance(found, models.Model):
            return found
        is_reached = self.field.name in instance._state.__dict__.get(REACHED_FROM, ())
        return self._at_hand(found) if is_reached else found

    def _at_hand(self, row: Any) -> Any:
        """Return the value of the row whose reverse side the instance was asked of."""
        field = self.field
        operation = field.client_key.get
        label = field.value_label
        return rows.at_hand(row, lambda each: field.service.value_at_hand(label, operation, each))

    def __set__(self, instance: Any, value: Any) -> None:
        value = rows.value_of(value)
        self._reached(instance, value)
        cached = self.field.get_cached_value(instance, default=None)
        if isinstance(value, Value):
            self._set(instance, value)
        elif value is None and isinstance(rows.value_of(cached), Value):
            self._clear(instance, rows.value_of(cached))
        else:
            super().__set__(instance, value)  # type: ignore[misc]

    def _reached(self, instance: Any, value: Any) -> None:
        """Take note where Django puts the row that `row.orders` was asked of into what it gave.

        A row assigned by callers is theirs to change and save, and given back as it is: it is set
        on an instance that is not saved yet, or that refers to another row so far.
        """
        field, state = self.field, instance._state.__dict__
        is_reached = (
            isinstance(value, models.Model)
            and not instance._state.adding
            and not field.is_cached(instance)
            and instance.__dict__.get(field.attname) == getattr(value, field.target_field.attname)
        )
        known = state.get(REACHED_FROM, frozenset())
        state[REACHED_FROM] = known | {field.name} if is_reached else known - {field.name}

    def get_object(self, instance: Any) -> Any:
        """Return the row that the instance refers to, as a value."""
        if self.field.remote_field.parent_link:
            return super().get_object(instance)  # type: ignore[misc]
        key: Key = self.field.client_key
        return self.field.service.call(key.get, **key.one(getattr(instance, self.field.attname)))

    def get_prefetch_querysets(
        self, instances: Sequence[Any], querysets: Sequence[Any] | None = None
    ) -> Any:
        """Return the values for many instances, by one call (Django 5.0 and newer)."""
        if querysets:  # a Prefetch() that brings its own query is left to the ORM
            return super().get_prefetch_querysets(instances, querysets)  # type: ignore[misc]
        return self._prefetched(instances)

    def get_prefetch_queryset(self, instances: Sequence[Any], queryset: Any = None) -> Any:
        """Return the values for many instances, by one call (Django before 5.0)."""
        if queryset is not None:
            return super().get_prefetch_queryset(instances, queryset)  # type: ignore[misc]
        return self._prefetched(instances)

    def _prefetched(self, instances: Sequence[Any]) -> Prefetched:
        field = self.field
        local, remote = field.attname, field.target_field.attname
        keys = list(dict.fromkeys(getattr(instance, local) for instance in instances))
        found = field.ask_many([key for key in keys if key is not None])
        if not field.remote_field.multiple:
            of_key = {getattr(instance, local): instance for instance in instances}
            for value in found:
                field.remote_field.set_cached_value(value, of_key[getattr(value, remote)])
        return (
            found,
            lambda value: getattr(value, remote),
            lambda instance: getattr(instance, local),
            True,
            field.name,
            False,
        )

    def _set(self, instance: Any, value: Value) -> None:
        field, remote = self.field, self.field.remote_field
        model = rows.model_of(type(value))
        if model is None or not issubclass(model, remote.model._meta.concrete_model):
            raise ValueError(
                f'Cannot assign "{value!r}": "{instance._meta.object_name}.{field.name}" must be '
                f'a "{remote.model._meta.object_name}" value or instance.'
            )
        setattr(instance, field.attname, _key_of(value, field))
        field.set_cached_value(instance, value)
        if not remote.multiple:
            remote.set_cached_value(value, instance)

    def _clear(self, instance: Any, cached: Value) -> None:
        if not self.field.remote_field.multiple:
            self.field.remote_field.set_cached_value(cached, None)
        setattr(instance, self.field.attname, None)
        self.field.set_cached_value(instance, None)


class ForwardDescriptor(_ReadsThroughClient, ForwardManyToOneDescriptor):  # type: ignore[type-arg]
    """The attribute of a diverted foreign key."""


class ForwardOneDescriptor(_ReadsThroughClient, ForwardOneToOneDescriptor):  # type: ignore[type-arg]
    """The attribute of a diverted one-to-one field."""


class ReverseDescriptor(ReverseManyToOneDescriptor):  # type: ignore[type-arg]
    """The owner's way back, `user.orders`: orders that are loaded ahead keep the row itself."""

    @cached_property
    def related_manager_cls(self) -> Any:
        """Django's own manager; one before 5.0 assigns the row, which would count as reached."""
        name = self.field.name

        class Manager(super().related_manager_cls):  # type: ignore[misc]
            def get_prefetch_queryset(self, instances: Any, queryset: Any = None) -> Any:
                found = super().get_prefetch_queryset(instances, queryset)
                for row in found[0]:
                    state = row._state.__dict__
                    state[REACHED_FROM] = state.get(REACHED_FROM, frozenset()) - {name}
                return found

        return Manager


class _Diverted:
    """What both fields change of Django's own."""

    service: Service
    strangler_service = ""

    def deconstruct(self) -> Any:
        """Return Django's own field, so that no migration arises."""
        name, _, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{self.get_internal_type()}", args, kwargs

    def get_internal_type(self) -> str:
        """Return the name of Django's own field."""
        raise NotImplementedError

    @property
    def client_key(self: Any) -> Key:
        """How the client is asked for the rows this relation refers to."""
        key: Key = self.service.key(self.value_label, self.target_field.attname)
        return key

    @property
    def value_label(self: Any) -> str:
        """The label of the model whose values are read: a proxy's own, or what it stands for."""
        meta = self.remote_field.model._meta
        label: str = meta.label
        return label if label in self.service.values else meta.concrete_model._meta.label

    def ask_many(self: Any, keys: list[Any]) -> list[Value]:
        """Return the values with these keys, by one call; by none when there are no keys."""
        if not keys:
            return []
        key = self.client_key
        found: list[Value] = self.service.call(key.get_many, **key.many(keys))
        return found

    def get_default(self: Any) -> Any:
        """Return the default, as the key where it is a value."""
        default = super().get_default()  # type: ignore[misc]
        return _key_of(default, self) if isinstance(default, Value) else default

    def validate(self: Any, value: Any, model_instance: Any) -> None:
        """Ask the client whether the row is there; the table where `limit_choices_to` is set.

        Raises:
            ValidationError: with Django's own message.
        """
        if self.remote_field.parent_link or self.get_limit_choices_to():
            super().validate(value, model_instance)  # type: ignore[misc]
            return
        models.Field.validate(self, value, model_instance)
        if value is None:
            return
        try:
            self.service.call(self.client_key.get, **self.client_key.one(value))
        except ObjectDoesNotExist:
            raise ValidationError(
                self.error_messages["invalid"],
                code="invalid",
                params={
                    "model": self.remote_field.model._meta.verbose_name,
                    "pk": value,
                    "field": self.remote_field.field_name,
                    "value": value,
                },
            ) from None


class ForeignKey(_Diverted, models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key to a model of a service; made by `Service`, which adds itself."""

    forward_related_accessor_class = ForwardDescriptor
    related_accessor_class = ReverseDescriptor

    def get_internal_type(self) -> str:
        """Return the name of Django's own field."""
        return "ForeignKey"


class OneToOneField(_Diverted, models.OneToOneField):  # type: ignore[type-arg]
    """A one-to-one relation to a model of a service; made by `Service`, which adds itself."""

    forward_related_accessor_class = ForwardOneDescriptor

    def get_internal_type(self) -> str:
        """Return the name of Django's own field."""
        return "OneToOneField"


class ValueIn(RelatedIn):
    """`user__in` with a set or another iterable of values: Django resolves only lists."""

    def get_prep_lookup(self) -> Any:
        """Prepare the right side."""
        if self.rhs_is_direct_value():
            field = self.lhs.output_field
            self.rhs = [
                _key_of(item, field) if isinstance(item, Value) else item for item in self.rhs
            ]
        return super().get_prep_lookup()


ForeignKey.register_lookup(ValueIn)
OneToOneField.register_lookup(ValueIn)


def _key_of(value: Value, field: Any) -> Any:
    """Return what the column holds for a value; `to_field` may say another one than the key."""
    return getattr(value, field.target_field.attname)
