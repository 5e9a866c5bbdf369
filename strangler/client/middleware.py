"""What came along with a request goes along with the calls that answering it makes.

    MIDDLEWARE = [..., "strangler.client.middleware.CallContextMiddleware", ...]

after the authentication middleware. Calls then carry the request's trace, what is left of its
deadline, and its user as the one who acts. The user is looked up when a call is made, and only
where the view has looked already, or the request has a session cookie or credentials: pages that
are the same for everybody stay as cacheable as they were.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import JsonResponse
from django.utils.decorators import sync_and_async_middleware

from strangler.client.propagation import context
from strangler.client.propagation.identity import ForgedIdentityError
from strangler.client.sticky import known_user

if TYPE_CHECKING:
    from django.http import HttpRequest

try:
    from asgiref.sync import iscoroutinefunction
except ImportError:  # asgiref before 3.6
    from asyncio import iscoroutinefunction  # type: ignore[assignment]


@sync_and_async_middleware
def CallContextMiddleware(get_response: Any) -> Any:  # noqa: N802 - named like other middleware
    """Return the middleware, sync or async as what it wraps.

    A forged identity header is answered 401.
    """
    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> Any:
            try:
                with context.received(request.META, partial(_user_id, request)):
                    return await get_response(request)
            except ForgedIdentityError as error:
                return _refusal(error)

        return serve_async

    def serve(request: HttpRequest) -> Any:
        try:
            with context.received(request.META, partial(_user_id, request)):
                return get_response(request)
        except ForgedIdentityError as error:
            return _refusal(error)

    return serve


def _refusal(error: ForgedIdentityError) -> JsonResponse:
    return JsonResponse({"error": {"code": "forged_identity", "message": str(error)}}, status=401)


def _user_id(request: HttpRequest) -> str:
    user = known_user(request)
    if user is None and (
        settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
    ):
        user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    return str(user.pk)
