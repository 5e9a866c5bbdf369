"""The reverse side of references: `user.orders` as rows of the referring table, by the key alone.

    reference ─> related_name ─> value.orders             for values, wherever they are
                              ─> instance.orders          where the other model is installed too

The rows are the referring side's own, so one query of its table is all that is asked. There is no
join from the other model's side: `User.objects.filter(orders__status=...)` is over.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Model, Q, Window
from django.db.models.functions import RowNumber
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.db.models.signals import class_prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

CACHE = "_prefetched_objects_cache"
_sides: dict[str, dict[str, ReverseSide]] = {}


def register(field: Any) -> None:
    """Offer a reference's reverse side on values and instances of the model it refers to."""
    options = field.model._meta
    if options.abstract or options.apps is not apps:
        return
    accessor = accessor_of(field)
    if not accessor:
        return
    _sides.setdefault(field.to, {})[accessor] = ReverseSide(field, accessor)
    app, _, name = field.to.partition(".")
    if (model := apps.all_models[app].get(name.lower())) is not None:
        _offer(sender=model)


def side_of(label: str, name: str) -> ReverseSide | None:
    """Return the reverse side of this name that a model's rows have; None when there is none."""
    return _sides.get(label, {}).get(name)


def accessor_of(field: Any) -> str:
    """Return the reverse side's name, by Django's rules; "" when it is hidden."""
    options = field.model._meta
    given = field.related_name
    if given is None:
        return str(options.model_name if field.unique else f"{options.model_name}_set")
    names = {
        "class": options.model_name,
        "model_name": options.model_name,
        "app_label": options.app_label.lower(),
    }
    return "" if given.endswith("+") else str(given % names)


def _offer(sender: Any, **_: Any) -> None:
    if sender._meta.apps is apps:
        for name, side in _sides.get(sender._meta.label, {}).items():
            if not hasattr(sender, name):
                setattr(sender, name, side)


class_prepared.connect(_offer, dispatch_uid="strangler.client.reverse_sides")


class ReverseSide:
    """The attribute: a manager of the referring rows, or the one row where the column is unique."""

    def __init__(self, field: Any, name: str) -> None:
        self.field, self.name = field, name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else self.of(instance)

    def __set__(self, instance: Any, value: Any) -> None:
        if not self.field.unique:
            raise TypeError(f"Direct assignment to {self.name!r} is prohibited: use add().")
        setattr(value, self.field.name, instance)
        _cache(instance)[self.name] = value

    def of(self, instance: Any) -> Any:
        """Return the rows that refer to a value or an instance.

        Raises:
            ObjectDoesNotExist: no row does, and the column is unique. It is the model's own
                DoesNotExist and an AttributeError, so that `hasattr` and templates see nothing.
        """
        if not self.field.unique:
            return _manager_class(self.field.model)(self, instance)
        cache = _cache(instance)
        if self.name not in cache:
            found = None
            if self.is_cached(instance):
                found = instance._state.fields_cache[self.name]
            elif instance.pk is not None:
                found = self.rows([instance]).first()
            if found is None:
                raise self._missing()(f"{type(instance).__name__} has no {self.name}.")
            cache[self.name] = found
        return cache[self.name]

    def rows(self, instances: Sequence[Any], queryset: Any = None) -> Any:
        """Return the rows that refer to any of these, who are known to them."""
        if queryset is None:
            queryset = self.field.model._base_manager.all()
        keys = {instance.pk: instance for instance in instances}
        condition = Q(**{f"{self.field.attname}__in": list(keys)})
        if queryset.query.is_sliced:
            queryset, within = _of_each(queryset, self.field.attname)
            condition &= within
        queryset = queryset.filter(condition)
        known: Any = queryset._known_related_objects  # noqa: SLF001  as Django's own managers do
        known.setdefault(self.field, {}).update(keys)
        return queryset

    def is_cached(self, instance: Any) -> bool:
        """Tell whether the one row was loaded ahead."""
        return isinstance(instance, Model) and self.name in instance._state.fields_cache

    def get_prefetch_querysets(
        self, instances: Sequence[Any], querysets: Sequence[Any] | None = None
    ) -> Any:
        """Return the rows for many instances, by one query (Django 5.0 and newer)."""
        field = self.field
        return (
            self.rows(instances, querysets[0] if querysets else None),
            lambda row: getattr(row, field.attname),
            lambda instance: instance.pk,
            field.unique,
            self.name,
            False,
        )

    def get_prefetch_queryset(self, instances: Sequence[Any], queryset: Any = None) -> Any:
        """Return the rows for many instances, by one query (Django before 5.0)."""
        return self.get_prefetch_querysets(instances, None if queryset is None else [queryset])

    def _missing(self) -> type[Any]:
        model = self.field.model
        return type("RelatedObjectDoesNotExist", (model.DoesNotExist, AttributeError), {})


