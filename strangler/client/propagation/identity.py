"""On whose behalf a call is made: the acting user's key, signed, and good for a minute.

    STRANGLER_IDENTITY_KEY        the secret that signs; services that call each other share it
    STRANGLER_IDENTITY_KEY_ALSO   accepted too, while the key is exchanged

Without a key nothing is sent, and what is received is refused: it cannot be told from a forgery.
To exchange a key without a refused call: set the next one as ..._ALSO everywhere, then swap the
two everywhere, then drop the first.

The header says who acts, not what they may do; that stays with each service. It is bound to no
service, so whoever receives one could act for that user elsewhere within the minute: services that
share the key trust each other.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from django.core import signing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextvars import Token

    Actor = Callable[[], str]

HEADER = "X-Strangler-Identity"
KEY_VARIABLE, ALSO_VARIABLE = "STRANGLER_IDENTITY_KEY", "STRANGLER_IDENTITY_KEY_ALSO"
SALT = "strangler.client.identity"
MAX_AGE_S, SIGN_AGAIN_S = 60, 15
_actor: ContextVar[Actor | None] = ContextVar("strangler_identity", default=None)


class ForgedIdentityError(Exception):
    """An identity header that this process cannot trust; the message says why, without it."""


def current() -> str:
    """Return the primary key of the acting user as text; "" where nobody is known to act."""
    actor = _actor.get()
    if actor is None:
        return ""
    token = _actor.set(None)  # finding out who acts may itself call a service
    try:
        return actor()
    finally:
        _actor.reset(token)


@contextmanager
def acting_as(user_id: object) -> Iterator[None]:
    """Make the block's calls on behalf of a user; None is nobody."""
    token = begin(lambda: "" if user_id is None else str(user_id))
    try:
        yield
    finally:
        end(token)


def begin(actor: Actor) -> Token[Actor | None]:
    """Have `actor` asked, at each call, for the acting user's key; `end` takes it back."""
    return _actor.set(actor)


def end(token: Token[Actor | None]) -> None:
    """Take an actor back."""
    _actor.reset(token)


def signed(user_id: str) -> str:
    """Return the header for a user; "" where there is no key or no user."""
    key = os.environ.get(KEY_VARIABLE, "")
    if not key or not user_id:
        return ""
    return _signed(user_id, key, int(time.time() / SIGN_AGAIN_S))


def verified(text: str) -> str:
    """Return the user's key from a header.

    Raises:
        ForgedIdentityError: when no key of this process signed it, or too long ago.
    """
    keys = [os.environ.get(name, "") for name in (KEY_VARIABLE, ALSO_VARIABLE)]
    if not any(keys):
        raise ForgedIdentityError(f"{HEADER} cannot be verified here: set {KEY_VARIABLE}")
    for key in filter(None, keys):
        try:
            return unquote(_signer(key).unsign(text, max_age=MAX_AGE_S))
        except signing.SignatureExpired:
            raise ForgedIdentityError(
                f"{HEADER} was signed more than {MAX_AGE_S} s ago; do the clocks agree?"
            ) from None
        except signing.BadSignature:
            continue
    raise ForgedIdentityError(f"{HEADER} was not signed with the {KEY_VARIABLE} of this service")


@lru_cache(maxsize=1024)
def _signed(user_id: str, key: str, _period: int) -> str:
    return _signer(key).sign(quote(user_id, safe=""))


@lru_cache(maxsize=4)
def _signer(key: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(key=key, salt=SALT)
