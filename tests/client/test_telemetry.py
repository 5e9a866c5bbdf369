"""Each request is counted, timed and logged by its route, and errors reach the reporter."""

import logging

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

from strangler.client import metrics, telemetry

reported: list[tuple[BaseException, str]] = []


def reporter(exception, request):
    reported.append((exception, request.path))


def broken_reporter(exception, request):
    raise OSError("the collector is down")


def found(_request, pk):
    return HttpResponse(f"row {pk}")


def failing(_request):
    raise ZeroDivisionError("of all things")


def nothing(_request, exception):
    return HttpResponse("nothing", status=404)


handler404 = f"{__name__}.nothing"
urlpatterns = [path("rows/<int:pk>/", found), path("failing/", failing), path("healthz", found)]


@pytest.fixture
def client():
    metrics.clear()
    reported.clear()
    with override_settings(
        ROOT_URLCONF=__name__, MIDDLEWARE=["strangler.client.telemetry.TelemetryMiddleware"]
    ):
        yield Client(raise_request_exception=False)


def test_requests_are_counted_by_route_and_never_by_key(client, caplog):
    with caplog.at_level(logging.INFO, logger="strangler.request"):
        client.get("/rows/1/?email=somebody@shop.test")
        client.get("/rows/2/")

    assert telemetry.REQUESTS.value("GET", "rows/<int:pk>/", "200") == 2
    assert telemetry.SECONDS.count("rows/<int:pk>/") == 2
    assert "somebody" not in caplog.text
    first = caplog.records[0]
    assert (first.route, first.status) == ("rows/<int:pk>/", 200)


def test_what_leads_nowhere_has_one_label(client):
    client.get("/nothing/here/")
    client.get("/nor/there/")

    assert telemetry.REQUESTS.value("GET", "(none)", "404") == 2


def test_a_method_made_up_outside_is_no_label(client):
    client.generic("MADEUP", "/rows/1/")

    assert telemetry.REQUESTS.value("OTHER", "rows/<int:pk>/", "200") == 1


def test_probes_are_not_counted(client):
    client.get("/healthz")

    assert "healthz" not in metrics.text()


def test_an_error_reaches_the_reporter(client, monkeypatch):
    monkeypatch.setenv("ERROR_REPORTER", f"{__name__}.reporter")

    assert client.get("/failing/").status_code == 500
    ((exception, where),) = reported
    assert isinstance(exception, ZeroDivisionError)
    assert where == "/failing/"


@pytest.mark.parametrize("name", [f"{__name__}.broken_reporter", "no.such.reporter"])
def test_a_reporter_that_fails_fails_no_request_further(client, monkeypatch, name):
    monkeypatch.setenv("ERROR_REPORTER", name)

    assert client.get("/failing/").status_code == 500
