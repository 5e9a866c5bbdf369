"""The account page walks orders, lines, payments, addresses and favourites."""

import pytest

from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.payments.factories import PaymentFactory, PaymentMethodFactory, RefundFactory
from monolith.products.factories import ProductFactory
from monolith.users.factories import AddressFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(ada):
    """Ada with an order that was paid and partly refunded, and a favourite."""
    home = AddressFactory(user=ada, line1="1 Mill Lane", city="Leeds", is_default=True)
    kettle = ProductFactory(name="Kettle", stock__quantity=7)
    order = OrderFactory(user=ada, number="S-ONE", shipping_address=home, total="49.00")
    OrderLineFactory(order=order, product=kettle, quantity=2)
    card = PaymentMethodFactory(user=ada, brand="Visa", last4="1881")
    payment = PaymentFactory(order=order, method=card, status="partially_refunded")
    RefundFactory(payment=payment, amount="4.50")
    ada.profile.favourite_products.add(kettle)
    return ada


def test_shows_what_the_user_has_everywhere(client, customer, django_assert_num_queries):
    client.force_login(customer)
    with django_assert_num_queries(11):
        response = client.get("/account/")
    text = " ".join(response.content.decode().split())
    assert response.status_code == 200
    for shown in (
        "<h1>Ada Lovelace</h1>",
        "S-ONE",
        '2 &times; <a href="/products/kettle/">Kettle</a>',
        "<td>Leeds</td>",
        "Visa 1881, Partially refunded",
        "4.50 given back",
        "49.00 EUR",
        "1 Mill Lane",
        "7 in stock",
    ):
        assert shown in text


def test_costs_the_same_for_many_orders(client, customer, django_assert_num_queries):
    for _ in range(5):
        OrderLineFactory.create_batch(2, order=PaymentFactory(order__user=customer).order)
    client.force_login(customer)
    with django_assert_num_queries(11):
        client.get("/account/")


def test_shows_the_newest_ten_orders(client, customer):
    for _ in range(10):
        OrderFactory(user=customer)
    client.force_login(customer)
    text = client.get("/account/").content.decode()
    assert "S-ONE" not in text
    assert text.count('<br><span class="soft">') == 10


def test_shows_an_order_without_payment(client, ada):
    OrderFactory(user=ada, number="S-FREE")
    client.force_login(ada)
    assert '<span class="soft">none</span>' in client.get("/account/").content.decode()


def test_sends_strangers_to_the_login_page(client):
    response = client.get("/account/")
    assert (response.status_code, response["Location"]) == (302, "/account/login/?next=/account/")
