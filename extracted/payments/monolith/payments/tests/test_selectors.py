"""Reads of the payments app across orders and users."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from monolith.payments.factories import PaymentFactory, RefundFactory
from monolith.payments.selectors import (
    payments_search,
    revenue_by_brand,
    spend_of_customers,
)

pytestmark = pytest.mark.django_db


def paid(amount, **fields):
    return PaymentFactory(
        order__total=Decimal(amount), captured_at=timezone.now(), status="captured", **fields
    )


def test_payments_are_found_by_customer_and_city():
    leeds = PaymentFactory(
        order__user__email="ann@example.com", order__shipping_address__city="Leeds"
    )
    PaymentFactory(order__shipping_address__city="York")
    assert list(payments_search(email="ANN@example.com")) == [leeds]
    assert list(payments_search(city="leeds")) == [leeds]
    assert payments_search().count() == 2
    assert not payments_search(email="ann@example.com", city="York").exists()


def test_revenue_is_summed_by_brand(customer):
    visa = customer.method
    paid("10.00", order__user=customer.user, method=visa)
    paid("30.00", order__user=customer.user, method=visa)
    paid("5.00", method__brand="Amex")
    PaymentFactory(method__brand="Never captured")
    rows = revenue_by_brand(since=timezone.now() - timedelta(days=1))
    assert [
        (
            row["method__brand"],
            row["payments"],
            row["customers"],
            row["captured"],
            row["largest_order"],
        )
        for row in rows
    ] == [("Amex", 1, 1, Decimal(5), Decimal(5)), ("Visa", 2, 1, Decimal(40), Decimal(30))]
    assert revenue_by_brand(since=timezone.now() + timedelta(days=1)) == []


def test_customers_are_ranked_by_what_they_paid(customer):
    paid("10.00", order__user=customer.user)
    paid("30.00", order__user=customer.user)
    other = paid("15.00").order.user
    PaymentFactory(order__total=Decimal("99.00"))
    rows = spend_of_customers(minimum=Decimal("12.00"))
    assert [(user.pk, user.paid) for user in rows] == [
        (customer.user.pk, Decimal(40)),
        (other.pk, Decimal(15)),
    ]


def test_a_payment_knows_what_was_given_back():
    payment = paid("20.00", order__number="S7", order__user__email="bo@example.com")
    assert payment.refunded_amount == Decimal("0.00")
    refund = RefundFactory(payment=payment, amount=Decimal("5.00"))
    assert payment.refunded_amount == Decimal("5.00")
    assert payment.payer_email == "bo@example.com"
    assert str(payment) == "20.00 EUR for S7"
    assert str(refund) == "5.00 EUR of S7"
    assert str(payment.method) == "Visa ending 4242 of bo@example.com"
