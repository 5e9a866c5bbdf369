"""Checkout: all of it or nothing."""

import threading
from decimal import Decimal

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections

from monolith.audit.models import AuditEntry
from monolith.orders.factories import CartFactory, CartLineFactory
from monolith.orders.models import CartLine, CheckoutAttempt, Order, OrderLine, OrderStatusChange
from monolith.payments.factories import PaymentMethodFactory
from monolith.payments.models import Payment
from monolith.payments.tests.fixtures import api_for
from monolith.products.factories import CategoryFactory, ProductFactory, TagFactory
from monolith.products.models import Stock
from monolith.users.factories import AddressFactory, UserFactory

URL = "/api/checkout/"


@pytest.fixture
def lamp(customer):
    product = ProductFactory(
        sku="LAMP",
        name="Lamp",
        slug="lamp",
        category=CategoryFactory(name="Lights", slug="lights"),
        price="12.50",
        stock__quantity=5,
        tags=[TagFactory(slug="bright")],
    )
    CartLineFactory(cart=customer.user.cart, product=product, quantity=2)
    return product


def wish(customer, **changes):
    return {
        "shipping_address": customer.address.pk,
        "payment_method": customer.method.pk,
    } | changes


def written() -> dict[str, int]:
    """Count the rows a checkout writes."""
    models = (Order, OrderLine, OrderStatusChange, Payment, CheckoutAttempt)
    counts = {model.__name__: model.objects.count() for model in models}
    return counts | {"placed": AuditEntry.objects.filter(verb="order.placed").count()}


def test_a_checkout_writes_order_stock_payment_points_and_audit(customer, lamp, gateway):
    response = customer.api.post(URL, wish(customer))
    order = Order.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"/api/orders/{order.pk}/"
    body = response.json()
    assert body.pop("placed_at")
    assert body.pop("updated_at")
    assert body == {
        "id": order.pk,
        "number": order.number,
        "status": "pending",
        "customer": {
            "id": customer.user.pk,
            "email": "ann@example.com",
            "first_name": "Ann",
            "last_name": "Archer",
            "loyalty_points": 25,
        },
        "shipping_address": {
            "id": customer.address.pk,
            "label": "home",
            "line1": "Long Lane 1",
            "line2": "",
            "city": "Leeds",
            "postcode": "LS1",
            "country": "GB",
        },
        "lines": [
            {
                "id": order.lines.get().pk,
                "product": {
                    "id": lamp.pk,
                    "sku": "LAMP",
                    "name": "Lamp",
                    "slug": "lamp",
                    "price": "12.50",
                    "currency": "EUR",
                    "category": "Lights",
                },
                "product_name": "Lamp",
                "tags": ["bright"],
                "quantity": 2,
                "unit_price": "12.50",
                "amount": "25.00",
            }
        ],
        "payment": {
            "id": order.payment.pk,
            "status": "authorized",
            "amount": "25.00",
            "currency": "EUR",
            "brand": "Visa",
            "last4": "4242",
        },
        "coupon": "",
        "total": "25.00",
        "currency": "EUR",
    }
    assert Stock.objects.get(product=lamp).quantity == 3
    assert [charge.amount for charge in gateway.ledger.charges()] == [2500]
    assert written() == {
        "Order": 1,
        "OrderLine": 1,
        "OrderStatusChange": 1,
        "Payment": 1,
        "CheckoutAttempt": 0,
        "placed": 1,
    }
    entry = AuditEntry.objects.get(verb="order.placed")
    assert (entry.actor, entry.target) == (customer.user, order)
    assert entry.data == {"total": "25.00", "lines": 1}
    assert not CartLine.objects.exists()


@pytest.mark.holds_commits
def test_the_number_of_queries_does_not_grow_with_the_lines(
    customer, lamp, gateway, django_assert_num_queries
):
    ContentType.objects.get_for_model(Order)
    for size in (1, 6):
        CartLineFactory.create_batch(size, cart=customer.user.cart)
        # 4 to know who asks for what, 2 for the savepoint, 11 to place it, 4 to show it
        with django_assert_num_queries(21):
            assert customer.api.post(URL, wish(customer)).status_code == 201


