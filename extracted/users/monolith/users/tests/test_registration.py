"""Registration by API and by page."""

import pytest
from django.core import mail

from monolith.users.factories import UserFactory
from monolith.users.models import User

pytestmark = pytest.mark.django_db

URL = "/api/auth/register/"
GOOD = {
    "email": "Ada@Shop.test",
    "password": "a long enough phrase",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "phone": "+44 1",
}


def test_creates_the_account_with_profile_and_cart(api, django_assert_num_queries):
    with django_assert_num_queries(14):
        response = api.post(URL, GOOD)
    user = User.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": user.pk,
        "email": "Ada@shop.test",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "is_staff": False,
        "date_joined": user.date_joined.isoformat().replace("+00:00", "Z"),
    }
    assert user.check_password("a long enough phrase")
    assert user.profile.phone == "+44 1"
    assert user.cart.lines.count() == 0
    assert user.audit_entries.get().verb == "user.registered"


@pytest.mark.holds_commits
def test_greets_by_mail_once_the_account_is_committed(
    api, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        api.post(URL, GOOD)
    assert mailoutbox == []
    for callback in callbacks:
        callback()
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        (["Ada@shop.test"], "Welcome to the shop")
    ]
    assert mail.outbox[0].body == "Hello Ada,\n\nyour account is ready.\n"


def test_an_address_is_taken_whatever_its_case(api):
    UserFactory(email="ada@shop.test")
    response = api.post(URL, GOOD)
    assert response.status_code == 400
    assert response.json() == {
        "error": {
            "code": "invalid",
            "message": "Some fields are not valid.",
            "fields": {"email": ["An account with this email address exists."]},
        }
    }
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field", "messages"),
    [
        ({"email": "ada"}, "email", ["Enter a valid email address."]),
        ({"email": ""}, "email", ["This field may not be blank."]),
        (
            {"password": "123"},
            "password",
            [
                "This password is too short. It must contain at least 8 characters.",
                "This password is too common.",
                "This password is entirely numeric.",
            ],
        ),
        (
            {"password": "lovelace"},
            "password",
            ["The password is too similar to the last name."],
        ),
        (
            {"first_name": "x" * 81},
            "first_name",
            ["Ensure this field has no more than 80 characters."],
        ),
    ],
)
def test_refuses_bad_fields_and_names_each(api, change, field, messages):
    response = api.post(URL, GOOD | change)
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {field: messages}
    assert not User.objects.exists()


def test_refuses_what_is_not_json(api):
    response = api.post(URL, "email=a", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 415
    assert response.json() == {
        "error": {
            "code": "unsupported_media_type",
            "message": 'Unsupported media type "application/x-www-form-urlencoded" in request.',
        }
    }


def test_refuses_broken_json(api):
    response = api.generic("POST", URL, "{", content_type="application/json")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "parse_error"


def test_the_page_registers_and_signs_in(client):
    assert client.get("/account/register/").status_code == 200
    response = client.post("/account/register/", GOOD | {"last_name": "King"})
    assert (response.status_code, response["Location"]) == (302, "/account/")
    assert "King" in client.get("/account/").content.decode()


def test_the_page_shows_the_services_complaint(client):
    response = client.post("/account/register/", GOOD | {"password": "12345678"})
    assert response.status_code == 200
    assert "This password is too common." in response.content.decode()
    assert not User.objects.exists()
