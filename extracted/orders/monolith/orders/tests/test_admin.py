"""Orders and payments in the admin."""

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from monolith.audit.services import record
from monolith.orders.factories import CartLineFactory, OrderFactory, OrderLineFactory
from monolith.payments.factories import PaymentFactory, RefundFactory
from monolith.products.factories import ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(customer):
    order = OrderFactory(number="S1", user=customer.user, shipping_address=customer.address)
    OrderLineFactory(order=order, product=ProductFactory(sku="LAMP", stock__quantity=41))
    RefundFactory(payment=PaymentFactory(order=order, method=customer.method))
    record(actor=customer.user, verb="order.looked-at", target=order)
    return order


def test_the_order_list_walks_to_customer_address_and_card(admin_client: Client, order):
    response = admin_client.get("/admin/orders/order/")
    for part in ("Ann Archer &lt;ann@example.com&gt; (0 points)", "Leeds", "Visa"):
        assertContains(response, part)


@pytest.mark.parametrize(
    ("query", "found"), [("ann@", True), ("Archer", True), ("LAMP", True), ("DESK", False)]
)
def test_orders_are_searched_through_relations(admin_client, order, query, found):
    response = admin_client.get(f"/admin/orders/order/?q={query}")
    (assertContains if found else assertNotContains)(response, ">S1<")


def test_the_list_takes_the_same_queries_however_long(
    admin_client, order, django_assert_max_num_queries
):
    OrderFactory.create_batch(5)
    with django_assert_max_num_queries(9):
        admin_client.get("/admin/orders/order/")


def test_an_order_shows_stock_payment_and_audit_inline(admin_client, order):
    response = admin_client.get(f"/admin/orders/order/{order.pk}/change/")
    for part in ("41", str(order.payment.method), "order.looked-at"):
        assertContains(response, part)


def test_payments_and_carts_open(admin_client, order):
    CartLineFactory(cart=order.user.cart)
    payment = order.payment
    assertContains(
        admin_client.get("/admin/payments/payment/?q=ann@example.com"),
        "Ann &lt;ann@example.com&gt;",
    )
    for path in (
        f"payments/payment/{payment.pk}/change/",
        f"payments/paymentmethod/{payment.method_id}/change/",
        f"orders/cart/{order.user.cart.pk}/change/",
        "payments/paymentmethod/?q=Archer",
        "orders/cart/?q=ann@example.com",
    ):
        assert admin_client.get(f"/admin/{path}").status_code == 200
    assertNotContains(
        admin_client.get(f"/admin/payments/paymentmethod/{payment.method_id}/change/"), "tok_visa"
    )


def test_the_audit_log_is_only_read(admin_client, order):
    assertContains(
        admin_client.get("/admin/audit/auditentry/?q=ann@example.com"), "order.looked-at"
    )
    assert admin_client.get("/admin/audit/auditentry/add/").status_code == 403