def test_a_coupon_lowers_the_total(customer, lamp, gateway):
    body = customer.api.post(URL, wish(customer, coupon="WELCOME10")).json()
    assert (body["total"], body["coupon"]) == ("22.50", "WELCOME10")
    assert gateway.ledger.charges()[0].amount == 2250


@pytest.mark.holds_commits
def test_the_confirmation_is_written_after_the_commit(customer, lamp, gateway, outbox_letters):
    with outbox_letters as letters:
        customer.api.post(URL, wish(customer))
        assert letters == []
    order = Order.objects.get()
    (letter,) = letters
    assert (letter.to, letter.subject) == (["ann@example.com"], f"Order {order.number}")
    assert letter.body == (
        "Dear Ann,\n\nthank you for your order:\n\n2 x Lamp (Lights)\n\n"
        "Total: 25.00 EUR, paid with Visa.\nIt goes to Long Lane 1, Leeds.\n"
        "You now have 25 points.\n"
    )


def test_a_declined_payment_leaves_everything_as_it_was(customer, lamp, gateway, outbox_letters):
    bad = PaymentMethodFactory(user=customer.user, token="tok_decline")
    before = written()
    with outbox_letters as letters:
        response = customer.api.post(URL, wish(customer, payment_method=bad.pk))
    assert response.status_code == 402
    assert response.json() == {
        "error": {
            "code": "payment_declined",
            "message": "Your card was declined. (card_declined)",
        }
    }
    assert written() == before
    assert Stock.objects.get(product=lamp).quantity == 5
    assert CartLine.objects.get().quantity == 2
    customer.user.profile.refresh_from_db()
    assert customer.user.profile.loyalty_points == 0
    assert letters == []


def test_a_gateway_out_of_order_is_a_bad_gateway(customer, lamp, gateway):
    bad = PaymentMethodFactory(user=customer.user, token="tok_error")
    response = customer.api.post(URL, wish(customer, payment_method=bad.pk))
    assert response.status_code == 502
    assert response.json() == {
        "error": {
            "code": "gateway_unavailable",
            "message": "The payment gateway does not answer; nothing was changed. Try again.",
        }
    }
    assert not Order.objects.exists()
    assert Stock.objects.get(product=lamp).quantity == 5


def test_what_is_no_longer_for_sale_is_not_sold(customer, lamp, gateway):
    lamp.is_active = False
    lamp.save()
    response = customer.api.post(URL, wish(customer))
    assert response.status_code == 409
    assert response.json()["error"]["message"] == "Not enough in stock: LAMP (0 left)."


def test_one_order_has_one_currency(customer, lamp, gateway):
    CartLineFactory(cart=customer.user.cart, product=ProductFactory(currency="CHF"))
    response = customer.api.post(URL, wish(customer))
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "mixed_currencies"


def test_too_little_stock_names_every_short_product(customer, lamp, gateway):
    desk = ProductFactory(sku="DESK")
    CartLineFactory(cart=customer.user.cart, product=desk, quantity=3)
    Stock.objects.filter(product__in=[lamp, desk]).update(quantity=1)
    response = customer.api.post(URL, wish(customer))
    assert response.status_code == 409
    assert response.json() == {
        "error": {
            "code": "out_of_stock",
            "message": "Not enough in stock: LAMP (1 left), DESK (1 left).",
        }
    }
    assert gateway.statuses == []


def test_an_empty_cart_is_refused(customer, gateway):
    response = customer.api.post(URL, wish(customer))
    assert response.status_code == 400
    assert response.json() == {
        "error": {
            "code": "empty_cart",
            "message": "The cart is empty; add a line before you check out.",
        }
    }


def test_the_address_and_the_card_must_be_ones_own(customer, lamp):
    response = customer.api.post(
        URL,
        wish(
            customer,
            shipping_address=AddressFactory().pk,
            payment_method=PaymentMethodFactory().pk,
            coupon="NOPE",
        ),
    )
    assert response.status_code == 400
    fields = response.json()["error"]["fields"]
    assert sorted(fields) == ["coupon", "payment_method", "shipping_address"]


def test_checking_out_needs_an_account(anonymous, db):
    response = anonymous.post(URL, {})
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "not_authenticated"


