"""Payments: seen by the customer, captured and given back by staff."""

from decimal import Decimal

import pytest

from monolith.audit.models import AuditEntry
from monolith.orders.factories import OrderFactory
from monolith.payments.factories import PaymentFactory
from monolith.payments.gateways import get_gateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(customer, gateway):
    """A payment of 25.00 that the gateway holds."""
    reference = get_gateway().authorize(
        amount=Decimal("25.00"), currency="EUR", token="tok_visa", idempotency_key="held"
    )
    order = OrderFactory(
        number="S1",
        user=customer.user,
        shipping_address=customer.address,
        total=Decimal("25.00"),
    )
    return PaymentFactory(order=order, method=customer.method, gateway_reference=reference)


def url_of(payment, action=""):
    return f"/api/payments/{payment.pk}/{action}"


def test_a_payment_shows_its_order_customer_and_method(customer, payment):
    response = customer.api.get(url_of(payment))
    assert response.status_code == 200
    body = response.json()
    assert body["method"].pop("created_at")
    assert body == {
        "id": payment.pk,
        "order": "S1",
        "customer": "ann@example.com",
        "loyalty_points": 0,
        "city": "Leeds",
        "method": {
            "id": customer.method.pk,
            "kind": "card",
            "last4": "4242",
            "brand": "Visa",
            "is_default": False,
        },
        "amount": "25.00",
        "currency": "EUR",
        "status": "authorized",
        "captured_at": None,
        "failure_reason": "",
        "refunds": [],
    }


def test_a_payment_takes_a_fixed_number_of_queries(customer, payment, django_assert_num_queries):
    for _ in range(2):
        payment.refunds.create(amount=1, created_by=customer.user)
        with django_assert_num_queries(5):
            customer.api.get(url_of(payment))


def test_payments_of_others_are_not_found(customer):
    assert customer.api.get(url_of(PaymentFactory())).status_code == 404


def test_staff_see_every_payment(staff, payment):
    assert staff.get(url_of(payment)).json()["customer"] == "ann@example.com"


def test_capturing_takes_the_money_and_the_order_is_paid(staff, payment, gateway, outbox_letters):
    with outbox_letters as letters:
        response = staff.post(url_of(payment, "capture/"))
    assert response.status_code == 200
    assert response.json()["status"] == "captured"
    assert response.json()["captured_at"]
    assert gateway.statuses == ["captured"]
    payment.order.refresh_from_db()
    assert payment.order.status == "paid"
    change = payment.order.status_changes.get()
    assert (change.from_status, change.to_status, change.changed_by.email) == (
        "pending",
        "paid",
        "staff@example.com",
    )
    (letter,) = letters
    assert (letter.to, letter.subject) == (["ann@example.com"], "Payment for order S1")
    assert letter.body == "We received 25.00 EUR.\n"
    assert AuditEntry.objects.get(verb="payment.captured").target == payment


def test_money_is_taken_once(staff, payment, gateway):
    staff.post(url_of(payment, "capture/"))
    response = staff.post(url_of(payment, "capture/"))
    assert response.status_code == 409
    assert response.json() == {
        "error": {
            "code": "invalid_payment_state",
            "message": "A payment that is captured cannot be captured.",
        }
    }


@pytest.mark.holds_commits
def test_money_is_given_back_in_parts_until_none_is_left(staff, payment, gateway, outbox_letters):
    staff.post(url_of(payment, "capture/"))
    with outbox_letters as letters:
        part = staff.post(url_of(payment, "refund/"), {"amount": "5.00", "reason": "scratched"})
    assert part.status_code == 200
    assert part.json()["status"] == "partially_refunded"
    (refund,) = part.json()["refunds"]
    assert refund.pop("created_at")
    assert refund == {
        "id": refund["id"],
        "amount": "5.00",
        "reason": "scratched",
        "created_by": "staff@example.com",
    }
    assert letters[0].body == (
        "Dear Ann,\n\n5.00 EUR are on their way back to your Visa ending 4242.\n"
    )
    too_much = staff.post(url_of(payment, "refund/"), {"amount": "20.01"})
    assert too_much.status_code == 400
    assert too_much.json() == {
        "error": {
            "code": "refund_too_large",
            "message": "20.01 was asked for; at most 20.00 can be refunded.",
        }
    }
    rest = staff.post(url_of(payment, "refund/"))
    assert rest.json()["status"] == "refunded"
    assert [refund["amount"] for refund in rest.json()["refunds"]] == ["5.00", "20.00"]
    assert gateway.ledger.charges()[0].refunded == 2500
    payment.order.refresh_from_db()
    assert payment.order.status == "refunded"
    assert staff.post(url_of(payment, "refund/")).status_code == 409


def test_what_was_not_taken_is_not_given_back(staff, payment):
    response = staff.post(url_of(payment, "refund/"))
    assert response.status_code == 409
    assert response.json()["error"]["message"] == (
        "A payment that is authorized cannot be refunded."
    )


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "x"])
def test_bad_amounts_are_named(staff, payment, amount):
    response = staff.post(url_of(payment, "refund/"), {"amount": amount})
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == ["amount"]


def test_a_gateway_that_does_not_answer_changes_nothing(staff, payment, settings):
    settings.FAKE_GATEWAY_URL = "http://127.0.0.1:1"
    response = staff.post(url_of(payment, "capture/"))
    assert response.status_code == 502
    assert response.json()["error"]["code"] == "gateway_unavailable"
    payment.refresh_from_db()
    assert payment.status == "authorized"
    assert not payment.order.status_changes.exists()


def test_a_charge_the_gateway_does_not_know_is_refused(staff, payment):
    payment.gateway_reference = "ch_99"
    payment.save()
    response = staff.post(url_of(payment, "capture/"))
    assert response.status_code == 402
    assert response.json() == {
        "error": {
            "code": "payment_declined",
            "message": "There is no charge 99. (not_found)",
        }
    }


def test_customers_neither_capture_nor_refund(customer, payment):
    for action in ("capture/", "refund/"):
        response = customer.api.post(url_of(payment, action))
        assert response.status_code == 403
        assert response.json()["error"]["code"] == "permission_denied"
