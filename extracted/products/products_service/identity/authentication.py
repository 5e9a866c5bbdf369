"""Authenticates a request by asking the monolith; the answer is kept for a short time.

The accounts, tokens and sessions stay the monolith's. A request without credentials asks nobody.
When the monolith cannot be asked, reads go on as for a visitor who is not signed in: only staff
see anything else.
"""

import hashlib
import logging
from typing import Any

import requests
from django.conf import settings
from django.core.cache import cache
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from products_service.identity.visitors import Visitor

logger = logging.getLogger(__name__)
session = requests.Session()


class MonolithIdentity(BaseAuthentication):
    """Token or session, in the monolith's order; a refused token is answered 401.

    A session counts for reads only: a write by session needs the CSRF check, which is where the
    session is.
    """

    def authenticate(self, request: Request) -> tuple[Visitor, None] | None:
        authorization = request.headers.get("Authorization", "")
        if authorization.split(" ")[0].lower() == "token":
            found = _ask({"Authorization": authorization})
            if "refused" in found:
                raise AuthenticationFailed(found["refused"])
            return (Visitor(**found), None) if found else None
        # The answer depends on the session, whether there is one or not.
        request._request.depends_on_cookie = True  # noqa: SLF001
        key = request.COOKIES.get(settings.MONOLITH_SESSION_COOKIE)
        if not key or request.method not in SAFE_METHODS:
            return None
        found = _ask({"Cookie": f"{settings.MONOLITH_SESSION_COOKIE}={key}"})
        return (Visitor(**found), None) if found.get("id") else None

    def authenticate_header(self, request: Request) -> str:
        return "Token"


def _ask(credentials: dict[str, str]) -> dict[str, Any]:
    """Return the visitor's fields, {"refused": message}, or nothing when it cannot be known."""
    if not settings.IDENTITY_URL:
        return {}
    key = "identity:" + hashlib.sha256(repr(credentials).encode()).hexdigest()
    found = cache.get(key)
    if found is None:
        try:
            answer = session.get(
                f"{settings.IDENTITY_URL}/api/users/me/",
                headers=credentials,
                timeout=settings.IDENTITY_TIMEOUT_S,
                allow_redirects=False,
            )
            found = _read(answer)
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            logger.warning("the monolith cannot tell who asks: %s", error)
            return {}
        cache.set(key, found, settings.IDENTITY_CACHE_S)
    return found


def _read(answer: requests.Response) -> dict[str, Any]:
    body = answer.json()
    if answer.status_code == requests.codes.unauthorized:
        return {"refused": str(body["error"]["message"])}
    answer.raise_for_status()
    return {"id": int(body["id"]), "is_staff": bool(body["is_staff"])}