def test_the_same_key_places_one_order(customer, lamp, gateway):
    headers = {"Idempotency-Key": "abc"}
    first = customer.api.post(URL, wish(customer), headers=headers)
    again = customer.api.post(URL, wish(customer), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert gateway.statuses == ["authorized"]
    assert Stock.objects.get(product=lamp).quantity == 3


def test_a_key_is_for_one_request(customer, lamp, gateway):
    headers = {"Idempotency-Key": "abc"}
    customer.api.post(URL, wish(customer), headers=headers)
    response = customer.api.post(URL, wish(customer, coupon="SPRING25"), headers=headers)
    assert response.status_code == 422
    assert response.json() == {
        "error": {
            "code": "idempotency_key_reused",
            "message": "This Idempotency-Key came with another request; use a fresh key.",
        }
    }


def test_a_key_too_long_to_keep_is_refused(customer, lamp, gateway):
    response = customer.api.post(URL, wish(customer), headers={"Idempotency-Key": "k" * 129})
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {
        "Idempotency-Key": ["At most 128 characters; this one has 129."]
    }
    assert gateway.statuses == []


def test_two_customers_may_choose_the_same_key(customer, lamp, gateway):
    headers = {"Idempotency-Key": "abc"}
    customer.api.post(URL, wish(customer), headers=headers)
    other = UserFactory()
    CartLineFactory(cart=other.cart, product=lamp)
    response = api_for(other).post(
        URL,
        {
            "shipping_address": AddressFactory(user=other).pk,
            "payment_method": PaymentMethodFactory(user=other).pk,
        },
        headers=headers,
    )
    assert response.status_code == 201
    assert Order.objects.count() == 2


def test_after_a_lost_answer_the_key_finds_the_money_held(customer, lamp, gateway, settings):
    slow = PaymentMethodFactory(user=customer.user, token="tok_slow")
    body, headers = wish(customer, payment_method=slow.pk), {"Idempotency-Key": "abc"}
    settings.PAYMENT_GATEWAY_TIMEOUT_S = 0.1
    assert customer.api.post(URL, body, headers=headers).status_code == 502
    settings.PAYMENT_GATEWAY_TIMEOUT_S = 5.0
    assert customer.api.post(URL, body, headers=headers).status_code == 201
    assert gateway.statuses == ["authorized"]


def test_stripe_takes_the_money_just_as_well(customer, lamp, gateway, settings):
    settings.PAYMENT_GATEWAY = "stripe"
    assert customer.api.post(URL, wish(customer)).status_code == 201
    assert Order.objects.get().payment.gateway_reference == "pi_1"
    assert gateway.statuses == ["authorized"]


def in_threads(*acts):
    """Run all at once, each on database connections of its own; return their answers."""
    answers = []
    barrier = threading.Barrier(len(acts))

    def run(act):
        try:
            barrier.wait(timeout=30)
            answers.append(act())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_last_piece_is_sold_once(gateway):
    if connection.vendor != "postgresql":
        pytest.skip("row locks are PostgreSQL's; run with --shop-db postgres")
    product = ProductFactory(stock__quantity=1)
    acts = []
    for user in UserFactory.create_batch(2):
        CartLineFactory(cart=CartFactory(user=user), product=product)
        body = {
            "shipping_address": AddressFactory(user=user).pk,
            "payment_method": PaymentMethodFactory(user=user).pk,
        }
        api = api_for(user)
        acts.append(lambda api=api, body=body: api.post(URL, body).status_code)
    assert sorted(in_threads(*acts)) == [201, 409]
    assert Stock.objects.get(product=product).quantity == 0
    assert Order.objects.count() == 1
    assert gateway.statuses == ["authorized"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_the_same_moment_places_one_order(gateway):
    if connection.vendor != "postgresql":
        pytest.skip("row locks are PostgreSQL's; run with --shop-db postgres")
    product = ProductFactory(price=Decimal("5.00"))
    user = UserFactory()
    CartLineFactory(cart=user.cart, product=product)
    body = {
        "shipping_address": AddressFactory(user=user).pk,
        "payment_method": PaymentMethodFactory(user=user).pk,
    }
    apis = [api_for(user), api_for(user)]
    acts = [
        lambda api=api: api.post(URL, body, headers={"Idempotency-Key": "k"}).json()["id"]
        for api in apis
    ]
    first, second = in_threads(*acts)
    assert first == second == Order.objects.get().pk
    assert gateway.statuses == ["authorized"]
