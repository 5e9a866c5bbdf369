"""Name the signed-in user to the proxy, and to nobody else, so that the user keeps one side.

The cookie is a keyed digest of the user's primary key: the same on all devices of the user, and
telling nothing to whoever sees it. Put the middleware anywhere after
`django.contrib.auth.middleware.AuthenticationMiddleware`:

    MIDDLEWARE = [..., "strangler.client.sticky.StickyUserMiddleware"]

Settings: `STRANGLER_USER_COOKIE` (the policy's `proxy.user_cookie`, "strangler_user" by default)
and `STRANGLER_STICKY_KEY` (`SECRET_KEY` by default; give monolith and services the same one).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import LazyObject, empty

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

DIGEST_CHARACTERS = 32


def sticky_value(user_pk: Any) -> str:
    """Return the cookie's value for a user's primary key: 32 hexadecimal characters."""
    secret = getattr(settings, "STRANGLER_STICKY_KEY", None) or settings.SECRET_KEY
    digest = salted_hmac("strangler.client.sticky", str(user_pk), secret, algorithm="sha256")
    return digest.hexdigest()[:DIGEST_CHARACTERS]


class StickyUserMiddleware(MiddlewareMixin):
    """Sets the cookie once the request's user is known, and removes it after a logout.

    Only what the view looked at is looked at: neither session nor user is loaded for this, so
    anonymous responses stay as cacheable as they were. Responses for shared caches are left
    alone, and so are requests with an Authorization header, by which the policy's `user` key
    knows them already.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Set or delete the cookie where it differs from what the user should have."""
        user = known_user(request)
        if user is None or "Authorization" in request.headers or _is_shared(response):
            return response
        name = getattr(settings, "STRANGLER_USER_COOKIE", "strangler_user")
        sent = request.COOKIES.get(name)
        if user.is_authenticated:
            wanted = sticky_value(user.pk)
            if sent != wanted:
                _set(response, name, wanted)
                patch_vary_headers(response, ("Cookie",))
        elif sent:
            response.delete_cookie(
                name, path=settings.SESSION_COOKIE_PATH, domain=settings.SESSION_COOKIE_DOMAIN,
                samesite="Lax",
            )  # fmt: skip
            patch_vary_headers(response, ("Cookie",))
        return response

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve async without a hop to another thread: nothing here waits."""
        response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]
        return self.process_response(request, response)


def known_user(request: HttpRequest) -> Any:
    """Return the user that the view has loaded or signed in or out; None when it has not."""
    user = request.__dict__.get("user")
    if user is None or (isinstance(user, LazyObject) and user.__dict__.get("_wrapped") is empty):
        return request.__dict__.get("_acached_user")
    return user


def _is_shared(response: HttpResponseBase) -> bool:
    directives = response.get("Cache-Control", "").lower()
    return "public" in directives or "s-maxage" in directives


def _set(response: HttpResponseBase, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=None if settings.SESSION_EXPIRE_AT_BROWSER_CLOSE else settings.SESSION_COOKIE_AGE,
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
