"""Who calls, and on whose behalf: the headers that generated clients send.

    SERVICE_TOKEN, SERVICE_TOKEN_ALSO                      what callers send as bearer token
    STRANGLER_IDENTITY_KEY, STRANGLER_IDENTITY_KEY_ALSO    what signs the acting user's key

The signature is that of Django's TimestampSigner, which callers use:
https://docs.djangoproject.com/en/5.2/topics/signing/
"""

from __future__ import annotations

import hashlib
import hmac
import os
import string
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import unquote

from starlette.datastructures import Headers

from users_asgi.errors import ToldError

HEADER, MAX_AGE_S = "X-Strangler-Identity", 60
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")
_SALT = "strangler.client.identity"
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def admit(headers: Headers, address: str) -> None:
    """Let a caller in who has the token, or, where there is none, one on this machine.

    Raises:
        ToldError: 401 or 403.
    """
    tokens = list(_set("SERVICE_TOKEN", "SERVICE_TOKEN_ALSO"))
    if tokens:
        sent = headers.get("Authorization", "").encode()
        if not any([hmac.compare_digest(sent, f"Bearer {token}".encode()) for token in tokens]):
            raise ToldError(401, "unauthorized", "send the service's SERVICE_TOKEN as bearer token")
        return
    host = headers.get("Host", "localhost")
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    direct = not any(headers.get(name) for name in FORWARDED)
    if not (direct and _is_loopback(address) and _is_loopback(host)):
        raise ToldError(
            403, "forbidden",
            "without SERVICE_TOKEN only direct callers on this machine are answered; set "
            "SERVICE_TOKEN here and the same token for the callers",
        )  # fmt: skip


def acting(headers: Headers) -> str:
    """Return the key of the user on whose behalf a call is made; "" where nobody is named.

    Raises:
        ToldError: 401, for a header that no key of this service signed within a minute.
    """
    sent = headers.get(HEADER, "")
    if not sent:
        return ""
    value, _, signature = sent.rpartition(":")
    user_id, _, signed_at = value.rpartition(":")
    for key in _set("STRANGLER_IDENTITY_KEY", "STRANGLER_IDENTITY_KEY_ALSO"):
        if hmac.compare_digest(_signature(value, key).encode(), signature.encode()):
            if time.time() - _number(signed_at) > MAX_AGE_S:
                break
            return unquote(user_id)
    raise ToldError(
        401, "forged_identity",
        f"{HEADER} was not signed with a STRANGLER_IDENTITY_KEY of this service, or more than "
        f"{MAX_AGE_S} s ago",
    )  # fmt: skip


def _signature(value: str, key: str) -> str:
    secret = hashlib.sha256(f"{_SALT}signer".encode() + key.encode()).digest()
    made = hmac.new(secret, value.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def _number(text: str) -> int:
    """Return a number of base 62; 0 where it is none."""
    number = 0
    for character in text:
        if character not in _DIGITS:
            return 0
        number = number * len(_DIGITS) + _DIGITS.index(character)
    return number


def _set(*names: str) -> Iterable[str]:
    return filter(None, (os.environ.get(name) for name in names))


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
