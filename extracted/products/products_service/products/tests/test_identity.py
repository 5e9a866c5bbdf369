"""Who asks is the monolith's to say; writes are refused to everyone."""

import pytest

pytestmark = pytest.mark.django_db
STAFF = {"id": 1, "is_staff": True}
CUSTOMER = {"id": 2, "is_staff": False}


def test_without_credentials_nobody_is_asked(client, catalogue, accounts):
    response = client.get("/api/products/")
    assert response.status_code == 200
    assert response["Vary"] == "Cookie"
    assert accounts.asked == []


def test_staff_see_inactive_products_by_token_and_by_session(client, catalogue, accounts):
    accounts.users = {"Token staff": STAFF, "sessionid=staff": STAFF, "Token two": CUSTOMER}
    path = f"/api/products/{catalogue['hidden'].pk}/"
    by_token = client.get(path, headers={"authorization": "Token staff"})
    assert (by_token.status_code, by_token.has_header("Vary")) == (200, False)
    assert client.get(path, headers={"authorization": "Token two"}).status_code == 404
    client.cookies["sessionid"] = "staff"
    assert client.get(path).status_code == 200


def test_refused_token_is_refused_here_too(client, catalogue, accounts):
    response = client.get("/api/products/", headers={"authorization": "Token wrong"})
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Token")
    assert response.json()["error"] == {
        "code": "authentication_failed", "message": "Invalid token.",
    }  # fmt: skip


def test_ended_session_reads_as_the_public(client, catalogue, accounts):
    client.cookies["sessionid"] = "ended"
    assert client.get("/api/products/").status_code == 200


def test_an_answer_is_kept_for_a_while(client, catalogue, accounts):
    accounts.users = {"Token staff": STAFF}
    for _ in range(3):
        client.get("/api/products/", headers={"authorization": "Token staff"})
    assert accounts.asked == ["Token staff"]


def test_reads_go_on_when_the_monolith_cannot_be_asked(client, catalogue, accounts, settings):
    settings.IDENTITY_URL = "http://127.0.0.1:1"
    response = client.get("/api/products/", headers={"authorization": "Token staff"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("authorization", "status"), [("", 401), ("Token two", 403), ("Token staff", 409)]
)
def test_writes_are_refused_after_the_permission_check(
    client, catalogue, accounts, authorization, status
):
    accounts.users = {"Token staff": STAFF, "Token two": CUSTOMER}
    headers = {"authorization": authorization} if authorization else {}
    path = f"/api/products/{catalogue['saw'].pk}/"
    response = client.patch(path, {"price": "1.00"}, headers=headers)
    assert response.status_code == status
    catalogue["saw"].refresh_from_db()
    assert str(catalogue["saw"].price) == "12.50"


def test_session_gives_no_right_to_write(client, catalogue, accounts):
    accounts.users = {"sessionid=staff": STAFF}
    client.cookies["sessionid"] = "staff"
    assert client.post("/api/products/", {"sku": "N"}).status_code == 401
