"""Where values meet the ORM: the installed model behind a value class, rows that hold only keys.

A row made here is an instance of the model with its keys filled in and everything else deferred.
Django's own code (lookups, related managers, one-to-one caches) takes it for what it is; callers
get the value back, since diverted relations give `value_of` what they find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, MultipleObjectsReturned, ObjectDoesNotExist
from django.db.models import Model
from django.db.models.base import ModelState

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.client.values import Value

REPLICAS = "STRANGLER_REPLICAS"
ROW, VALUE = "_strangler_row", "_strangler_value"
AT_HAND = "_strangler_at_hand"
_GENERAL = {
    "DoesNotExist": ObjectDoesNotExist,
    "MultipleObjectsReturned": MultipleObjectsReturned,
}
_MISSING = "RelatedObjectDoesNotExist"
_own_errors: dict[tuple[type[Any], str], type[Any]] = {}
_raised_errors: dict[tuple[type[Any], str], type[Any]] = {}
_reverse: dict[type[Any], frozenset[str]] = {}


def model_of(kind: type[Value]) -> type[Model] | None:
    """Return the model behind a value class; None where it is not installed, or not yet."""
    label = kind.strangler_binding.model
    if not label or not apps.models_ready:
        return None
    try:
        return apps.get_model(label)
    except LookupError:
        return None


def same_model(kind: type[Value], other: Any) -> bool:
    """Tell whether another value or an ORM instance is of the same concrete model."""
    if type(other) is kind:
        return True
    theirs = other if isinstance(other, Model) else model_of(type(other)) or type(other)
    return _concrete(model_of(kind) or kind) == _concrete(theirs)


def _concrete(model: Any) -> str:
    if hasattr(model, "strangler_binding"):
        return str(model.strangler_binding.model)
    return str(model._meta.concrete_model._meta.label)


def row_of(value: Value) -> Any:
    """Return the row that stands for a value in Django's own code; the same one every time.

    Raises:
        LookupError: where the model is not installed.
    """
    row = value.__dict__.get(ROW)
    if row is None:
        row = value.__dict__[ROW] = _make_row(value)
    return row


def keys_of(value: Value) -> dict[str, Any]:
    """Return what is known of the row by column: of a child model, the parents' keys too."""
    return row_of(value).__dict__ if model_of(type(value)) else {}


def _make_row(value: Value) -> Any:
    model: Any = apps.get_model(value.strangler_binding.model)
    row = model.__new__(model)  # without __init__: no pre_init and post_init signals
    row._state = ModelState()
    row._state.adding = False
    for parent in model._meta.get_parent_list():
        row.__dict__[parent._meta.pk.attname] = value.pk
    for field in model._meta.concrete_fields:
        if field.attname in value.__dict__:
            row.__dict__[field.attname] = value.__dict__[field.attname]
    row.__dict__[model._meta.pk.attname] = value.pk
    row.__dict__[VALUE] = value
    return row


def value_of(found: Any) -> Any:
    """Return the value that a row stands for; anything else as it is."""
    return found.__dict__.get(VALUE, found) if isinstance(found, Model) else found


def at_hand(row: Any, make: Callable[[Any], Any]) -> Any:
    """Return what `make` gives of a row, made anew only when the row has changed since."""
    known = row._state.__dict__.get(AT_HAND)
    if known is None or known[0] != _held(row):
        made = make(row)
        if _has_rows(made):  # links are made and cut without the row's changing
            return made
        known = row._state.__dict__[AT_HAND] = (_held(row), made)
    return known[1]


def _has_rows(value: Any) -> bool:
    """Tell whether rows of a relation to many travel with a value, or with one inside it."""
    return any(
        isinstance(each, list) or (hasattr(each, "strangler_binding") and _has_rows(each))
        for name, each in value.__dict__.items()
        if name not in (ROW, VALUE)
    )


def _held(row: Any) -> list[Any]:
    """Return what a row holds in memory: its columns, and those of the rows cached on it."""
    cached = row._state.fields_cache.values()
    related = [each for each in cached if isinstance(each, Model)]
    return [
        [(name, each.__dict__[name]) for name in sorted(_columns(each) & each.__dict__.keys())]
        for each in (row, *related)
    ]


def _columns(row: Any) -> set[str]:
    return {field.attname for field in row._meta.concrete_fields}


def model_instance(value: Value) -> Any:
    """Return the whole row from the model's table, for the few things that need it."""
    return apps.get_model(value.strangler_binding.model)._base_manager.get(pk=value.pk)


def column_of(kind: type[Value], name: str) -> str:
    """Return the attribute of a field's column, such as "user_id" for "user"."""
    model: Any = model_of(kind)
    try:
        return str(model._meta.get_field(name).attname)
    except (AttributeError, FieldDoesNotExist):
        return name


def has_reverse(kind: type[Value], name: str) -> bool:
    """Tell whether a diverted relation has its reverse side under this name.

    Of a model whose rows are copied here every side counts, and so do its own relations to many:
    a copy is all there is of the tables that they lead to.
    """
    names = _reverse.get(kind)
    if names is None:
        model: Any = model_of(kind)
        options = model._meta if model else None
        copied = options is not None and options.label in getattr(settings, REPLICAS, ())
        names = frozenset(
            related.get_accessor_name()
            for related in (options.related_objects if options else ())
            if copied or hasattr(related.field, "strangler_service")
        )
        if copied and options is not None:
            names |= {field.name for field in options.many_to_many}
        if apps.ready:
            _reverse[kind] = names
    return name in names


def error_class(kind: type[Value], name: str) -> type[Any]:
    """Return what callers catch: the model's own class where installed, else one of the value's.

    `name` is "DoesNotExist" or "MultipleObjectsReturned".
    """
    model = model_of(kind)
    return getattr(model, name) if model else _own_error(kind, name)


def raised_class(kind: type[Value], name: str) -> type[Any]:
    """Return what is raised: caught by the model's class and by the value's own alike."""
    model = model_of(kind)
    own = _own_error(kind, name)
    if model is None:
        return own
    if (kind, name) not in _raised_errors:
        _raised_errors[kind, name] = type(name, (own, getattr(model, name)), _naming(kind, name))
    return _raised_errors[kind, name]


def missing_class(kind: type[Value]) -> type[Any]:
    """Return what is raised where a one-to-one has no other side: also an AttributeError."""
    raised = raised_class(kind, "DoesNotExist")
    if (kind, _MISSING) not in _raised_errors:
        _raised_errors[kind, _MISSING] = type(
            _MISSING, (raised, AttributeError), _naming(kind, _MISSING)
        )
    return _raised_errors[kind, _MISSING]


def missing_related_class(kind: type[Value]) -> type[Any]:
    """Return what is raised where a one-to-one relation has no other side."""
    bases = (raised_class(kind, "DoesNotExist"), AttributeError)
    return type("RelatedObjectDoesNotExist", bases, {"__module__": kind.__module__})


def _own_error(kind: type[Value], name: str) -> type[Any]:
    if (kind, name) not in _own_errors:
        _own_errors[kind, name] = type(name, (_GENERAL[name],), _naming(kind, name))
    return _own_errors[kind, name]


def _naming(kind: type[Value], name: str) -> dict[str, str]:
    return {"__module__": kind.__module__, "__qualname__": f"{kind.__qualname__}.{name}"}
