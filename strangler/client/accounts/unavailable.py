"""The answer where a service that is needed does not answer: try again, or elsewhere."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.http import HttpResponse

if TYPE_CHECKING:
    from django.http import HttpRequest

RETRY_AFTER_S = 1
logger = logging.getLogger("strangler.accounts")


def answer(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 503 with Retry-After; the log says which service did not answer."""
    logger.error("%s %s cannot be answered: %s", request.method, request.path, exception)
    response = HttpResponse("Try again.", status=503, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = str(RETRY_AFTER_S)
    response["Cache-Control"] = "no-store"
    return response
