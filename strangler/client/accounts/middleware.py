"""`request.user` of Django's views, where the accounts are kept elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from strangler.client.accounts.asking import whose
from strangler.client.accounts.unavailable import answer
from strangler.client.failures import UnavailableError

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

LOOKED = "strangler_session_looked"


class AccountsMiddleware(AuthenticationMiddleware):
    """Stands where Django's AuthenticationMiddleware stood in the monolith.

    The owner is asked when a view looks at the user, not before. The answer varies by Cookie
    where the owner's session was looked at, as it did in the monolith. When the owner does not
    answer, the request is answered 503, so that a proxy in front may try the monolith.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Give the request a user who is looked up where something looks."""
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Say that the answer depends on the session, where it does."""
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
