"""Payments tells orders what became of the money once that is committed, until it has heard."""

from decimal import Decimal

import pytest
from django.core.management import call_command

from monolith.orders.factories import OrderFactory
from monolith.payments.factories import PaymentFactory
from monolith.payments.gateways import get_gateway
from monolith.payments.services import payment_capture, payment_refund

pytestmark = [pytest.mark.django_db, pytest.mark.holds_commits]


def test_an_order_hears_of_its_money_though_the_process_died(as_saga, customer, gateway):
    """Nothing runs after these commits, as where the process died with them."""
    reference = get_gateway().authorize(
        amount=Decimal("25.00"), currency="EUR", token="tok_visa", idempotency_key="held"
    )
    order = OrderFactory(user=customer.user, shipping_address=customer.address, total=25)
    payment = PaymentFactory(order=order, method=customer.method, gateway_reference=reference)
    order.status_changes.all().delete()

    payment_capture(payment=payment, actor=customer.user)
    order.refresh_from_db()
    assert (gateway.statuses, order.status) == (["captured"], "pending")
    call_command("resume_sagas")
    order.refresh_from_db()
    assert order.status == "paid"
    payment_refund(payment=payment, actor=None, reason="scratched")
    call_command("resume_sagas")
    call_command("resume_sagas")
    told = order.status_changes.values_list("from_status", "to_status", "changed_by", "note")
    assert list(told) == [
        ("pending", "paid", customer.user.pk, "payment captured"),
        ("paid", "refunded", None, "scratched"),
    ]
