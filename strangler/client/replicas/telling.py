"""Signals of copied rows: receivers here hear of a change once it has been copied.

rows as they were ─> copying ─> rows as they are ─> post_save of what is new or other than it was,
    post_delete of what is gone, in the transaction of the copying

A receiver that fails undoes the copying, so the next one tells it again; one that would write a
copy is only logged, for it would fail every time. Several changes between two copyings are one.
Nothing is told of a table that was empty, for then it is filled; signals of fixtures say `raw` for
the same reason. A model that nobody listens to costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_delete, post_save

from strangler.client.replicas.loosen import is_copy
from strangler.client.replicas.router import ReplicaWriteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    Known = dict[Any, dict[Any, tuple[Any, ...]]]
    """Rows by model and key, each as the values of its columns."""


def known(models: Sequence[Any]) -> Known:
    """Return the rows of copied models that somebody listens to."""
    return {model: _rows(model) for model in models if is_copy(model) and _is_heard(model)}


def tell(before: Known) -> None:
    """Send the signals of what has changed since."""
    for model, former in before.items():
        if not former:
            continue
        names = _names(model)
        now = _rows(model)
        told = {"using": DEFAULT_DB_ALIAS}
        for key, values in now.items():
            if former.get(key) != values:
                row = model.from_db(DEFAULT_DB_ALIAS, names, values)
                _sent(
                    post_save, model, instance=row, created=key not in former, raw=False,
                    update_fields=None, **told,
                )  # fmt: skip
        for key in former.keys() - now.keys():
            row = model.from_db(DEFAULT_DB_ALIAS, names, former[key])
            _sent(post_delete, model, instance=row, origin=row, **told)


def _sent(signal: Any, model: Any, **told: Any) -> None:
    for _, answer in signal.send_robust(model, **told):  # which logs what is raised
        if isinstance(answer, Exception) and not isinstance(answer, ReplicaWriteError):
            raise answer


def _is_heard(model: Any) -> bool:
    return post_save.has_listeners(model) or post_delete.has_listeners(model)


def _names(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _rows(model: Any) -> dict[Any, tuple[Any, ...]]:
    names = _names(model)
    place = names.index(model._meta.pk.attname)
    rows = model._base_manager.order_by("pk").values_list(*names)
    return {row[place]: row for row in rows.iterator()}
