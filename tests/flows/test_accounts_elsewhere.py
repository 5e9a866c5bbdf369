"""A stand-in service asks the running monolith who its visitors are."""

from collections.abc import Iterator

import pytest
import requests
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, override_settings
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from strangler.client.accounts import asking
from strangler.client.accounts.drf import AccountAuthentication
from tests.servers.providers import APPLICATION
from tests.servers.shop import (
    CUSTOMER,
    PASSWORD,
    STAFF,
    ServerProcess,
    Shop,
    Site,
    free_port,
    granian,
    running,
)

pytestmark = pytest.mark.xdist_group("shop")
MODEL = "users.User"
JSON = {"data": "{}", "content_type": "application/json"}


class WhoApi(APIView):
    """Answers as the monolith's APIs do: only to known users."""

    def get(self, request):
        return Response({"id": request.user.pk, "staff": request.user.is_staff})

    post = get


def page(request: HttpRequest) -> HttpResponse:
    user = request.user
    return JsonResponse(
        {
            "id": user.pk,
            "known": user.is_authenticated,
            "may": user.has_perm("orders.change_order"),
        }
    )


def public(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to all")


urlpatterns = [path("api/", WhoApi.as_view()), path("page/", page), path("public/", public)]


@pytest.fixture(scope="module")
def owner(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The monolith's accounts, asked at a process of their own on its database."""
    port = free_port()
    server = ServerProcess(
        name="accounts",
        command=granian(APPLICATION, port),
        cwd=shop.monolith.project_dir,
        environment={
            **shop.monolith.environment,
            "PROVIDER": "strangler.client.accounts.provider",
            "PYTHONPATH": str(shop.monolith.project_dir),
        },
        log=tmp_path_factory.mktemp("accounts") / "accounts.log",
        probe_url=f"http://127.0.0.1:{port}/healthz",
    )
    with running(server):
        yield server


@pytest.fixture
def service(owner: ServerProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("ACCOUNTS_CLIENT_TRANSPORT", "http")
    monkeypatch.setenv("ACCOUNTS_CLIENT_URL", owner.probe_url.removesuffix("/healthz"))
    asking.SERVICE.close()
    asking.SERVICE.reset_counts()
    with override_settings(
        ROOT_URLCONF=__name__,
        STRANGLER_ACCOUNTS={"model": MODEL, "cache_s": 0},
        MIDDLEWARE=[
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "strangler.client.accounts.middleware.AccountsMiddleware",
        ],
    ):
        asking.forget()
        monkeypatch.setattr(WhoApi, "authentication_classes", [AccountAuthentication])
        yield Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    asking.forget()


@pytest.fixture(scope="module")
def session(shop: Shop) -> requests.Session:
    """A browser that has signed in at the monolith."""
    browser = requests.Session()
    form = f"{shop.monolith.url}/account/login/"
    browser.get(form, timeout=10)
    answer = browser.post(
        form,
        {
            "username": STAFF,
            "password": PASSWORD,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        },
        timeout=10,
    )
    answer.raise_for_status()
    assert "sessionid" in browser.cookies
    return browser


@pytest.fixture(scope="module")
def token(shop: Shop) -> str:
    answer = requests.post(
        f"{shop.monolith.url}/api/auth/token/",
        json={"email": CUSTOMER, "password": PASSWORD},
        timeout=10,
    )
    answer.raise_for_status()
    return str(answer.json()["token"])


def me(site: Site, **headers: str) -> dict:
    return requests.get(f"{site.url}/api/users/me/", headers=headers, timeout=10).json()


def signed_in(service: Client, session: requests.Session) -> None:
    for name in ("sessionid", "csrftoken"):
        service.cookies[name] = session.cookies[name]


def test_a_session_of_the_monolith_is_the_same_user_on_a_page(service, session, shop):
    signed_in(service, session)

    answer = service.get("/page/")

    mine = me(shop.monolith, Cookie=f"sessionid={session.cookies['sessionid']}")
    assert answer.json() == {"id": mine["id"], "known": True, "may": mine["is_staff"]}
    assert answer["Vary"] == "Cookie"


def test_a_token_of_the_monolith_is_the_same_user_for_an_api(service, token, shop):
    answer = service.get("/api/", headers={"Authorization": f"Token {token}"})

    mine = me(shop.monolith, Authorization=f"Token {token}")
    assert answer.json() == {"id": mine["id"], "staff": False}
    assert "Cookie" not in answer.get("Vary", "")


def test_a_wrong_token_is_refused_as_the_monolith_refuses_it(service, shop):
    wrong = {"Authorization": "Token nonsense"}

    answer = service.get("/api/", headers=wrong)

    theirs = requests.get(f"{shop.monolith.url}/api/users/me/", headers=wrong, timeout=10)
    assert answer.status_code == theirs.status_code == 401
    assert answer["WWW-Authenticate"] == theirs.headers["WWW-Authenticate"]
    assert answer.json() == theirs.json()


def test_nobody_is_asked_to_sign_in_with_the_monoliths_challenge(service, shop):
    answer = service.get("/api/")

    theirs = requests.get(f"{shop.monolith.url}/api/users/me/", timeout=10)
    assert answer.status_code == theirs.status_code == 401
    assert answer["WWW-Authenticate"] == theirs.headers["WWW-Authenticate"]
    assert service.get("/page/").json() == {"id": None, "known": False, "may": False}


def test_a_write_by_session_needs_the_monoliths_csrf_token(service, session):
    signed_in(service, session)

    assert service.post("/api/", **JSON).status_code == 403
    token = session.cookies["csrftoken"]
    assert service.post("/api/", headers={"X-CSRFToken": token}, **JSON).status_code == 200


def test_what_a_request_says_of_its_user_is_not_believed(service):
    answer = service.get("/page/", headers={"X-User-Id": "1", "Remote-User": STAFF})

    assert answer.json()["known"] is False


def test_a_page_that_looks_at_no_user_asks_nobody(service, session):
    signed_in(service, session)

    assert service.get("/public/").content == b"open to all"
    assert asking.SERVICE.counts == {}


def test_an_answer_is_kept_for_a_moment(service, token):
    with override_settings(STRANGLER_ACCOUNTS={"model": MODEL, "cache_s": 60}):
        asking.forget()
        for _ in range(3):
            service.get("/api/", headers={"Authorization": f"Token {token}"})

    assert asking.SERVICE.counts == {"whoami": 1}


def test_nobody_is_taken_for_anybody_while_the_owner_is_down(service, token, monkeypatch):
    monkeypatch.setenv("ACCOUNTS_CLIENT_URL", f"http://127.0.0.1:{free_port()}")

    page_answer = service.get("/page/")
    api_answer = service.get("/api/", headers={"Authorization": f"Token {token}"})

    assert (page_answer.status_code, api_answer.status_code) == (503, 503)
    assert page_answer["Retry-After"] == "1"


def test_a_setting_that_cannot_be_used_is_told(settings):
    settings.STRANGLER_ACCOUNTS = {"model": MODEL, "cookies": ["sessionid"]}
    asking.forget()

    with pytest.raises(Exception, match="has cookies; allowed are model, client, headers"):
        asking.options()
