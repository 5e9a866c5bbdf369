"""Model classes of accounts of which the client's values count as instances."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models.base import ModelBase

from strangler.client.values import Value


def label() -> str:
    """Return the label of the accounts' model at its owner; "" where none is told."""
    return str(getattr(settings, "STRANGLER_ACCOUNTS", {}).get("model", ""))


class AccountKind(ModelBase):
    """Takes values of the accounts' model for instances of the class that stands for it here."""

    def __instancecheck__(cls, instance: Any) -> bool:  # noqa: N805 - of a metaclass
        if super().__instancecheck__(instance):
            return True
        options: Any = cls.__dict__["_meta"]
        is_value = isinstance(instance, Value) and not options.abstract
        return is_value and instance.strangler_binding.model == label()
