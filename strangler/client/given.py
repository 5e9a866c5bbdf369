"""A row of another owner, as far as a caller gave it along with an operation.

Where the model is installed it is an instance with its other columns deferred: a query reads them
when they are asked for. Elsewhere it is a value of that key with those columns and no more, which
goes into relations to that model as the client's own values do.
"""

from __future__ import annotations

from dataclasses import make_dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import router

from strangler.client.values import Value


def given_row(label: str, key: Any, **columns: Any) -> Any:
    """Return what stands for the row of a model, "orders.Order", with this key and columns."""
    try:
        model = apps.get_model(label)
    except LookupError:
        return _kind(label, tuple(columns))(id=key, **columns)
    held = {model._meta.pk.attname: key, **columns}
    names = [each.attname for each in model._meta.concrete_fields if each.attname in held]
    return model.from_db(router.db_for_read(model), names, [held[name] for name in names])


@lru_cache(maxsize=None)  # noqa: UP033 - cache() came with Python 3.9
def _kind(label: str, columns: tuple[str, ...]) -> type[Any]:
    fields: list[Any] = [("id", Any), *((name, Any) for name in columns)]

    class Given(Value, model=label, pk="id", keys=()):
        """A row that a caller gave along."""

    made: type[Any] = make_dataclass(
        label.rpartition(".")[2], fields, bases=(Given,), frozen=True, eq=False, repr=False
    )
    return made
