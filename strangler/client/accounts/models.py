"""AUTH_USER_MODEL where the accounts are kept elsewhere: a type to test with, and no table.

User = get_user_model()
isinstance(request.user, User)      # as ever: the client's value of the accounts' model counts
User.objects.get(...)               # says whom to ask instead
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.base import ModelBase

from strangler.client.elsewhere import ElsewhereError
from strangler.client.values import Value


def _label() -> str:
    return str(getattr(settings, "STRANGLER_ACCOUNTS", {}).get("model", ""))


class _Kind(ModelBase):
    """Takes values of the accounts' model for its instances."""

    def __instancecheck__(cls, instance: object) -> bool:  # noqa: N805 - of a metaclass
        if super().__instancecheck__(instance):
            return True
        is_value = isinstance(instance, Value) and cls.__module__ == __name__
        return is_value and instance.strangler_binding.model == _label()  # type: ignore[attr-defined]


class _Nowhere(BaseUserManager):  # type: ignore[type-arg]
    """Says where the rows are."""

    def get_queryset(self) -> Any:
        raise ElsewhereError(f"the table of {_label()}")


class AccountElsewhere(AbstractBaseUser, metaclass=_Kind):
    """A user whose row another service has."""

    username: Any = models.CharField(max_length=150, unique=True)

    USERNAME_FIELD = "username"
    objects = _Nowhere()

    class Meta:
        """There is no table."""

        managed = False

    def __str__(self) -> str:
        return str(self.username)
