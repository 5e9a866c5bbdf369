"""What foreign keys did when the other row was deleted, for references, which have none.

    the owner tells that users 4 and 7 were deleted ─> follow(Order._meta.get_field("user"), [4, 7])
    the owner's model is installed here too ─> its pre_delete signal does the same by itself

While owner and caller still share a process, deleting a row has the effects it had before its
foreign keys were severed: in the same transaction where both are in one database, else in that of
the referring table. Once they are apart, whoever handles the owner's events calls `follow`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import router
from django.db.models import ProtectedError, RestrictedError
from django.db.models.signals import class_prepared, pre_delete

if TYPE_CHECKING:
    from collections.abc import Sequence

REFUSALS = {"PROTECT": ProtectedError, "RESTRICT": RestrictedError}
_references: dict[str, list[Any]] = {}


def follow(field: Any, keys: Sequence[Any], using: str | None = None) -> int:
    """Do to the rows that refer to these keys what `on_delete` says; return how many there are.

    Deliver it as often as you like: there is nothing left to do the second time.

    Raises:
        ProtectedError, RestrictedError: rows refer to them, and say that they must not.
    """
    action = getattr(field.on_delete, "__name__", "")
    found = field.model._base_manager.using(using).filter(**{f"{field.attname}__in": list(keys)})
    if action in REFUSALS:
        rows = list(found)
        if rows:
            raise REFUSALS[action](
                f"Cannot delete some instances of model {field.to!r} because they are referenced"
                f" through a protected reference: '{field.model.__name__}.{field.name}'.",
                set(rows),
            )
        return 0
    if action == "CASCADE":
        _, deleted = found.delete()
        return int(deleted.get(field.model._meta.label, 0))
    if action == "DO_NOTHING":
        return int(found.count())
    settled = _Settled()
    field.on_delete(settled, field, found, using)
    return int(found.update(**{field.attname: field.key_of(settled.value)}))


class _Settled:
    """Stands for Django's collector where SET, SET_NULL and SET_DEFAULT say what to set."""

    value: Any = None

    def add_field_update(self, _field: Any, value: Any, _objects: Any) -> None:
        self.value = value

    def add_lazy_field_update(self, *arguments: Any) -> None:
        self.add_field_update(*arguments)


def register(field: Any) -> None:
    """Have a reference follow deletions in this process, where the other model is installed."""
    options = field.model._meta
    if options.abstract or options.apps is not apps:
        return
    known = _references.setdefault(field.to, [])
    if not known:
        for models in list(apps.all_models.values()):
            for model in list(models.values()):
                _listen(sender=model)
    known.append(field)


def _listen(sender: Any, **_: Any) -> None:
    if sender._meta.apps is apps and not sender._meta.abstract:
        label = sender._meta.concrete_model._meta.label
        if label in _references:
            pre_delete.connect(_follow, sender=sender, dispatch_uid=f"strangler.deletions.{label}")


def _follow(sender: Any, instance: Any, **_: Any) -> None:
    for field in _references[sender._meta.concrete_model._meta.label]:
        follow(field, [instance.pk], router.db_for_write(field.model, instance=instance))


class_prepared.connect(_listen, dispatch_uid="strangler.client.deletions")
