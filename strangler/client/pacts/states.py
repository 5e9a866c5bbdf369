"""Provider states: make the rows that an interaction needs. For tests only: it deletes all others.

    POST /_pact/state {"state": "one such users.User", "params": {"model": ..., "where": ...},
                       "action": "setup"}

Only a project whose settings have PACT_STATES serves this, and only to direct callers on this
machine. PACT_STATES maps labels of models to functions that make one row: `{"users.User":
"shop.users.factories.UserFactory"}`; they are called with the columns that the row must have.
Models that are not in it are made by model-bakery, with every optional column filled.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.color import no_style
from django.db import connections
from django.db.models import ForeignKey
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from strangler.client.admission import FORWARDED, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model
    from django.http import HttpRequest
    from django.urls import URLPattern

SETTING, PATH = "PACT_STATES", "_pact/state"
SAME = frozenset(
    {
        "exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith",
        "iendswith", "gte", "lte",
    }
)  # fmt: skip
FIRST = frozenset({"in", "range"})
DIFFERENT = {"gt": 1, "lt": -1}
KEPT = frozenset({"contenttypes.ContentType", "auth.Permission", "sites.Site"})
logger = logging.getLogger("strangler.pacts")


def urls() -> list[URLPattern]:
    """Return the URL of the states, for the tests' own URL configuration.

    Raises:
        ImproperlyConfigured: the settings have no PACT_STATES, as only those of tests do.
    """
    if not isinstance(getattr(settings, SETTING, None), dict):
        raise ImproperlyConfigured(
            f"provider states delete rows: only settings for tests may serve them, and have "
            f"{SETTING} = {{}} or a mapping of models to functions that make a row"
        )
    return [path(PATH, view, name="pact-state")]


@csrf_exempt
@require_POST
def view(request: HttpRequest) -> HttpResponse:
    """Set a state up; nothing is to do when it is left, since each begins with no rows."""
    forwarded = any(request.META.get(name) for name in FORWARDED)
    if forwarded or not is_loopback(str(request.META.get("REMOTE_ADDR", ""))):
        return JsonResponse({"error": "only direct callers on this machine"}, status=403)
    told = json.loads(request.body)
    if told.get("action", "setup") == "setup":
        try:
            set_up(told.get("params") or {})
        except Exception as error:
            logger.exception("the state %r cannot be set up", told.get("state"))
            # Not 500: the verifier would ask again and again, for a minute.
            return JsonResponse({"error": f"{type(error).__name__}: {error}"}, status=422)
    return JsonResponse({})


def set_up(parameters: dict[str, Any]) -> None:
    """Delete every row, then make those of the state.

    Raises:
        ValueError: a row cannot be made from these lookups; names the next step.
    """
    _delete_all()
    if "model" not in parameters:
        return
    model = apps.get_model(parameters["model"])
    columns = columns_of(model, parameters.get("where", {}))
    columns.update(_others(model, parameters.get("excluding", {})))
    # Where no row is to be found, a row it would refer to may bring some along by its factory.
    referring = columns if parameters.get("count", 0) else {}
    _make_targets(model, {**parameters.get("writes", {}), **referring})
    linked = {each.name: columns.pop(each.name) for each in model._meta.many_to_many
              if each.name in columns}  # fmt: skip
    for number in range(parameters.get("count", 0)):
        row = make(model, columns if number == 0 else _without_key(model, columns))
        for name, key in linked.items():
            target = model._meta.get_field(name).related_model
            getattr(row, name).set([make(target, {target._meta.pk.name: key})])


def _delete_all() -> None:
    """Empty every table but those that migrations fill and Django keeps in memory."""
    kept = {each._meta.db_table for each in apps.get_models() if each._meta.label in KEPT}
    for connection in connections.all():
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        tables = [name for name in names if name not in kept]
        statements = connection.ops.sql_flush(
            no_style(), tables, reset_sequences=True, allow_cascade=False
        )
        connection.ops.execute_sql_flush(statements)


def make(model: type[Model], columns: dict[str, Any]) -> Model:
    """Make one row, as PACT_STATES has it or else with model-bakery."""
    label = model._meta.label
    named = getattr(settings, SETTING).get(label)
    factory: Callable[..., Any] | None = import_string(named) if isinstance(named, str) else named
    if factory is not None:
        return cast("Model", factory(**columns))
    from model_bakery import baker  # noqa: PLC0415 - only where states are made

    for kind in {type(each) for its in apps.get_models() for each in its._meta.concrete_fields}:
        if issubclass(kind, ForeignKey) and hasattr(kind, "strangler_service"):
            baker.generators.add(kind, _key_of_row)
    return cast("Model", baker.make(model, _fill_optional=True, **columns))


def _key_of_row(remote_field: Any) -> Any:
    """Make what a relation refers to that reads from another service, and return its key."""
    return getattr(make(remote_field.model, {}), remote_field.field_name)


_key_of_row.required = ["remote_field"]  # type: ignore[attr-defined]


def columns_of(model: type[Model], where: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that a row must have to be found by some lookups.

    Raises:
        ValueError: a lookup leads through a relation, or has no known answer.
    """
    columns: dict[str, Any] = {}
    for lookup, value in where.items():
        parts = lookup.split("__")
        operator = parts.pop() if len(parts) > 1 and _is_operator(parts[-1]) else "exact"
        name = _column(model, parts)
        if name is None:
            raise ValueError(
                f"no {model._meta.label} can be made for {lookup!r}: leave the interaction out, or "
                "answer its state by a view of your own"
            )
        if operator in FIRST:
            value = value[0] if value else None  # noqa: PLW2901
        elif operator in DIFFERENT:
            value = value + DIFFERENT[operator] if isinstance(value, int) else value  # noqa: PLW2901
        elif operator == "isnull":
            if not value:
                continue
            value = None  # noqa: PLW2901
        columns[name] = value
    return columns


def _is_operator(word: str) -> bool:
    return word in SAME or word in FIRST or word in DIFFERENT or word == "isnull"


def _column(model: type[Model], parts: list[str]) -> str | None:
    """Return what a path of columns is called, from row to row by foreign keys; None if unknown."""
    names = []
    for number, part in enumerate(parts, 1):
        field = _field(model, part)
        if field is None or (number < len(parts) and not isinstance(field, ForeignKey)):
            return None
        is_key = part == "pk" or (number == len(parts) and part == getattr(field, "attname", ""))
        names.append(field.attname if is_key else field.name)
        model = field.remote_field.model if isinstance(field, ForeignKey) else model
    return "__".join(names)


def _field(model: type[Model], name: str) -> Any:
    if name == "pk":
        return model._meta.pk
    own = (*model._meta.concrete_fields, *model._meta.many_to_many)
    return next((each for each in own if name in {each.name, each.attname}), None)


def _others(model: type[Model], excluding: dict[str, Any]) -> dict[str, Any]:
    """Return columns with other values than those that rows are dropped by."""
    return {
        name: (not value) if isinstance(value, bool) else f"not {value}"
        for name, value in columns_of(model, excluding).items()
        if isinstance(value, (bool, str))
    }


def _make_targets(model: type[Model], columns: dict[str, Any]) -> None:
    """Make the rows that foreign keys among the columns refer to."""
    for each in model._meta.concrete_fields:
        value = columns.get(each.attname)
        if isinstance(each, ForeignKey) and value is not None:
            target, key = each.remote_field.model, each.target_field.attname
            if not target._base_manager.filter(**{key: value}).exists():
                make(target, {key: value})


def _without_key(model: type[Model], columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name != model._meta.pk.name}
