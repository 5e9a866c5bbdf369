"""Serve a provider's operations over HTTP: as a WSGI application, or as URLs of a Django project.

request ─> admission ─> propagation (deadline, identity, trace) ─> operations ─> JSON

A process of its own, for granian, gunicorn or wsgiref:

    application = serving.application("shop.users.provider")

Beside other URLs, where the project's middleware applies:

    urlpatterns = [path("internal/", include(serving.urls("shop.users.provider")))]

Set SERVICE_TOKEN here, and the same as USERS_CLIENT_TOKEN for callers; `admission` says why.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import django
from django.apps import apps
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.signals import request_finished, request_started
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from strangler.client import admission, checks
from strangler.client.idempotency import keys, once
from strangler.client.operations import JSON, Answer, Asked, Operations, refusal
from strangler.client.propagation import context
from strangler.client.propagation.identity import ForgedIdentityError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.http import HttpRequest
    from django.urls import URLPattern

PREFIX = "/v1/"
logger = logging.getLogger("strangler.serving")


def urls(provider: str) -> list[URLPattern]:
    """Return the URL patterns `v1/<operation>` of a provider, to be included."""
    operations = Operations(provider)

    @csrf_exempt
    def view(request: HttpRequest, operation: str) -> HttpResponse:
        answer = admission.refused(request.META) or _received(
            request.META, lambda: _view_answer(operations, operation, request)
        )
        response = HttpResponse(answer.body, content_type=JSON, status=answer.status)
        for name, value in _headers(answer):
            response[name] = value
        return response

    pattern: Any = path("v1/<str:operation>", view, name="operation")
    return [checks.OperationPattern.of(pattern, operations)]


def application(provider: str) -> Callable[..., Iterable[bytes]]:
    """Return a WSGI application that serves `/v1/<operation>`, and sets Django up if need be."""
    if not apps.ready:
        django.setup(set_prefix=False)
    operations = Operations(provider)
    for warning in checks.warnings_of(operations):
        logger.warning("%s %s", warning.msg, warning.hint)

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request_started.send(sender=serve, environ=environ)
        try:
            answer = admission.refused(environ) or _received(
                environ, lambda: _answer(operations, environ)
            )
        finally:
            request_finished.send(sender=serve)
        body = answer.body.encode()
        start_response(
            f"{answer.status} {HTTPStatus(answer.status).phrase}",
            [("Content-Type", JSON), ("Content-Length", str(len(body))), *_headers(answer)],
        )
        return [body]

    return serve


def _received(meta: Mapping[str, Any], answer: Callable[[], Answer]) -> Answer:
    """Answer within what the caller sent along."""
    try:
        with context.received(meta):
            return answer()
    except ForgedIdentityError as error:
        return refusal(401, "forged_identity", str(error))


def _view_answer(operations: Operations, operation: str, request: HttpRequest) -> Answer:
    try:
        body = request.body
    except RequestDataTooBig:
        return _too_large()
    return operations.answer(_asked(operation, request.META, body))


def _answer(operations: Operations, environ: dict[str, Any]) -> Answer:
    name = environ.get("PATH_INFO", "")
    if not name.startswith(PREFIX):
        return refusal(404, "unknown_operation", f"operations are served under {PREFIX}")
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return refusal(400, "invalid_argument", "Content-Length must be a number")
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if limit is not None and length > limit:
        return _too_large()
    body = environ["wsgi.input"].read(length) if length > 0 else b""
    return operations.answer(_asked(name[len(PREFIX) :], environ, body))


def _asked(operation: str, meta: Mapping[str, Any], body: bytes) -> Asked:
    return Asked(
        method=meta.get("REQUEST_METHOD", ""),
        operation=operation,
        query=meta.get("QUERY_STRING", ""),
        body=body,
        content_type=meta.get("CONTENT_TYPE", ""),
        key=meta.get("HTTP_IDEMPOTENCY_KEY", ""),
        attempt=meta.get("HTTP_IDEMPOTENCY_ATTEMPT", "1"),
    )


def _too_large() -> Answer:
    return refusal(
        413, "too_large", "the body is larger than the setting DATA_UPLOAD_MAX_MEMORY_SIZE allows"
    )


def _headers(answer: Answer) -> list[tuple[str, str]]:
    headers = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    if once.is_kept():
        headers.append((keys.KEPT_HEADER, keys.KEPT))
    if answer.allow:
        headers.append(("Allow", answer.allow))
    if answer.status == HTTPStatus.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", "Bearer"))
    return headers
