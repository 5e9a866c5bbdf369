"""The two attributes of a reference: `order.user_id` holds the key, `order.user` gives the value.

The value is cached where Django caches related instances, so copies, pickles and
`prefetch_related` find it there. Setting the key in any way, `refresh_from_db()` too, forgets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute

from strangler.client import rows

if TYPE_CHECKING:
    from collections.abc import Sequence


class ColumnAttribute(DeferredAttribute):
    """The key; whoever sets it makes the instance forget the value."""

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value
        instance._state.fields_cache.pop(self.field.name, None)


class ReferenceAttribute:
    """The service's value behind a key."""

    def __init__(self, field: Any) -> None:
        self.field = field

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        field, cache = self.field, instance._state.fields_cache
        key = getattr(instance, field.attname)
        if key is None:
            if cache.get(field.name) is not None:  # not saved yet: `pre_save` will know its key
                return cache[field.name]
            if field.null:
                return None
            kind = field.service.value_class(field.to)
            raise rows.missing_class(kind)(f"{type(instance).__name__} has no {field.name}.")
        if field.name not in cache:
            by = field.client_key
            cache[field.name] = field.service.call(by.get, **by.one(key))
        if cache[field.name] is None:  # loaded ahead, and not there
            kind = field.service.value_class(field.to)
            raise rows.raised_class(kind, "DoesNotExist")(f"There is no {field.to} {key!r}.")
        return rows.value_of(cache[field.name])

    def __set__(self, instance: Any, value: Any) -> None:
        """Take a value, an instance, or a key, as fixtures and serializers give it.

        An instance that is not saved yet is kept until this one is saved, as Django keeps it.

        Raises:
            ValueError: it is of another model.
        """
        field = self.field
        if isinstance(value, Model) and value.pk is None and field.takes(value):
            setattr(instance, field.attname, None)
            instance._state.fields_cache[field.name] = value
            return
        key = field.to_python(value)
        setattr(instance, field.attname, key)
        if key is not None and key is not value and hasattr(value, "pk"):
            instance._state.fields_cache[field.name] = rows.value_of(value)

    def is_cached(self, instance: Any) -> bool:
        """Tell whether reading the attribute asks nobody; `prefetch_related` wants to know."""
        return bool(self.field.is_cached(instance))

    def get_prefetch_querysets(
        self, instances: Sequence[Any], querysets: Sequence[Any] | None = None
    ) -> Any:
        """Return the values for many instances, by one call (Django 5.0 and newer).

        Raises:
            ValueError: a `Prefetch()` brings a queryset; there is no table to query.
        """
        field = self.field
        if querysets:
            raise ValueError(f"{field.name!r} is read by the client: it takes no custom queryset.")
        by = field.client_key
        keys = list(dict.fromkeys(getattr(instance, field.attname) for instance in instances))
        keys = [key for key in keys if key is not None]
        return (
            field.service.call(by.get_many, **by.many(keys)) if keys else [],
            lambda value: getattr(value, by.column),
            lambda instance: getattr(instance, field.attname),
            True,
            field.name,
            False,
        )

    def get_prefetch_queryset(self, instances: Sequence[Any], queryset: Any = None) -> Any:
        """Return the values for many instances, by one call (Django before 5.0)."""
        return self.get_prefetch_querysets(instances, None if queryset is None else [queryset])
