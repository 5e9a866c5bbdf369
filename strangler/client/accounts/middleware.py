"""`request.user` of Django's views, where the accounts are kept elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from strangler.client.accounts.asking import whose
from strangler.client.accounts.unavailable import answer
from strangler.client.failures import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

LOOKED = "strangler_session_looked"


class AccountsMiddleware:
    """Stands where SessionMiddleware and AuthenticationMiddleware stood in the monolith.

    The owner is asked when a view looks at the user, not before. The answer varies by Cookie
    where the owner's session was looked at, as it did in the monolith. When the owner does not
    answer, the request is answered 503, so that a proxy in front may try the monolith.
    """

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve a request; the user is only looked up where something looks at it."""
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]
        response = self.get_response(request)
        if getattr(request, LOOKED, False):
            patch_vary_headers(response, ("Cookie",))
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Answer 503 where the owner of the accounts could not be asked."""
        return answer(request, exception) if isinstance(exception, UnavailableError) else None


def _user(request: HttpRequest) -> object:
    found = whose(request)
    if found.page_looked:
        setattr(request, LOOKED, True)
    return found.page or AnonymousUser()
