"""The one operation of the accounts' owner: whose credentials are these?

forwarded headers ─> the project's own middleware ─> DRF's authenticators, Django's user ─> Whose
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

from strangler.client import wire

if TYPE_CHECKING:
    from django.http import HttpRequest

READS = ("whoami",)
WRITES = ()
PROVIDER_SETTING = "STRANGLER_ACCOUNTS_PROVIDER"


def whoami(
    headers: dict[str, str], host: str, *, secure: bool, operation: str = "", argument: str = ""
) -> dict[str, Any]:
    """Tell whose the credentials in these headers are, as a page and as an API would see it.

    `headers` are Cookie, Authorization and the like, `host` and `secure` those of the request
    they came with. `operation` of the owner's provider, called with the key as `argument`, gives
    what is told of the user.

    The answer has `page` and `api`, each with `user` (None: nobody) and `vary` (whether a session
    was looked at); `api` also has `session` (the user came from it, so writes need a CSRF check),
    `challenge` (for WWW-Authenticate) and `refused` (a message, for credentials that are wrong).

    Raises:
        ValueError: the project's middleware answered by itself: an unknown host, a redirect.
    """
    request = _request(headers, host, secure=secure)
    response = _handler().get_response(request)
    told: dict[str, Any] | None = getattr(request, "strangler_whose", None)
    if told is None:
        raise ValueError(
            f"the middleware of the accounts' project answered {response.status_code} before the "
            f"user was known; is {host!r} among its ALLOWED_HOSTS?"
        )
    users = {"page": told["page"].pop("found"), "api": told["api"].pop("found")}
    known: dict[Any, dict[str, Any]] = {}
    for side, user in users.items():
        told[side]["user"] = None
        if user is not None and user.is_authenticated:
            if user.pk not in known:
                known[user.pk] = _account(user, operation, argument)
            told[side]["user"] = known[user.pk]
    response.close()
    return told


class _Handler(BaseHandler):
    """The project's middleware around a view that only looks at who asks."""

    def _get_response(self, request: HttpRequest) -> HttpResponse:
        from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415 - needs the apps

        user = request.user if hasattr(request, "user") else AnonymousUser()  # not looked at yet
        by_api = _by_api(request)
        by_page = {"found": user if user.is_authenticated else None, "vary": _looked(request)}
        request.strangler_whose = {"api": by_api, "page": by_page}  # type: ignore[attr-defined]
        return HttpResponse()


@lru_cache(maxsize=1)
def _handler() -> _Handler:
    handler = _Handler()
    handler.load_middleware()
    return handler


def _request(headers: dict[str, str], host: str, *, secure: bool) -> WSGIRequest:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/internal/accounts/whoami",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443" if secure else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": host,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if secure else "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    proxied = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    if proxied and secure:
        environ[proxied[0]] = proxied[1]
    for name, value in headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    return WSGIRequest(environ)


def _by_api(request: HttpRequest) -> dict[str, Any]:
    told: dict[str, Any] = {
        "found": None,
        "refused": None,
        "session": False,
        "challenge": "",
        "vary": False,
    }
    try:
        from rest_framework.authentication import SessionAuthentication  # noqa: PLC0415
        from rest_framework.exceptions import APIException  # noqa: PLC0415
        from rest_framework.views import APIView  # noqa: PLC0415
    except ImportError:
        return told
    api = APIView().initialize_request(request)
    first: Any = next(iter(api.authenticators or ()), None)
    if first is not None:
        told["challenge"] = first.authenticate_header(api) or ""
    try:
        user: Any = api.user
    except APIException as error:
        told["refused"] = {
            "status": error.status_code,
            "detail": error.detail,
            "code": error.get_codes(),
        }
    else:
        told["found"] = user if user is not None and user.is_authenticated else None
        told["session"] = isinstance(api.successful_authenticator, SessionAuthentication)
    told["vary"] = _looked(request)
    return told


def _looked(request: HttpRequest) -> bool:
    return bool(getattr(getattr(request, "session", None), "accessed", False))


def _account(user: Any, operation: str, argument: str) -> dict[str, Any]:
    """Return what is told of a user: the value's content, and what Django asks of any user."""
    value = None
    if operation:
        provider = _provider()
        if operation not in provider.READS:
            raise ValueError(f"{provider.__name__} has no operation {operation!r} that reads")
        value = json.loads(wire.dumps(getattr(provider, operation)(**{argument: user.pk})))
    permissions: set[str] = getattr(user, "get_all_permissions", set)()
    return {
        "id": user.pk,
        "value": value,
        "username": user.get_username(),
        "is_active": bool(user.is_active),
        "is_staff": bool(getattr(user, "is_staff", False)),
        "is_superuser": bool(getattr(user, "is_superuser", False)),
        "permissions": sorted(permissions),
    }


def _provider() -> Any:
    name = getattr(settings, PROVIDER_SETTING, "")
    if not name:
        raise ImproperlyConfigured(
            f"{PROVIDER_SETTING} is not set: name the module that `codemods rewrite` generated "
            'for the owner of the accounts, such as "shop.users.provider"'
        )
    return import_module(name)
