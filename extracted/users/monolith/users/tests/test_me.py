"""What users read and change of themselves: name, profile, addresses."""

import pytest

from monolith.orders.factories import OrderFactory
from monolith.products.factories import ProductFactory
from monolith.users.factories import AddressFactory, UserFactory
from monolith.users.models import Address

pytestmark = pytest.mark.django_db

PATHS = ["/api/users/me/", "/api/users/me/profile/", "/api/users/me/addresses/"]


@pytest.mark.parametrize("path", PATHS)
def test_strangers_are_told_to_authenticate(api, path):
    response = api.get(path)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "not_authenticated"
    assert response["WWW-Authenticate"] == "Token"


def test_me_shows_the_user(ada, ada_api, django_assert_num_queries):
    with django_assert_num_queries(2):
        response = ada_api.get("/api/users/me/")
    assert response.json() == {
        "id": ada.pk,
        "email": "ada@shop.test",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "is_staff": False,
        "date_joined": ada.date_joined.isoformat().replace("+00:00", "Z"),
    }


def test_me_changes_names_and_nothing_else(ada, ada_api, django_assert_num_queries):
    change = {"first_name": "Augusta", "email": "eve@shop.test", "is_staff": True}
    with django_assert_num_queries(3):
        response = ada_api.patch("/api/users/me/", change)
    assert response.status_code == 200
    ada.refresh_from_db()
    assert (ada.first_name, ada.email, ada.is_staff) == ("Augusta", "ada@shop.test", False)
    assert ada_api.put("/api/users/me/", change).status_code == 405


def test_profile_nests_favourite_products(ada, ada_api, django_assert_num_queries):
    kettle = ProductFactory(sku="K-1", name="Kettle", price="24.50")
    ada.profile.favourite_products.add(kettle, ProductFactory())
    with django_assert_num_queries(4):
        response = ada_api.get("/api/users/me/profile/")
    body = response.json()
    assert {name: body[name] for name in body if name != "favourite_products"} == {
        "phone": "",
        "birth_date": None,
        "marketing_opt_in": False,
        "loyalty_points": 0,
    }
    assert body["favourite_products"][0] == {
        "id": kettle.pk,
        "sku": "K-1",
        "name": "Kettle",
        "slug": "kettle",
        "price": "24.50",
        "currency": "EUR",
    }
    assert len(body["favourite_products"]) == 2


def test_profile_changes_and_replaces_the_favourites(ada, ada_api, django_assert_num_queries):
    ada.profile.favourite_products.add(ProductFactory())
    wanted = ProductFactory(name="Lamp")
    change = {
        "phone": "+44 2",
        "birth_date": "1815-12-10",
        "favourite_product_ids": [wanted.pk],
        "loyalty_points": 9999,
    }
    with django_assert_num_queries(11):
        response = ada_api.patch("/api/users/me/profile/", change)
    assert response.status_code == 200
    body = response.json()
    assert [product["name"] for product in body["favourite_products"]] == ["Lamp"]
    assert (body["phone"], body["birth_date"]) == ("+44 2", "1815-12-10")
    assert body["loyalty_points"] == 0
    assert list(wanted.fans.all()) == [ada.profile]


def test_profile_refuses_unknown_and_inactive_favourites(ada_api):
    hidden = ProductFactory(is_active=False)
    response = ada_api.patch("/api/users/me/profile/", {"favourite_product_ids": [hidden.pk]})
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {
        "favourite_product_ids": [f'Invalid pk "{hidden.pk}" - object does not exist.']
    }


ADDRESS = {"line1": "1 Mill Lane", "city": "Leeds", "postcode": "LS1", "country": "GB"}


def test_addresses_count_the_orders_sent_there(ada, ada_api, django_assert_num_queries):
    home = AddressFactory(
        user=ada, label="Home", line1="1 Mill Lane", city="Leeds", postcode="LS1", country="GB"
    )
    OrderFactory(user=ada, shipping_address=home)
    AddressFactory()
    with django_assert_num_queries(3):
        response = ada_api.get("/api/users/me/addresses/")
    assert response.json() == [
        {
            "id": home.pk,
            "label": "Home",
            "line1": "1 Mill Lane",
            "line2": "",
            "city": "Leeds",
            "postcode": "LS1",
            "country": "GB",
            "is_default": False,
            "order_count": 1,
        }
    ]


def test_the_first_address_is_the_default_one(ada, ada_api, django_assert_num_queries):
    with django_assert_num_queries(7):
        response = ada_api.post("/api/users/me/addresses/", ADDRESS)
    address = ada.addresses.get()
    assert response.status_code == 201
    assert (
        response.json()
        == {
            "id": address.pk,
            "label": "",
            "line2": "",
            "is_default": True,
            "order_count": 0,
        }
        | ADDRESS
    )
    second = ada_api.post("/api/users/me/addresses/", ADDRESS).json()
    assert not second["is_default"]


def test_another_default_takes_it_from_the_first(ada, ada_api, django_assert_num_queries):
    first = AddressFactory(user=ada, is_default=True)
    second = AddressFactory(user=ada)
    with django_assert_num_queries(7):
        response = ada_api.patch(f"/api/users/me/addresses/{second.pk}/", {"is_default": True})
    assert response.status_code == 200
    assert response.json()["is_default"] is True
    first.refresh_from_db()
    assert not first.is_default


def test_an_address_is_refused_without_its_parts(ada_api):
    response = ada_api.post("/api/users/me/addresses/", {"country": "Germany"})
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {
        "line1": ["This field is required."],
        "city": ["This field is required."],
        "postcode": ["This field is required."],
        "country": ["Ensure this field has no more than 2 characters."],
    }


def test_an_address_is_deleted(ada, ada_api, django_assert_num_queries):
    address = AddressFactory(user=ada)
    with django_assert_num_queries(5):
        response = ada_api.delete(f"/api/users/me/addresses/{address.pk}/")
    assert (response.status_code, response.content) == (204, b"")
    assert not Address.objects.exists()


def test_an_address_of_an_order_is_kept(ada, ada_api):
    address = AddressFactory(user=ada)
    OrderFactory(user=ada, shipping_address=address)
    response = ada_api.delete(f"/api/users/me/addresses/{address.pk}/")
    assert response.status_code == 409
    assert response.json() == {
        "error": {
            "code": "conflict",
            "message": "Orders were sent to this address; it cannot be deleted.",
        }
    }


def test_somebody_elses_address_does_not_exist(ada_api):
    address = AddressFactory(user=UserFactory())
    for method in (ada_api.get, ada_api.patch, ada_api.delete):
        response = method(f"/api/users/me/addresses/{address.pk}/")
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"
    assert Address.objects.exists()


def test_closing_an_account_forgets_addresses_nothing_went_to(ada):
    AddressFactory(user=ada)
    kept = AddressFactory(user=ada)
    OrderFactory(user=ada, shipping_address=kept)
    ada.is_active = False
    ada.save()
    assert list(ada.addresses.all()) == [kept]
