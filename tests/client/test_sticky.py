"""The middleware in Django's own request cycle, with real sessions, sync and async."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model, login, logout
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import path

from strangler.client.sticky import sticky_value

pytestmark = pytest.mark.django_db
COOKIE = "strangler_user"


def quiet(request: HttpRequest) -> HttpResponse:
    """Looks at neither user nor session."""
    return HttpResponse("quiet")


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user.is_authenticated))


async def who_async(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str((await request.auser()).is_authenticated))


def sign_in(request: HttpRequest) -> HttpResponse:
    user = get_user_model().objects.get(pk=request.GET["pk"])
    login(request, user, "django.contrib.auth.backends.ModelBackend")
    return HttpResponse("in")


def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponse("out")


def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(bool(request.user)), headers={"Cache-Control": "public, max-age=60"})


urlpatterns = [
    path("quiet", quiet), path("who", who), path("who-async", who_async), path("in", sign_in),
    path("out", sign_out), path("public", public),
]  # fmt: skip


@pytest.fixture(autouse=True)
def site(settings: Any) -> Any:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "strangler.client.sticky.StickyUserMiddleware",
    ]
    return settings


@pytest.fixture
def user() -> Any:
    model = get_user_model()
    return model.objects.create(**{model.USERNAME_FIELD: "rosa@example.com"})


def test_signing_in_names_the_user_without_telling_who_it_is(user):
    client = Client()
    cookie = client.get(f"/in?pk={user.pk}").cookies[COOKIE]
    assert cookie.value == sticky_value(user.pk)
    assert len(cookie.value) == 32
    assert str(user.pk) != cookie.value
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")


def test_the_user_has_one_value_on_all_devices_and_others_have_another(user):
    other = get_user_model().objects.create(**{get_user_model().USERNAME_FIELD: "otto@example.com"})
    values = [Client().get(f"/in?pk={u.pk}").cookies[COOKIE].value for u in (user, user, other)]
    assert values[0] == values[1] != values[2]


def test_another_key_gives_another_value(user, site):
    before = sticky_value(user.pk)
    site.STRANGLER_STICKY_KEY = "shared with the services"
    with_key = sticky_value(user.pk)
    site.SECRET_KEY = "rotated"
    assert before != with_key == sticky_value(user.pk)


def test_it_is_set_once_and_again_only_when_it_differs(user):
    client = Client()
    client.get(f"/in?pk={user.pk}")
    assert COOKIE not in client.get("/who").cookies
    client.cookies[COOKIE] = "forged"
    assert client.get("/who").cookies[COOKIE].value == sticky_value(user.pk)


def test_signing_out_removes_it(user):
    client = Client()
    client.get(f"/in?pk={user.pk}")
    gone = client.get("/out").cookies[COOKIE]
    assert (gone.value, gone["max-age"]) == ("", 0)
    assert COOKIE not in client.get("/who").cookies


def test_a_page_that_asks_for_no_user_stays_as_cacheable_as_it_was(user):
    client = Client()
    client.get(f"/in?pk={user.pk}")
    client.cookies[COOKIE] = "forged"
    for visitor in (client, Client()):
        response = visitor.get("/quiet")
        assert not response.cookies
        assert "Vary" not in response.headers


def test_an_anonymous_visitor_gets_nothing():
    assert not Client().get("/who").cookies


def test_a_response_for_shared_caches_is_left_alone(user):
    client = Client()
    client.get(f"/in?pk={user.pk}")
    client.cookies[COOKIE] = "forged"
    assert COOKIE not in client.get("/public").cookies


def test_who_comes_with_a_credential_is_known_by_that(user):
    client = Client()
    client.force_login(user)
    assert COOKIE not in client.get("/who", headers={"Authorization": "Token x"}).cookies
    assert COOKIE in client.get("/who").cookies


def test_a_response_that_sets_it_varies_by_cookie_and_follows_the_session_cookie(user, site):
    site.SESSION_COOKIE_SECURE = True
    site.SESSION_COOKIE_DOMAIN = "shop.example"
    site.STRANGLER_USER_COOKIE = "who"
    response = Client().get(f"/in?pk={user.pk}")
    assert "Cookie" in response.headers["Vary"]
    cookie = response.cookies["who"]
    assert (cookie["secure"], cookie["domain"]) == (True, "shop.example")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", ["/who", "/who-async"])
def test_async_servers_see_the_same(user, page):
    client = AsyncClient()
    client.force_login(user)
    response = async_to_sync(client.get)(page)
    assert response.content == b"True"
    assert response.cookies[COOKIE].value == sticky_value(user.pk)
    assert not async_to_sync(AsyncClient().get)(page).cookies
