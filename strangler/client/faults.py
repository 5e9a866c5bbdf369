"""Errors that an owner raises on purpose, and how they reach its callers with their meaning.

serving: error ─> told ─> {"error": {"code": ..., "message": ...}}
client:  {"error": ...} ─> raise_told ─> the same class, the value's own where it has one
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from django.apps import apps
from django.core.exceptions import (
    MultipleObjectsReturned,
    ObjectDoesNotExist,
    PermissionDenied,
    ValidationError,
)
from django.db import DataError, IntegrityError

from strangler.client import raised, rows
from strangler.client.failures import InvalidArgumentError, TakenBackError, TooManyIdsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strangler.client.service import Service

TOO_MANY_IDS = "too_many_ids"
DOES_NOT_EXIST, MULTIPLE = "does_not_exist", "multiple_objects_returned"
_ROW_ERRORS = {DOES_NOT_EXIST: "DoesNotExist", MULTIPLE: "MultipleObjectsReturned"}
_CODES: tuple[tuple[type[Exception], str, int], ...] = (
    (ObjectDoesNotExist, DOES_NOT_EXIST, 404),
    (MultipleObjectsReturned, MULTIPLE, 409),
    (IntegrityError, "integrity_error", 409),
    (ValidationError, "validation_error", 400),
    (PermissionDenied, "permission_denied", 403),
    (TooManyIdsError, TOO_MANY_IDS, 422),
    (TakenBackError, "taken_back", 409),
    (DataError, "data_error", 400),
    (OverflowError, "overflow_error", 400),
    (ValueError, "invalid_argument", 400),
)


def told(
    error: Exception, raises: Mapping[str, type[BaseException]] | None = None
) -> tuple[int, dict[str, Any]] | None:
    """Return the HTTP status and the body that tell an error; None when it was not on purpose.

    `raises` are the owner's own classes that its provider names.
    """
    own = raised.told(error, raises or {})
    if own is not None:
        return raised.STATUS, {"error": own}
    for kind, code, status in _CODES:
        if isinstance(error, kind):
            content: dict[str, Any] = {"code": code, "message": _message(error)}
            if code in _ROW_ERRORS:
                content["model"] = _model_of(error, _ROW_ERRORS[code])
            if isinstance(error, ValidationError):
                content["fields"] = getattr(error, "message_dict", None)
                content["messages"] = error.messages
            return status, {"error": content}
    return None


def raise_told(service: Service, operation: str, content: dict[str, Any], url: str = "") -> None:
    """Raise what the content of an "error" tells; return when it tells nothing of the owner's."""
    code, message = content.get("code"), str(content.get("message", ""))
    again = raised.raised_again(service, content) if code == raised.CODE else None
    if again is not None:
        raise again
    if code in _ROW_ERRORS:
        _raise_row_error(service, str(content.get("model")), code, message)
    if code == "validation_error":
        raise ValidationError(content.get("fields") or content.get("messages") or message)
    if code == "invalid_argument":
        raise InvalidArgumentError(service.name, operation, message, url=url, status=400)
    if code == TOO_MANY_IDS:
        raise TooManyIdsError(service.name, operation, message, url=url, status=422)
    for kind, known, _ in _CODES:
        if code == known:
            raise kind(message)


def raise_own(service: Service, error: Exception) -> NoReturn:
    """Raise a model's error as its value class's, which is caught by either name."""
    code = DOES_NOT_EXIST if isinstance(error, ObjectDoesNotExist) else MULTIPLE
    label = _model_of(error, _ROW_ERRORS[code])
    kind = service.values.get(label)
    if kind is None or isinstance(error, rows.raised_class(kind, _ROW_ERRORS[code])):
        raise error
    raise rows.raised_class(kind, _ROW_ERRORS[code])(*error.args) from error


def _raise_row_error(service: Service, label: str, code: str, message: str) -> NoReturn:
    kind = service.values.get(label)
    name = _ROW_ERRORS[code]
    if kind is not None:
        raise rows.raised_class(kind, name)(message)
    try:
        raise getattr(apps.get_model(label), name)(message)
    except (LookupError, ValueError):
        raise (ObjectDoesNotExist if code == DOES_NOT_EXIST else MultipleObjectsReturned)(
            message
        ) from None


def _model_of(error: Exception, name: str) -> str:
    """Return the label of the model whose error it is; "" when it is nobody's."""
    for kind in type(error).__mro__:
        for model in apps.get_models():
            if vars(model).get(name) is kind:
                return str(model._meta.label)
    return ""


def _message(error: Exception) -> str:
    if isinstance(error, TooManyIdsError):
        return error.message
    return "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
