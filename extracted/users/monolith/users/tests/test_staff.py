"""What staff see of users: spending, orders, and the admin with its inlines."""

from decimal import Decimal

import pytest
from django.utils import timezone

from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.orders.models import Order
from monolith.payments.factories import PaymentFactory
from monolith.products.factories import ProductFactory
from monolith.users.factories import UserFactory
from monolith.users.models import User

pytestmark = pytest.mark.django_db


def test_the_list_counts_orders_and_sums_what_was_spent(
    ada, grace, grace_api, django_assert_num_queries
):
    OrderFactory(user=ada, total=Decimal("20.00"), status=Order.Status.PAID)
    OrderFactory(user=ada, total=Decimal("5.50"), status=Order.Status.DELIVERED)
    OrderFactory(user=ada, total=Decimal("99.00"), status=Order.Status.CANCELLED)
    with django_assert_num_queries(4):
        response = grace_api.get("/api/users/?ordering=-spent")
    assert response.status_code == 200
    body = response.json()
    assert (body["count"], body["next"], body["previous"]) == (2, None, None)
    assert body["results"][0] == {
        "id": ada.pk,
        "email": "ada@shop.test",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "is_active": True,
        "date_joined": ada.date_joined.isoformat().replace("+00:00", "Z"),
        "loyalty_points": 0,
        "order_count": 3,
        "spent": "25.50",
    }
    assert body["results"][1]["spent"] == "0.00"


def test_the_list_costs_the_same_for_many(grace_api, django_assert_num_queries):
    for user in UserFactory.create_batch(5):
        OrderFactory.create_batch(2, user=user)
    with django_assert_num_queries(4):
        grace_api.get("/api/users/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email=ADA@SHOP.TEST", ["ada@shop.test"]),
        ("email=ada", []),
        ("is_staff=true", ["grace@shop.test"]),
        ("min_spent=10", ["ada@shop.test"]),
        ("ordered=lamp-1", ["ada@shop.test"]),
        ("ordering=-email", ["grace@shop.test", "ada@shop.test"]),
    ],
)
def test_the_list_filters_through_orders_and_products(ada, grace_api, query, found):
    lamp = ProductFactory(sku="LAMP-1")
    for _ in range(2):
        OrderLineFactory(order=OrderFactory(user=ada), product=lamp)
    body = grace_api.get(f"/api/users/?{query}").json()
    assert [user["email"] for user in body["results"]] == found
    if found == ["ada@shop.test"]:
        assert body["results"][0]["order_count"] == 2


def test_customers_may_not_list_users(ada_api):
    response = ada_api.get("/api/users/")
    assert response.status_code == 403
    assert response.json() == {
        "error": {
            "code": "permission_denied",
            "message": "You do not have permission to perform this action.",
        }
    }


def test_staff_see_anyone_with_the_latest_orders(ada, grace_api, django_assert_num_queries):
    orders = [OrderFactory(user=ada, placed_at=timezone.now()) for _ in range(6)]
    with django_assert_num_queries(4):
        response = grace_api.get(f"/api/users/{ada.pk}/")
    body = response.json()
    assert body["order_count"] == 6
    newest = orders[-1]
    assert body["recent_orders"][0] == {
        "number": newest.number,
        "status": "pending",
        "total": "20.00",
        "currency": "EUR",
        "placed_at": newest.placed_at.isoformat().replace("+00:00", "Z"),
    }
    assert [order["number"] for order in body["recent_orders"]] == [
        order.number for order in reversed(orders[1:])
    ]


def test_customers_see_themselves_and_nobody_else(ada, ada_api, grace):
    assert ada_api.get(f"/api/users/{ada.pk}/").json()["email"] == "ada@shop.test"
    response = ada_api.get(f"/api/users/{grace.pk}/")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


@pytest.fixture
def admin_client(client, grace):
    User.objects.filter(pk=grace.pk).update(is_superuser=True)
    client.force_login(User.objects.get(pk=grace.pk))
    return client


def test_the_admin_shows_orders_and_payment_methods_inline(admin_client, ada):
    payment = PaymentFactory(order=OrderFactory(user=ada, number="S-ADMIN"))
    page = admin_client.get(f"/admin/users/user/{ada.pk}/change/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "S-ADMIN" in text
    assert payment.method.last4 in text


def test_the_admin_finds_a_user_by_order_number(admin_client, ada):
    OrderFactory(user=ada, number="S-FINDME")
    text = admin_client.get("/admin/users/user/?q=S-FINDME").content.decode()
    assert "ada@shop.test" in text
    assert "1 user" in text


def test_the_admin_adds_a_user(admin_client):
    form = {
        "email": "new@shop.test",
        "usable_password": "true",
        "password1": "a long enough phrase",
        "password2": "a long enough phrase",
    }
    response = admin_client.post("/admin/users/user/add/", form)
    assert response.status_code == 302
    user = User.objects.get(email="new@shop.test")
    assert user.check_password("a long enough phrase")
    assert user.profile.loyalty_points == 0
