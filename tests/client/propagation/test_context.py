"""What came along with a call reaches the next service: over real processes, and through pages."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
import requests
from django.http import JsonResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from strangler.client.failures import DeadlineError, RefusedError, UnavailableError
from strangler.client.middleware import CallContextMiddleware
from strangler.client.propagation import context, deadline, identity, tracing
from tests.client.ledgers import ledger, running, url_of
from tests.client.ledgersite.ledger import operations

KEY = "between services"
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two services; the first asks the second."""
    last = ledger(tmp_path_factory.mktemp("last"), STRANGLER_IDENTITY_KEY=KEY)
    first = ledger(
        tmp_path_factory.mktemp("first"),
        STRANGLER_IDENTITY_KEY=KEY,
        LEDGER_CLIENT_TRANSPORT="http",
        LEDGER_CLIENT_URL=url_of(last),
    )
    with running(last), running(first) as url:
        yield url


@pytest.fixture(autouse=True)
def client(chain: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LEDGER_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("LEDGER_CLIENT_URL", chain)
    monkeypatch.setenv("STRANGLER_IDENTITY_KEY", KEY)
    yield
    operations.SERVICE.close()


def test_the_deadline_shrinks_from_service_to_service():
    with deadline.within(8):
        told = operations.forward(0.5)
    assert 0 < told["left_s"] <= 7.5


def test_a_service_without_a_deadline_gives_the_next_its_own_timeout():
    answered = requests.get(f"{operations.SERVICE.setting('URL')}/v1/forward?seconds=0", timeout=30)
    assert 9 < answered.json()["left_s"] <= 10


def test_the_end_of_the_chain_is_not_asked_once_time_is_over(monkeypatch):
    """The first service wakes up too late, asks nobody, and its caller is gone."""
    with pytest.raises(DeadlineError), deadline.within(0.3):
        operations.forward(0.6)
    answered = requests.get(
        f"{operations.SERVICE.setting('URL')}/v1/forward?seconds=0.3",
        headers={"X-Request-Deadline-Ms": "200"},
        timeout=30,
    )
    assert (answered.status_code, answered.json()["error"]["code"]) == (424, "dependency_failed")
    refused = requests.get(
        f"{operations.SERVICE.setting('URL')}/v1/context",
        headers={"X-Request-Deadline-Ms": "0"},
        timeout=30,
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (504, "deadline_exceeded")


def test_who_acts_and_which_trace_it_is_reach_the_end():
    token = tracing.begin(PARENT, "", "r-17")
    try:
        with identity.acting_as("ä:7"):
            told = operations.forward(0)
    finally:
        tracing.end(token)
    assert told["user"] == "ä:7"
    assert (told["trace_id"], told["request_id"]) == (PARENT.split("-")[1], "r-17")


def test_nothing_of_a_request_stays_for_the_next():
    with identity.acting_as(7):
        operations.context()
    assert operations.context()["user"] == ""


def test_a_forged_identity_is_refused(monkeypatch):
    monkeypatch.setenv("STRANGLER_IDENTITY_KEY", "guessed")
    with identity.acting_as(7), pytest.raises(RefusedError, match="401: X-Strangler-Identity was"):
        operations.context()


def show(request) -> JsonResponse:
    """Answer what a call from a page carries along."""
    return JsonResponse(operations.context())


urlpatterns = [path("page", show)]


@pytest.fixture
def page(settings) -> Iterator[Client]:
    """Return a client of a page that calls the service, behind the middleware."""
    with override_settings(
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "strangler.client.middleware.CallContextMiddleware",
        ],
        ALLOWED_HOSTS=["*"],
    ):
        yield Client()


def test_a_page_passes_on_its_trace_and_deadline(page):
    told = page.get("/page", HTTP_TRACEPARENT=PARENT, HTTP_X_REQUEST_DEADLINE_MS="5000").json()
    assert told["trace_id"] == PARENT.split("-")[1]
    assert 0 < told["left_s"] < 5
    assert told["user"] == ""


def test_a_page_without_a_session_looks_at_none(page):
    assert not page.get("/page").has_header("Vary")


@pytest.mark.django_db
def test_the_signed_in_user_acts(page, django_user_model):
    user = django_user_model.objects.create(email="ada@shop.test")
    page.force_login(user)
    assert page.get("/page").json()["user"] == str(user.pk)


@pytest.mark.django_db
def test_a_session_that_is_not_valid_any_more_acts_for_nobody(page, django_user_model):
    user = django_user_model.objects.create(email="ada@shop.test")
    page.force_login(user)
    user.set_password("changed elsewhere")
    user.save()
    assert page.get("/page").json()["user"] == ""


def test_a_forged_identity_from_outside_is_answered_401(page):
    refused = page.get("/page", HTTP_X_STRANGLER_IDENTITY="7:forged")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "forged_identity")


def test_an_identity_from_a_service_is_believed(page):
    assert page.get("/page", HTTP_X_STRANGLER_IDENTITY=identity.signed("9")).json()["user"] == "9"


async def answer_async(request) -> object:
    return context.sent(identity.current())


def test_async_views_have_the_same_context():
    request = RequestFactory().get("/", HTTP_TRACEPARENT=PARENT, HTTP_X_REQUEST_DEADLINE_MS="900")
    sent = asyncio.run(CallContextMiddleware(answer_async)(request))
    assert sent["traceparent"].startswith(PARENT[:36])
    assert 0 < int(sent["X-Request-Deadline-Ms"]) <= 900
    assert tracing.current() is None


def test_a_service_that_is_gone_is_unavailable_not_forged(monkeypatch, caplog):
    monkeypatch.setenv("LEDGER_CLIENT_URL", "http://127.0.0.1:1")
    with identity.acting_as(7), pytest.raises(UnavailableError), caplog.at_level(logging.DEBUG):
        operations.context()
    assert identity.signed("7") not in caplog.text
