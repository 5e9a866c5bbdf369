"""Keys into copied tables: joined as ever, and no constraint of the database."""

from __future__ import annotations

from typing import Any

from django.conf import settings


def labels() -> frozenset[str]:
    """Return the models whose tables are copies, as "orders.Order"."""
    return frozenset(getattr(settings, "STRANGLER_REPLICAS", ()))


def is_copy(model: Any) -> bool:
    """Tell whether a model's table is a copy, or holds the links of a copied model's rows."""
    owner = model._meta.auto_created or model
    return owner._meta.label in labels()


def loosen(*, sender: Any, **_: Any) -> None:
    """Drop the constraint of each relation of a model that leads to a copied table.

    A row that refers to it may be written before the copy of that one arrives, and a copy may go
    first. Migrations made afterwards say `db_constraint=False`. Called for every model, and for the
    tables of links that Django makes itself.
    """
    options, copied = sender._meta, labels()
    for field in options.local_fields:
        if field.remote_field and _label(field.remote_field.model, options) in copied:
            field.db_constraint = False
    for field in options.local_many_to_many:
        if _label(field.remote_field.model, options) in copied:
            field.remote_field.db_constraint = False


def _label(model: Any, options: Any) -> str:
    if not isinstance(model, str):
        return str(model._meta.label)
    return model if "." in model else f"{options.app_label}.{model}"
