"""Probes, measures and operations are answered apart from the project's own middleware.

    MIDDLEWARE = [
        "strangler.client.telemetry.TelemetryMiddleware",
        "strangler.client.apart.ApartMiddleware",
        ...,
        "shop.basket.middleware.BasketMiddleware",
    ]

What a project runs for each page, such as loading the visitor's basket, would ask for the user, and
so for the accounts' owner, with each probe and with each call of another service; and a call that
comes back to the one that began it would never end. Those addresses see who calls by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import resolve

from strangler.client.telemetry import QUIET

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

OPERATIONS = "/internal/"


class ApartMiddleware:
    """Calls the views of those addresses at once; the rest goes on through what follows."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve a request."""
        path = request.path_info
        if path not in QUIET and not path.startswith(OPERATIONS):
            return self.get_response(request)
        match = resolve(path)
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response
