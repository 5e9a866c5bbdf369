"""How many queries each write, page, letter and command of orders and payments takes.

Reads of lists are pinned beside what they show; here is the rest. A rewritten shop may take fewer
queries against these tables, and must not take more as orders grow.
"""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.utils import timezone

from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.orders.tasks import cancel_unpaid
from monolith.payments.factories import PaymentFactory
from monolith.payments.gateways import get_gateway
from monolith.products.factories import ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(customer, gateway):
    """An order of two lines whose money the gateway holds."""
    order = OrderFactory(
        number="S1",
        user=customer.user,
        shipping_address=customer.address,
        placed_at=timezone.now() - timedelta(hours=2),
    )
    OrderLineFactory.create_batch(2, order=order)
    reference = get_gateway().authorize(
        amount=order.total, currency="EUR", token="tok_visa", idempotency_key="held"
    )
    payment = PaymentFactory(order=order, method=customer.method, gateway_reference=reference)
    ContentType.objects.get_for_models(type(order), type(payment))
    return order


def test_cart_writes(customer, django_assert_num_queries):
    product = ProductFactory()
    with django_assert_num_queries(14):
        line = customer.api.post("/api/cart/lines/", {"product": product.pk}).json()
    with django_assert_num_queries(12):
        customer.api.post("/api/cart/lines/", {"product": product.pk})
    url = f"/api/cart/lines/{line['id']}/"
    with django_assert_num_queries(9):
        customer.api.patch(url, {"quantity": 3})
    with django_assert_num_queries(5):
        customer.api.delete(url)
    with django_assert_num_queries(4):
        customer.api.delete("/api/cart/")


def test_cancelling_before_capture(customer, order, django_assert_num_queries):
    with django_assert_num_queries(26):
        assert customer.api.post(f"/api/orders/{order.pk}/cancel/").status_code == 200


def test_capture_and_refund(staff, order, django_assert_num_queries):
    url = f"/api/payments/{order.payment.pk}/"
    with django_assert_num_queries(13):
        assert staff.post(f"{url}capture/").status_code == 200
    with django_assert_num_queries(15):
        assert staff.post(f"{url}refund/", {"amount": "1.00"}).status_code == 200


def test_payment_methods(customer, django_assert_num_queries):
    with django_assert_num_queries(6):
        method = customer.api.post("/api/payment-methods/", {"token": "t"}).json()
    url = f"/api/payment-methods/{method['id']}/"
    with django_assert_num_queries(3):
        customer.api.get(url)
    with django_assert_num_queries(7):
        customer.api.patch(url, {"is_default": True})
    with django_assert_num_queries(5):
        customer.api.delete(url)


def test_cancelling_the_unpaid(order, django_assert_num_queries):
    with django_assert_num_queries(17):
        assert cancel_unpaid(older_than_hours=1) == ["S1"]
    with django_assert_num_queries(1):
        assert cancel_unpaid(older_than_hours=1) == []


def test_reconciling_payments(order, django_assert_num_queries, capsys):
    with django_assert_num_queries(1):
        call_command("reconcile_payments")
    order.total += 1
    order.save()
    with django_assert_num_queries(3), pytest.raises(SystemExit):
        call_command("reconcile_payments")
