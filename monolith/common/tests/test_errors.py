"""Every failure of the API has one shape, whoever raised it."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions

from monolith.common import errors


@pytest.mark.parametrize(
    ("raised", "status", "body"),
    [
        (errors.Conflict("Taken."), 409, {"code": "conflict", "message": "Taken."}),
        (
            errors.ApplicationError(),
            400,
            {"code": "rejected", "message": "The request breaks a rule of the shop."},
        ),
        (Http404("secret"), 404, {"code": "not_found", "message": "Not found."}),
        (
            PermissionDenied(),
            403,
            {
                "code": "permission_denied",
                "message": "You do not have permission to perform this action.",
            },
        ),
        (
            ValidationError({"price": ["Too low."]}),
            400,
            {
                "code": "invalid",
                "message": "Some fields are not valid.",
                "fields": {"price": ["Too low."]},
            },
        ),
        (
            ValidationError("Too late."),
            400,
            {
                "code": "invalid",
                "message": "Some fields are not valid.",
                "fields": {"detail": ["Too late."]},
            },
        ),
        (
            exceptions.ValidationError(["Empty."]),
            400,
            {
                "code": "invalid",
                "message": "Some fields are not valid.",
                "fields": {"detail": ["Empty."]},
            },
        ),
        (
            exceptions.Throttled(wait=3),
            429,
            {
                "code": "throttled",
                "message": "Request was throttled. Expected available in 3 seconds.",
            },
        ),
    ],
)
def test_known_failures_are_shaped(raised, status, body):
    response = errors.exception_handler(raised, {"view": SimpleNamespace(), "request": None})
    assert response.status_code == status
    assert response.data == {"error": body}


def test_unknown_failures_stay_failures():
    assert errors.exception_handler(ZeroDivisionError(), {}) is None


def test_a_failing_api_tells_nothing_of_the_cause():
    response = errors.server_error(RequestFactory().get("/api/products/"))
    assert response.status_code == 500
    assert response.content == (
        b'{"error": {"code": "server_error", '
        b'"message": "The shop failed to answer. Try again later."}}'
    )
    assert errors.server_error(RequestFactory().get("/products/")).status_code == 500