def _of_each(queryset: Any, column: str) -> tuple[Any, Any]:
    """Return a slice as a query without limits, and the condition that cuts each one's rows.

    As Django does it for its own relations since 4.2: by the number of a row among its like.
    https://github.com/django/django/blob/5.2/django/db/models/fields/related_descriptors.py
    """
    whole = queryset._chain()  # noqa: SLF001  what Django's own does
    low, high = whole.query.low_mark, whole.query.high_mark
    compiler = whole.query.get_compiler(using=whole.db)
    order = [expression for expression, _ in compiler.get_order_by()]
    number = Window(RowNumber(), partition_by=column, order_by=order or None)
    within = Q()
    if low:
        within &= Q(GreaterThan(number, low))
    if high is not None:
        within &= Q(LessThanOrEqual(number, high))
    whole.query.clear_limits()
    return whole, within


def _cache(instance: Any) -> dict[str, Any]:
    """Return where loaded rows are kept: what `refresh_from_db()` empties."""
    cache: dict[str, Any] = instance.__dict__.setdefault(CACHE, {})
    return cache


class _ReferringRows:
    """What a model's default manager does differently over the rows that refer to one other row."""

    def __init__(self: Any, side: ReverseSide, instance: Any) -> None:
        super().__init__()
        self.model, self.side, self.instance = side.field.model, side, instance

    def _apply_rel_filters(self: Any, queryset: Any) -> Any:
        if self.instance.pk is None:
            raise ValueError(f"{self.instance!r} must be saved before its rows can be used.")
        return self.side.rows([self.instance], queryset)

    def get_queryset(self: Any) -> Any:
        """Return the rows that were loaded ahead, else a query for them."""
        loaded = self.instance.__dict__.get(CACHE, {}).get(self.side.name)
        return self._apply_rel_filters(super().get_queryset()) if loaded is None else loaded  # type: ignore[misc]

    def get_prefetch_querysets(self: Any, instances: Any, querysets: Any = None) -> Any:
        """Return the rows for many instances, by one query (Django 5.0 and newer)."""
        given = querysets or [super().get_queryset()]  # type: ignore[misc]
        return self.side.get_prefetch_querysets(instances, given)

    def get_prefetch_queryset(self, instances: Any, queryset: Any = None) -> Any:
        """Return the rows for many instances, by one query (Django before 5.0)."""
        return self.get_prefetch_querysets(instances, None if queryset is None else [queryset])

    def create(self: Any, **values: Any) -> Any:
        """Create a row that refers to this one."""
        return super().create(**{**values, self.side.field.name: self.instance})  # type: ignore[misc]

    def get_or_create(self: Any, defaults: Any = None, **values: Any) -> Any:
        """Find a row among those that refer to this one, or create it."""
        values[self.side.field.name] = self.instance
        return super().get_or_create(defaults, **values)  # type: ignore[misc]

    def update_or_create(self: Any, defaults: Any = None, **values: Any) -> Any:
        """Change a row among those that refer to this one, or create it."""
        values[self.side.field.name] = self.instance
        return super().update_or_create(defaults, **values)  # type: ignore[misc]

    def add(self: Any, *objects: Any) -> None:
        """Make saved rows refer to this one, by one query."""
        self.model._base_manager.filter(pk__in=[each.pk for each in objects]).update(
            **{self.side.field.attname: self.instance.pk}
        )
        for each in objects:
            setattr(each, self.side.field.name, self.instance)
        self.instance.__dict__.get(CACHE, {}).pop(self.side.name, None)


@lru_cache(maxsize=256)
def _manager_class(model: Any) -> Any:
    return type("ReferringRows", (_ReferringRows, type(model._default_manager)), {})
