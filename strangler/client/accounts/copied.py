"""The accounts' model where a service holds a copy of its rows: to join, and for who asks a type.

class User(AccountCopy):            # generated from the owner's source, without the password
    email = models.EmailField(unique=True)

It is AUTH_USER_MODEL there. Nobody signs in by it: `request.user` is what the owner tells, a value,
and `isinstance(request.user, User)` holds for that as for rows of the copy.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from strangler.client.accounts.kind import AccountKind


class AccountCopy(models.Model, metaclass=AccountKind):
    """A row of the accounts, as of the last copying: no password, no groups, no permissions."""

    USERNAME_FIELD: str
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        """Each service's own class has the columns."""

        abstract = True

    def __str__(self) -> str:
        return self.get_username()

    @property
    def is_authenticated(self) -> bool:
        """Tell it from nobody."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """Tell it from nobody."""
        return False

    def get_username(self) -> str:
        """Return the name the user signs in with."""
        return str(getattr(self, self.USERNAME_FIELD))

    def natural_key(self) -> tuple[Any, ...]:
        """Return the name, as fixtures have it."""
        return (self.get_username(),)
