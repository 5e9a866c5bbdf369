"""Errors of the API in one shape: {"error": {"code", "message", "fields"?}}.

Services raise a `ShopError`; the framework's own exceptions are put into the same shape.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler
from rest_framework.views import set_rollback


class ShopError(Exception):
    """A rule of the shop refuses the request; subclasses set `status` and `code`.

    `fields` maps the name of an input to its messages.
    """

    status: HTTPStatus = HTTPStatus.BAD_REQUEST
    code: str = "rejected"

    def __init__(self, message: str, *, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class PreconditionFailedError(ShopError):
    """The object is no longer the one named by If-Match."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "precondition_failed"

    def __init__(self) -> None:
        super().__init__("The object has changed since it was read. Read it again and repeat.")


class PayloadTooLargeError(ShopError):
    """The body is larger than the endpoint takes."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "payload_too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The body is larger than {limit_bytes} bytes, the most allowed here.")


def error_body(code: str, message: str, fields: Any = None) -> dict[str, Any]:
    """Return the one error shape; `fields` maps a field to its list of messages."""
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = fields
    return {"error": error}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer any exception of a view in the one shape; unknown ones stay a 500."""
    if isinstance(exc, ShopError):
        set_rollback()
        return Response(error_body(exc.code, exc.message, exc.fields), status=exc.status)
    exc = _as_api_exception(exc)
    response = drf_exception_handler(exc, context)
    if response is None or not isinstance(exc, exceptions.APIException):
        return response
    if isinstance(exc, exceptions.ValidationError):
        fields = exc.detail if isinstance(exc.detail, dict) else {"detail": exc.detail}
        response.data = error_body("invalid", "Some fields are not valid.", fields)
    else:
        codes = exc.get_codes()
        code = codes if isinstance(codes, str) else exc.default_code
        response.data = error_body(code, str(exc.detail))
    return response


def _as_api_exception(exc: Exception) -> Exception:
    if isinstance(exc, DjangoValidationError):
        fields = exc.message_dict if hasattr(exc, "error_dict") else {"detail": exc.messages}
        return exceptions.ValidationError(fields)
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    return exc


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown address: JSON under /api/, the HTML page elsewhere."""
    if request.path.startswith("/api/"):
        body = error_body("not_found", f"There is nothing at {request.path}.")
        return JsonResponse(body, status=HTTPStatus.NOT_FOUND)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an unexpected failure without telling its cause to the outside."""
    if request.path.startswith("/api/"):
        body = error_body("server_error", "The shop failed to answer. Try again later.")
        return JsonResponse(body, status=HTTPStatus.INTERNAL_SERVER_ERROR)
    return defaults.server_error(request)
