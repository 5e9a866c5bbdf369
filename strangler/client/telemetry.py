"""One log line, one count and one duration for each request; errors to whoever wants to know.

request ─> TelemetryMiddleware ─> the rest ─> response
    ├─ metrics: strangler_requests_total, strangler_request_seconds, by route and status
    ├─ log "strangler.request": method, route, status, duration_ms
    └─ ERROR_REPORTER, a dotted path: function(exception, request), for what was answered 500

Put it first among MIDDLEWARE. Routes are patterns such as "orders/<int:pk>/": no key and no query
of a user reaches a label or the log.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.core.signals import got_request_exception
from django.utils.module_loading import import_string

from strangler.client.metrics import Counter, Histogram

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

QUIET = ("/healthz", "/readyz", "/metrics")
REPORTER_VARIABLE = "ERROR_REPORTER"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter(
    "strangler_requests_total", "Requests answered, by route.", "method", "route", "status"
)
SECONDS = Histogram(
    "strangler_request_seconds", "How long answers took, without streamed bodies.", "route"
)
logger = logging.getLogger("strangler.request")


class TelemetryMiddleware:
    """Counts, times and logs every request but the probes."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        got_request_exception.connect(_report, dispatch_uid="strangler.client.telemetry")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve a request and tell of it."""
        began_s = time.perf_counter()
        response = self.get_response(request)
        if request.path not in QUIET:
            _tell(request, response.status_code, time.perf_counter() - began_s)
        return response


def _tell(request: HttpRequest, status: int, took_s: float) -> None:
    match = request.resolver_match
    route = match.route if match is not None else "(none)"
    method = request.method if request.method in METHODS else "OTHER"
    REQUESTS.add(method, route, str(status))
    SECONDS.observe(took_s, route)
    fields = {
        "method": method,
        "route": route,
        "status": status,
        "duration_ms": round(took_s * 1000, 1),
    }
    logger.info("%s %s %s", method, route, status, extra=fields)


def _report(*, request: HttpRequest | None = None, **_: Any) -> None:
    """Hand the exception that is being answered to the reporter; its own errors are logged."""
    reporter = _reporter(os.environ.get(REPORTER_VARIABLE, ""))
    if reporter is None:
        return
    try:
        reporter(sys.exc_info()[1], request)
    except Exception:  # a reporter must not fail a request further
        logger.exception("%s failed", os.environ.get(REPORTER_VARIABLE))


@lru_cache(maxsize=1)
def _reporter(name: str) -> Callable[[BaseException | None, HttpRequest | None], object] | None:
    """Return the function of that dotted name; an import error is logged once."""
    if not name:
        return None
    try:
        found: Callable[[BaseException | None, HttpRequest | None], object] = import_string(name)
    except ImportError:
        logger.exception("%s cannot be imported; set %s", name, REPORTER_VARIABLE)
        return None
    return found
