"""Log in and out, tokens, and what a change of password does to both."""

import pytest
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle

from monolith.users.factories import DEFAULT_PASSWORD, UserFactory
from monolith.users.models import User

pytestmark = pytest.mark.django_db

WRONG = {
    "error": {
        "code": "authentication_failed",
        "message": "Email and password do not match an account.",
    }
}
STRANGER = {
    "error": {
        "code": "not_authenticated",
        "message": "Authentication credentials were not provided.",
    }
}


def credentials(password=DEFAULT_PASSWORD, email="ada@shop.test"):
    return {"email": email, "password": password}


def with_token(key):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


def test_login_opens_a_session(api, ada, django_assert_num_queries):
    with django_assert_num_queries(9):
        response = api.post("/api/auth/login/", credentials())
    ada.refresh_from_db()
    assert response.status_code == 200
    assert response.json() == {
        "id": ada.pk,
        "email": "ada@shop.test",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "is_staff": False,
        "date_joined": ada.date_joined.isoformat().replace("+00:00", "Z"),
    }
    assert ada.last_login is not None
    session = response.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert api.get("/api/users/me/").json()["id"] == ada.pk


def test_login_ignores_the_case_of_the_address(api, ada):
    assert api.post("/api/auth/login/", credentials(email="ADA@shop.TEST")).status_code == 200


@pytest.mark.parametrize("path", ["/api/auth/login/", "/api/auth/token/"])
@pytest.mark.parametrize(
    "wrong", [credentials("wrong"), credentials(email="bob@shop.test")], ids=["password", "email"]
)
def test_wrong_credentials_are_told_apart_by_nothing(api, ada, path, wrong):
    response = api.post(path, wrong)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"
    assert response.json() == WRONG
    assert "sessionid" not in response.cookies


def test_an_inactive_account_cannot_log_in(api):
    UserFactory(email="ada@shop.test", is_active=False)
    assert api.post("/api/auth/login/", credentials()).json() == WRONG


def test_too_many_attempts_are_slowed_down(api, ada, monkeypatch):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "login", "2/min")
    answers = [api.post("/api/auth/token/", credentials("wrong")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[2].json()["error"]["code"] == "throttled"
    assert int(answers[2]["Retry-After"]) <= 60


def test_logout_ends_the_session(ada_api, django_assert_num_queries):
    with django_assert_num_queries(4):
        response = ada_api.post("/api/auth/logout/")
    assert (response.status_code, response.content) == (204, b"")
    response = ada_api.get("/api/users/me/")
    assert response.status_code == 401
    assert response.json() == STRANGER


def test_a_session_cannot_write_without_the_csrf_token(ada):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(ada)
    response = client.patch("/api/users/me/", {"first_name": "Eve"})
    assert response.status_code == 403
    assert response.json() == {
        "error": {
            "code": "permission_denied",
            "message": "CSRF Failed: CSRF cookie not set.",
        }
    }


def test_a_token_is_made_once_and_opens_the_api(api, ada, django_assert_num_queries):
    with django_assert_num_queries(5):
        response = api.post("/api/auth/token/", credentials())
    key = Token.objects.get(user=ada).key
    assert response.status_code == 200
    assert response.json() == {"token": key}
    assert api.post("/api/auth/token/", credentials()).json() == {"token": key}
    client = with_token(key)
    with django_assert_num_queries(1):
        assert client.get("/api/users/me/").json()["id"] == ada.pk


def test_an_unknown_token_is_refused(db):
    response = with_token("f" * 40).get("/api/users/me/")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"
    assert response.json() == {
        "error": {"code": "authentication_failed", "message": "Invalid token."}
    }


def test_a_password_change_keeps_this_session_and_ends_the_others(ada, django_assert_num_queries):
    here, elsewhere = APIClient(), APIClient()
    here.post("/api/auth/login/", credentials())
    elsewhere.post("/api/auth/login/", credentials())
    body = {"current_password": DEFAULT_PASSWORD, "new_password": "another fine phrase"}
    with django_assert_num_queries(15):
        response = here.post("/api/auth/password/", body)
    assert response.status_code == 200
    assert response.json() == {"token": None}
    assert here.get("/api/users/me/").status_code == 200
    assert elsewhere.get("/api/users/me/").status_code == 401
    ada.refresh_from_db()
    assert ada.check_password("another fine phrase")


def test_a_password_change_replaces_the_token(ada):
    former = Token.objects.create(user=ada).key
    body = {"current_password": DEFAULT_PASSWORD, "new_password": "another fine phrase"}
    response = with_token(former).post("/api/auth/password/", body)
    assert response.status_code == 200
    current = response.json()["token"]
    assert current != former
    assert with_token(former).get("/api/users/me/").status_code == 401
    assert with_token(current).get("/api/users/me/").status_code == 200


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (
            {"current_password": "wrong", "new_password": "another fine phrase"},
            {"current_password": ["This is not your current password."]},
        ),
        (
            {"current_password": DEFAULT_PASSWORD, "new_password": "12345678"},
            {
                "new_password": [
                    "This password is too common.",
                    "This password is entirely numeric.",
                ]
            },
        ),
        ({"new_password": "x"}, {"current_password": ["This field is required."]}),
    ],
)
def test_a_refused_password_change_changes_nothing(ada, ada_api, body, fields):
    Token.objects.create(user=ada)
    response = ada_api.post("/api/auth/password/", body)
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == fields
    assert User.objects.get(pk=ada.pk).check_password(DEFAULT_PASSWORD)
    assert Token.objects.filter(user=ada).count() == 1


@pytest.mark.parametrize("path", ["/api/auth/logout/", "/api/auth/password/"])
def test_strangers_are_told_to_authenticate(api, path):
    response = api.post(path, {})
    assert response.status_code == 401
    assert response.json() == STRANGER


def test_the_login_page_signs_in_and_goes_on(client, ada):
    form = {"username": "ada@shop.test", "password": DEFAULT_PASSWORD, "next": "/orders/"}
    assert client.get("/account/login/?next=/orders/").status_code == 200
    response = client.post("/account/login/", form)
    assert (response.status_code, response["Location"]) == (302, "/orders/")


def test_the_login_page_never_leads_to_another_site(client, ada):
    form = {
        "username": "ada@shop.test",
        "password": DEFAULT_PASSWORD,
        "next": "https://evil.test/",
    }
    assert client.post("/account/login/", form)["Location"] == "/account/"


def test_the_logout_page_signs_out_by_post_only(client, ada):
    client.force_login(ada)
    assert client.get("/account/logout/").status_code == 405
    assert client.post("/account/logout/")["Location"] == "/"
    assert client.get("/account/")["Location"] == "/account/login/?next=/account/"
