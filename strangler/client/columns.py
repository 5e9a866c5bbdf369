"""Plain id columns that read like relations: what a severed foreign key leaves in the model.

    user_id = models.BigIntegerField(db_index=True)
    user = users_client.Reference("user_id", "users.User", on_delete=models.CASCADE)

order.user ─> cached for this key? ─> the client: one call, cached on the instance
prefetch_related("user") ─> the keys not cached yet ─> the client: one call for all rows
order.user = value or instance, Order(user=value) ─> column and cache

There is no foreign key any more: no join, no reverse side, no cascade. `on_delete` says what the
foreign key did, so that `codemods rewrite` goes on listing it as work to follow up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Model

from strangler.client import rows
from strangler.client.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from strangler.client.service import Service
    from strangler.client.values import Key

CACHE = "strangler references"


class Reference(property):
    """The attribute beside an id column that gives the service's value; made by `Service`.

    It is a property, which is what Django's models accept as an argument by name.
    """

    service: Service
    strangler_service = ""

    def __init__(
        self, column: str, model: str, on_delete: Callable[..., Any] | None = None
    ) -> None:
        """Take the id column's name, the label of the service's model, and the former cascade."""
        super().__init__()
        self.column, self.model, self.on_delete = column, model, on_delete
        self.name = column

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
        if instance is None:
            return self
        key = getattr(instance, self.column)
        if key is None:
            return None
        cached = _cache(instance).get(self.name)
        if cached is None or cached[0] != key:
            by = self._key
            cached = (key, self.service.call(by.get, **by.one(key)))
            _cache(instance)[self.name] = cached
        return cached[1]

    def __set__(self, instance: Any, value: Any) -> None:
        value = rows.value_of(value)
        if value is None:
            setattr(instance, self.column, None)
            return
        kind = self.service.value_class(self.model)
        if not isinstance(value, (Value, Model)) or not rows.same_model(kind, value):
            raise ValueError(
                f'Cannot assign "{value!r}": "{type(instance).__name__}.{self.name}" must be a'
                f' "{self.model}" value or instance.'
            )
        key = getattr(value, kind.strangler_binding.pk)
        if key is None:
            raise ValueError(
                f'Cannot assign "{value!r}" to "{type(instance).__name__}.{self.name}": it has no'
                " primary key yet. Save it first."
            )
        setattr(instance, self.column, key)
        _cache(instance)[self.name] = (key, value)

    def is_cached(self, instance: Any) -> bool:
        """Tell whether reading the attribute asks nobody; `prefetch_related` wants to know."""
        cached = _cache(instance).get(self.name)
        return cached is not None and cached[0] == getattr(instance, self.column)

    def get_prefetch_querysets(
        self, instances: Sequence[Any], querysets: Sequence[Any] | None = None
    ) -> Any:
        """Return the values for many instances, by one call (Django 5.0 and newer).

        Raises:
            ValueError: a `Prefetch()` brings a queryset; there is no table to query.
        """
        if querysets:
            raise ValueError(f"{self.name!r} is read by the client: it takes no custom queryset.")
        by = self._key
        keys = list(dict.fromkeys(getattr(instance, self.column) for instance in instances))
        keys = [key for key in keys if key is not None]
        found = self.service.call(by.get_many, **by.many(keys)) if keys else []
        of_key = {getattr(value, by.column): value for value in found}
        for instance in instances:
            key = getattr(instance, self.column)
            if key in of_key:
                _cache(instance)[self.name] = (key, of_key[key])
        return (
            found,
            lambda value: getattr(value, by.column),
            lambda instance: getattr(instance, self.column),
            True,
            self.name,
            False,
        )

    def get_prefetch_queryset(self, instances: Sequence[Any], queryset: Any = None) -> Any:
        """Return the values for many instances, by one call (Django before 5.0)."""
        return self.get_prefetch_querysets(instances, None if queryset is None else [queryset])

    @property
    def _key(self) -> Key:
        kind = self.service.value_class(self.model)
        return self.service.key(self.model, kind.strangler_binding.pk)


def _cache(instance: Any) -> dict[str, Any]:
    """Return the instance's cache of references: `refresh_from_db()` drops what holds it."""
    prefetched = instance.__dict__.setdefault("_prefetched_objects_cache", {})
    cache: dict[str, Any] = prefetched.setdefault(CACHE, {})
    return cache
