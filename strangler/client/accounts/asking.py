"""Ask the owner of the accounts whose credentials a request carries, and keep the answer a moment.

Kept in this process only, by a digest of the credentials, for `STRANGLER_ACCOUNTS["cache_s"]`
seconds (5 by default): that long a logout may take to be noticed here; 0 asks every time.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from strangler.client.accounts import provider
from strangler.client.accounts.account import Account, account_class
from strangler.client.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

SERVICE = Service(
    "accounts",
    provider=provider.__name__,
    values=sys.modules[__name__],
    operations=provider.__name__,
)
SETTING = "STRANGLER_ACCOUNTS"
CREDENTIALS = ("Cookie", "Authorization")
CACHE_S, CACHED_ANSWERS = 5.0, 10_000


@dataclass(frozen=True)
class Options:
    """The setting STRANGLER_ACCOUNTS.

    `client` is the generated client of the accounts' owner ("" when nothing here reads users),
    `model` the label of their model; `headers` are the request headers that carry credentials.
    """

    model: str
    client: str = ""
    headers: tuple[str, ...] = CREDENTIALS
    cache_s: float = CACHE_S


@dataclass(frozen=True)
class Whose:
    """What the owner said: `page` for Django's views, `api` for DRF's; None is nobody."""

    page: Account | None
    page_looked: bool
    api: Account | None
    api_looked: bool
    by_session: bool
    challenge: str
    refused: Mapping[str, Any] | None = field(default=None, hash=False)


def whose(request: HttpRequest) -> Whose:
    """Return whose the request's credentials are; asked at most once for each request.

    Raises:
        ServiceError: when the owner does not answer. Nobody is taken for anybody then.
    """
    found: Whose | None = getattr(request, "strangler_whose", None)
    if found is None:
        found = _asked(request)
        request.strangler_whose = found  # type: ignore[attr-defined]
    return found


@lru_cache(maxsize=1)
def options() -> Options:
    """Return the setting, checked.

    Raises:
        ImproperlyConfigured: when it is missing, or has a name it does not know.
    """
    given = getattr(settings, SETTING, None)
    allowed = ", ".join(Options.__dataclass_fields__)
    if not isinstance(given, dict) or "model" not in given:
        raise ImproperlyConfigured(
            f'{SETTING} must be a dictionary with at least "model", such as '
            f'{{"client": "shop.clients.users_client", "model": "users.User"}}; got {given!r}'
        )
    unknown = sorted(set(given) - set(Options.__dataclass_fields__))
    if unknown:
        raise ImproperlyConfigured(f"{SETTING} has {', '.join(unknown)}; allowed are {allowed}")
    return Options(**{**given, "headers": tuple(given.get("headers", CREDENTIALS))})


def forget() -> None:
    """Forget what was asked, and the setting; for tests."""
    options.cache_clear()
    with _lock:
        _kept.clear()


_kept: OrderedDict[bytes, tuple[float, Whose]] = OrderedDict()
_lock = Lock()


def _asked(request: HttpRequest) -> Whose:
    chosen = options()
    headers = {name: request.headers[name] for name in chosen.headers if request.headers.get(name)}
    host, secure = request.get_host(), request.is_secure()
    key = hashlib.sha256(repr((sorted(headers.items()), host, secure)).encode()).digest()
    now = time.monotonic()
    with _lock:
        kept = _kept.get(key)
    if kept is not None and kept[0] > now:
        return kept[1]
    kind = account_class(_client(chosen), chosen.model)
    operation, argument = kind.how_asked()
    answer = SERVICE.call(
        "whoami",
        headers=headers,
        host=host,
        secure=secure,
        operation=operation,
        argument=argument,
    )
    found = _read(kind, answer)
    if chosen.cache_s > 0:
        with _lock:
            _kept[key] = (now + chosen.cache_s, found)
            while len(_kept) > CACHED_ANSWERS:
                _kept.popitem(last=False)
    return found


def _read(kind: type[Account], answer: dict[str, Any]) -> Whose:
    page, api = answer["page"], answer["api"]
    return Whose(
        page=kind.told(page["user"]),
        page_looked=page["vary"],
        api=kind.told(api["user"]),
        api_looked=api["vary"],
        by_session=api["session"],
        challenge=api["challenge"],
        refused=api["refused"],
    )


def _client(chosen: Options) -> Service | None:
    if not chosen.client:
        return None
    service: Service = import_module(chosen.client).SERVICE
    return service
