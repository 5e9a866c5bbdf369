"""`request.user` of Django REST framework's views, where the accounts are kept elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed

from strangler.client.accounts.asking import whose
from strangler.client.accounts.middleware import LOOKED
from strangler.client.failures import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest
    from rest_framework.request import Request


class AccountsUnavailable(APIException):
    """The owner of the accounts does not answer; a proxy in front may try the monolith."""

    status_code = 503
    default_detail = "Who asks cannot be known at the moment. Try again."
    default_code = "unavailable"


class AccountAuthentication(BaseAuthentication):
    """The owner's authenticators, in the owner's order, with the owner's refusals.

    A user known by session passes the CSRF check that `SessionAuthentication` makes, here, with
    the cookie that the monolith set.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """Return the user, None for nobody.

        Raises:
            APIException: credentials that are wrong, with the owner's status and message; 503
                when the owner does not answer.
        """
        try:
            found = whose(_django(request))
        except UnavailableError as error:
            raise AccountsUnavailable from error
        if found.api_looked:
            setattr(_django(request), LOOKED, True)
        if found.refused is not None:
            raise _refusal(found.refused)
        if found.api is None:
            return None
        if found.by_session:
            SessionAuthentication().enforce_csrf(request)
        return found.api, None

    def authenticate_header(self, request: Request) -> str:
        """Return the owner's challenge; "" makes DRF answer 403 in place of 401, as there."""
        try:
            return whose(_django(request)).challenge
        except UnavailableError:
            return ""


def _django(request: Request) -> HttpRequest:
    return request._request  # noqa: SLF001 - as DRF's own authentication does


def _refusal(told: Mapping[str, Any]) -> APIException:
    if told["status"] == AuthenticationFailed.status_code:
        return AuthenticationFailed(told["detail"], told["code"])  # DRF adds the challenge
    refusal = APIException(told["detail"], told["code"])
    refusal.status_code = told["status"]
    return refusal
