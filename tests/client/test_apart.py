"""Probes and operations do not pass what a project runs for each page."""

import pytest
from django.http import Http404, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from strangler.client import metrics, telemetry


def basket_of(get_response):
    def load(request):
        raise ZeroDivisionError(f"no basket at {request.path}")

    return load


def answered(_request, pk=0):
    if pk == 404:
        raise Http404
    return HttpResponse(f"answered {pk}")


def nothing(_request, exception):
    return HttpResponse("nothing", status=404)


handler404 = f"{__name__}.nothing"
urlpatterns = [
    path("healthz", answered),
    path("internal/v1/<int:pk>", answered),
    path("pages/<int:pk>/", answered),
]


@pytest.fixture
def client():
    metrics.clear()
    first = "strangler.client.telemetry.TelemetryMiddleware"
    apart = "strangler.client.apart.ApartMiddleware"
    with override_settings(
        ROOT_URLCONF=__name__, MIDDLEWARE=[first, apart, f"{__name__}.basket_of"]
    ):
        yield Client(raise_request_exception=False)


def test_they_are_answered_before_it_and_everything_else_after(client):
    assert client.get("/healthz").content == b"answered 0"
    assert client.post("/internal/v1/7").content == b"answered 7"
    assert client.get("/internal/v1/404").status_code == 404
    assert client.get("/internal/nothing").status_code == 404
    assert client.get("/pages/7/").status_code == 500
    assert telemetry.REQUESTS.value("POST", "internal/v1/<int:pk>", "200") == 1
