"""The cart: anonymous and signed in, and what happens in between."""

import pytest

from monolith.orders.factories import CartLineFactory
from monolith.orders.models import Cart, CartLine
from monolith.products.factories import ProductFactory
from monolith.users.factories import DEFAULT_PASSWORD

pytestmark = pytest.mark.django_db


def product_body(product):
    return {
        "id": product.pk,
        "sku": product.sku,
        "name": product.name,
        "slug": product.slug,
        "price": str(product.price),
        "currency": "EUR",
        "category": product.category.name,
    }


def test_an_empty_cart_is_shown_to_anybody(anonymous):
    response = anonymous.get("/api/cart/")
    cart = Cart.objects.get()
    assert response.status_code == 200
    assert response.json() == {"id": cart.pk, "lines": [], "total": "0.00"}


def test_a_line_shows_its_product_today(customer):
    product = ProductFactory(price="12.50", stock__quantity=5)
    response = customer.api.post("/api/cart/lines/", {"product": product.pk, "quantity": 2})
    line = CartLine.objects.get()
    body = {
        "id": line.pk,
        "product": product_body(product),
        "quantity": 2,
        "amount": "25.00",
        "available": 5,
    }
    assert (response.status_code, response.json()) == (201, body)
    product.price = "20.00"
    product.save()
    body["product"]["price"], body["amount"] = "20.00", "40.00"
    cart = {"id": customer.user.cart.pk, "lines": [body], "total": "40.00"}
    assert customer.api.get("/api/cart/").json() == cart


def test_the_cart_takes_the_same_queries_however_long(customer, django_assert_num_queries):
    for _ in range(2):
        CartLineFactory.create_batch(3, cart=customer.user.cart)
        # session, user, cart, cart again; lines, products, categories, stock
        with django_assert_num_queries(8):
            assert customer.api.get("/api/cart/").status_code == 200


def test_the_same_product_again_adds_to_its_line(customer):
    product = ProductFactory(stock__quantity=5)
    for quantity in (2, 3):
        response = customer.api.post(
            "/api/cart/lines/", {"product": product.pk, "quantity": quantity}
        )
    assert response.json()["quantity"] == 5
    assert CartLine.objects.count() == 1


def test_no_more_than_is_left_goes_in(customer):
    product = ProductFactory(sku="LAMP", stock__quantity=5, stock__reserved=2)
    response = customer.api.post("/api/cart/lines/", {"product": product.pk, "quantity": 4})
    assert response.status_code == 409
    assert response.json() == {
        "error": {"code": "out_of_stock", "message": "Not enough in stock: LAMP (3 left)."}
    }
    assert not CartLine.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quantity": 1}, "product"),
        ({"product": 0}, "product"),
        ({"product": "x"}, "product"),
        ({"product": 1, "quantity": 0}, "quantity"),
        ({"product": 1, "quantity": 1000}, "quantity"),
    ],
)
def test_bad_lines_are_named_by_field(customer, body, field):
    response = customer.api.post("/api/cart/lines/", body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "invalid"
    assert field in error["fields"]


def test_what_is_not_for_sale_cannot_be_put_in(customer):
    product = ProductFactory(is_active=False)
    response = customer.api.post("/api/cart/lines/", {"product": product.pk})
    assert response.status_code == 400
    assert "product" in response.json()["error"]["fields"]


def test_a_line_can_be_changed_and_removed(customer):
    line = CartLineFactory(cart=customer.user.cart)
    url = f"/api/cart/lines/{line.pk}/"
    response = customer.api.patch(url, {"quantity": 7})
    assert (response.status_code, response.json()["quantity"]) == (200, 7)
    assert customer.api.patch(url, {"quantity": 101}).status_code == 409
    assert customer.api.patch(url, {"quantity": "x"}).status_code == 400
    assert customer.api.delete(url).status_code == 204
    assert customer.api.delete(url).json() == {
        "error": {"code": "not_found", "message": "Not found."}
    }


def test_the_cart_can_be_emptied(customer):
    CartLineFactory.create_batch(2, cart=customer.user.cart)
    assert customer.api.delete("/api/cart/").status_code == 204
    assert customer.api.get("/api/cart/").json()["lines"] == []


def test_nobody_touches_the_line_of_another(customer, anonymous):
    line = CartLineFactory()
    assert customer.api.patch(f"/api/cart/lines/{line.pk}/", {"quantity": 9}).status_code == 404
    assert anonymous.delete(f"/api/cart/lines/{line.pk}/").status_code == 404


def test_two_visitors_have_two_carts(anonymous, client):
    product = ProductFactory()
    anonymous.post("/api/cart/lines/", {"product": product.pk})
    assert len(anonymous.get("/api/cart/").json()["lines"]) == 1
    assert client.get("/api/cart/").json()["lines"] == []


def test_signing_in_brings_the_cart_along(customer, anonymous):
    kept, shared = ProductFactory.create_batch(2, stock__quantity=4)
    CartLineFactory(cart=customer.user.cart, product=shared, quantity=3)
    for product in (kept, shared):
        anonymous.post("/api/cart/lines/", {"product": product.pk, "quantity": 2})
    answer = anonymous.post(
        "/api/auth/login/", {"email": "ann@example.com", "password": DEFAULT_PASSWORD}
    )
    assert answer.status_code == 200
    quantities = {
        line["product"]["id"]: line["quantity"]
        for line in anonymous.get("/api/cart/").json()["lines"]
    }
    assert quantities == {kept.pk: 2, shared.pk: 4}
    assert Cart.objects.count() == 1


def test_what_was_chosen_before_signing_in_can_be_ordered_at_once(customer, anonymous, gateway):
    product = ProductFactory()
    anonymous.post("/api/cart/lines/", {"product": product.pk})
    anonymous.force_login(customer.user)
    answer = anonymous.post(
        "/api/checkout/",
        {"shipping_address": customer.address.pk, "payment_method": customer.method.pk},
    )
    assert [line["product"]["id"] for line in answer.json()["lines"]] == [product.pk]
