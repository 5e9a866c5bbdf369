"""`client.force_login(value)` where the accounts are kept elsewhere: `request.user` is the value.

force_login ─> a cookie, as of the owner ─> the service's own middleware ─> whoami ─> answered here

A session that the service itself keeps has another cookie, and lives on.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

from strangler.client import wire
from strangler.client.accounts import asking
from strangler.client.accounts.kind import AccountKind
from strangler.client.testing.copies import value_of_copy
from strangler.client.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "strangler-test-session-"
COOKIE = "strangler_test_account"


class Accounts:
    """Who is signed in by which session; the transport of the accounts' one operation.

    `challenge` is what the owner's first authenticator puts into WWW-Authenticate: "" for a
    session's, which makes DRF answer 403 in place of 401.
    """

    challenge = ""

    def __init__(self) -> None:
        self._signed_in: dict[str, dict[str, Any]] = {}

    def asks_like(self, authentication: str) -> None:
        """Take the challenge of the owner's first authenticator, by the dotted name of its class.

        Raises:
            ImportError: there is no such class here.
        """
        authenticator: Any = import_string(authentication)()
        self.challenge = authenticator.authenticate_header(None) or ""

    def session(self, user: Value, *, permissions: tuple[str, ...] = ()) -> str:
        """Sign a user in, and return the session's key, as the cookie carries it."""
        key = f"{PREFIX}{len(self._signed_in) + 1}"
        content = json.loads(wire.dumps(user))
        named = (content.get(name) for name in ("username", "email"))
        self._signed_in[key] = {
            "id": user.pk,
            "value": content,
            "username": next((each for each in named if each), str(user)),
            "is_active": bool(content.get("is_active", True)),
            "is_staff": bool(content.get("is_staff")),
            "is_superuser": bool(content.get("is_superuser")),
            "permissions": sorted(permissions),
        }
        return key

    def call(self, _: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Answer `whoami`: whose session the cookie names; nobody's otherwise."""
        cookies = SimpleCookie(arguments["headers"].get("Cookie", ""))
        held = [cookies[name].value for name in (COOKIE, settings.SESSION_COOKIE_NAME)
                if name in cookies]  # fmt: skip
        user = next((self._signed_in[key] for key in held if key in self._signed_in), None)
        side = {"user": user, "vary": True}
        told = {"session": user is not None, "challenge": self.challenge, "refused": None}
        return {"page": dict(side), "api": {**side, **told}}

    def close(self) -> None:
        """Do nothing: nothing is open."""

    @contextmanager
    def used(self) -> Iterator[None]:
        """Let Django's test client sign values in while the block runs."""
        former = Client.force_login, Client.logout
        accounts = self

        def force_login(self: Any, user: Any, backend: str | None = None) -> None:
            if isinstance(type(user), AccountKind):
                user = value_of_copy(user)
            if isinstance(user, Value):
                self.cookies[COOKIE] = accounts.session(user)
            else:
                former[0](self, user, backend)

        def logout(self: Any) -> None:
            self.cookies = SimpleCookie()

        asking.forget()
        asking.SERVICE.stand_in(self)
        Client.force_login, Client.logout = force_login, logout  # type: ignore[method-assign]
        try:
            yield
        finally:
            Client.force_login, Client.logout = former  # type: ignore[method-assign]
            asking.SERVICE.stand_in(None)
            asking.forget()
            self._signed_in.clear()
