"""The user of a request whose account is kept elsewhere: the client's value, and what Django asks.

content of `whoami` ─> Account: the value's fields, is_authenticated, is_staff, has_perm, ...
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from strangler.client import wire
from strangler.client.failures import MisconfiguredError
from strangler.client.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from strangler.client.service import Service


class Account:
    """What `django.contrib.auth` gives every user, answered from what the owner told.

    Mixed into the value class of the accounts' model, so `request.user.email` and `==` are as
    of any other value of it.
    """

    is_authenticated, is_anonymous = True, False
    _told: dict[str, Any]

    @classmethod
    def how_asked(cls) -> tuple[str, str]:
        """Return the owner's operation that gives the value by its key, and its argument."""
        raise NotImplementedError

    @classmethod
    def told(cls, content: dict[str, Any] | None) -> Self | None:
        """Return the account in an answer of `whoami`; None for nobody."""
        if content is None:
            return None
        account: Self = wire.decode(cls, content["value"] or {cls._key(): content["id"]})
        for name in ("username", "is_active", "is_staff", "is_superuser"):
            if name not in account.__dict__:
                account.__dict__[name] = content[name]
        account.__dict__["_permissions"] = frozenset(content["permissions"])
        return account

    @classmethod
    def _key(cls) -> str:
        raise NotImplementedError

    def get_username(self) -> str:
        """Return the name the user signs in with."""
        return str(self.__dict__["username"])

    def get_all_permissions(self, obj: object = None) -> frozenset[str]:
        """Return the user's permissions; none for single objects, as Django's own backend."""
        permissions: frozenset[str] = self.__dict__["_permissions"]
        return permissions if obj is None else frozenset()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Tell whether the user has a permission such as "orders.change_order"."""
        if not self.__dict__["is_active"]:
            return False
        return self.__dict__["is_superuser"] or perm in self.get_all_permissions(obj)

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        """Tell whether the user has all of these permissions."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Tell whether the user has any permission of an app."""
        if not self.__dict__["is_active"]:
            return False
        return self.__dict__["is_superuser"] or any(
            perm.partition(".")[0] == app_label for perm in self.get_all_permissions()
        )


@dataclass(frozen=True, eq=False, repr=False)
class _Bare(Value, pk="id"):
    """A user of whom nothing but the key is known here."""

    id: Any


@lru_cache(maxsize=None)  # noqa: UP033 - cache() came with Python 3.9
def account_class(service: Service | None, model: str) -> Any:
    """Return the class of `request.user`: the service's value class of `model` and `Account`.

    Without a service, or where its contract has no such values, it carries the key alone.
    """
    try:
        value: type[Value] = service.value_class(model) if service else _Bare
    except MisconfiguredError:
        value = _Bare
    binding = value.strangler_binding
    key = next((key for key in binding.keys if key.column == binding.pk), None)
    asked = (key.get, key.argument or key.column) if key else ("", "")
    return type(
        model.rpartition(".")[2],
        (Account, value),
        {
            "__module__": value.__module__,
            "__doc__": value.__doc__,
            "how_asked": classmethod(lambda _: asked),
            "_key": classmethod(lambda _: binding.pk),
        },
        **({"model": model} if value is _Bare else {}),
    )
