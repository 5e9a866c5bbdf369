"""Errors of the API in one shape: {"error": {"code", "message", "fields"?}}.

Services raise an `ApplicationError`; the frameworks' own exceptions are put into the same shape.
The classes are named for what went wrong, as Django's `Http404` and REST framework's are.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler


class ApplicationError(exceptions.APIException):
    """A rule of the shop refuses the request; services raise it, the API answers 400."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "rejected"
    default_detail = "The request breaks a rule of the shop."


class Conflict(ApplicationError):  # noqa: N818
    """The request does not fit the state the object is in; answered 409."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "The object's state does not allow this."


class PreconditionFailed(ApplicationError):  # noqa: N818
    """The object is no longer the one named by If-Match; answered 412."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = "The object has changed since it was read. Read it again and repeat."


class PayloadTooLarge(ApplicationError):  # noqa: N818
    """The body is larger than this endpoint takes; answered 413."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "payload_too_large"
    default_detail = "The body is too large."


def error_body(code: str, message: str, fields: Any = None) -> dict[str, Any]:
    """Return the one error shape; `fields` maps a field to its list of messages."""
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = fields
    return {"error": error}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer any exception of a view in the one shape; unknown ones stay a 500."""
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
        return JsonResponse(body, status=status.HTTP_404_NOT_FOUND)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an unexpected failure without telling its cause to the outside."""
    if request.path.startswith("/api/"):
        body = error_body("server_error", "The shop failed to answer. Try again later.")
        return JsonResponse(body, status=status.HTTP_500_INTERNAL_SERVER_ERROR)
    return defaults.server_error(request)
