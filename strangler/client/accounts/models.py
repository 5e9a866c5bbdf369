"""AUTH_USER_MODEL where the accounts are kept elsewhere: a type to test with, and no table.

User = get_user_model()
isinstance(request.user, User)      # as ever: the client's value of the accounts' model counts
User.objects.get(...)               # says whom to ask instead
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from strangler.client.accounts.kind import AccountKind, label
from strangler.client.elsewhere import ElsewhereError


class _Nowhere(BaseUserManager):  # type: ignore[type-arg]
    """Says where the rows are."""

    def get_queryset(self) -> Any:
        raise ElsewhereError(f"the table of {label()}")


class AccountElsewhere(AbstractBaseUser, metaclass=AccountKind):
    """A user whose row another service has."""

    username: Any = models.CharField(max_length=150, unique=True)

    USERNAME_FIELD = "username"
    objects = _Nowhere()

    class Meta:
        """There is no table."""

        managed = False

    def __str__(self) -> str:
        return str(self.username)
