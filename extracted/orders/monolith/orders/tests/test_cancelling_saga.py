"""An order cancelled in steps: money, goods and points come back, each once and in the end."""

from decimal import Decimal

import pytest
from django.core.management import call_command

from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.payments.factories import PaymentFactory
from monolith.payments.gateways import get_gateway
from monolith.products.models import Stock
from monolith.users.models import Profile

pytestmark = [pytest.mark.django_db, pytest.mark.holds_commits]


@pytest.fixture
def order(as_saga, customer, gateway):
    """An order of two pieces of which the gateway holds the money, and that gave 25 points."""
    order = OrderFactory(
        number="S1", user=customer.user, shipping_address=customer.address, total=Decimal("25.00")
    )
    OrderLineFactory(order=order, quantity=2)
    reference = get_gateway().authorize(
        amount=order.total, currency="EUR", token="tok_visa", idempotency_key="held"
    )
    PaymentFactory(order=order, method=customer.method, gateway_reference=reference)
    Profile.objects.filter(user=customer.user).update(loyalty_points=30)
    return order


def came_back(order):
    """Return the pieces in stock, the customer's points, and the order's history."""
    return (
        Stock.objects.get(product=order.lines.get().product_id).quantity,
        Profile.objects.get(user=order.user_id).loyalty_points,
        list(order.status_changes.values_list("to_status", flat=True)),
    )


def test_a_gateway_that_does_not_answer_is_asked_until_it_does(
    order, customer, settings, gateway, as_saga
):
    here, before = settings.FAKE_GATEWAY_URL, came_back(order)
    settings.FAKE_GATEWAY_URL = "http://127.0.0.1:1"
    answer = customer.api.post(f"/api/orders/{order.pk}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert came_back(order) == (before[0], 30, ["cancelled"])
    settings.FAKE_GATEWAY_URL = here
    as_saga.update(retry_at=None)
    call_command("resume_sagas")
    assert gateway.statuses == ["voided"]
    assert came_back(order) == (before[0] + 2, 5, ["cancelled"])


def test_a_gateway_that_says_no_opens_the_order_again(order, customer, gateway):
    gateway.ledger.void(1)
    before = came_back(order)
    answer = customer.api.post(f"/api/orders/{order.pk}/cancel/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "payment_declined")
    order.refresh_from_db()
    assert (order.status, order.payment.status) == ("pending", "authorized")
    assert came_back(order) == (*before[:2], ["cancelled", "pending"])


def test_an_order_that_is_being_placed_is_not_cancelled(order, customer, gateway, as_saga):
    as_saga.create(saga="checkout", key="k", way="forward", data={"order": order.pk})
    answer = customer.api.post(f"/api/orders/{order.pk}/cancel/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "checkout_pending")
    order.refresh_from_db()
    assert (order.status, gateway.statuses) == ("pending", ["authorized"])
