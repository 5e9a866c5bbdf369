"""Both gateways keep the same promises against a real HTTP server."""

import socket
from decimal import Decimal

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured

from monolith.payments.gateways import get_gateway
from monolith.payments.gateways.base import (
    GatewayUnavailableError,
    PaymentDeclinedError,
    to_minor_units,
)
from monolith.payments.gateways.fake import FakeGateway
from monolith.payments.gateways.stripe import StripeGateway


@pytest.fixture(params=["fake", "stripe"])
def any_gateway(request, gateway, settings):
    settings.PAYMENT_GATEWAY = request.param
    return get_gateway()


def authorize(any_gateway, *, token="tok_visa", key="k1", amount="12.30"):
    return any_gateway.authorize(
        amount=Decimal(amount), currency="EUR", token=token, idempotency_key=key
    )


def test_the_settings_choose_the_gateway(gateway, settings):
    assert isinstance(get_gateway(), FakeGateway)
    settings.PAYMENT_GATEWAY = "stripe"
    assert isinstance(get_gateway(), StripeGateway)
    settings.PAYMENT_GATEWAY = "paper"
    with pytest.raises(ImproperlyConfigured, match="'paper'; allowed"):
        get_gateway()


def test_authorized_money_is_held_then_captured_then_given_back(any_gateway, gateway):
    reference = authorize(any_gateway)
    (charge,) = gateway.ledger.charges()
    assert (charge.amount, charge.currency.upper(), charge.status) == (1230, "EUR", "authorized")
    any_gateway.capture(reference=reference, amount=Decimal("12.30"), idempotency_key="k2")
    assert any_gateway.refund(reference=reference, amount=Decimal("2.30"), idempotency_key="k3")
    (charge,) = gateway.ledger.charges()
    assert (charge.status, charge.captured, charge.refunded) == ("captured", 1230, 230)


def test_held_money_can_be_let_go(any_gateway, gateway):
    any_gateway.void(reference=authorize(any_gateway), idempotency_key="k2")
    assert gateway.statuses == ["voided"]


def test_the_same_key_moves_money_once(any_gateway, gateway):
    assert authorize(any_gateway) == authorize(any_gateway)
    assert authorize(any_gateway, key="other")
    assert gateway.statuses == ["authorized", "authorized"]


def test_a_key_used_for_another_amount_is_not_believed(any_gateway, gateway):
    authorize(any_gateway)
    with pytest.raises((PaymentDeclinedError, GatewayUnavailableError)):
        authorize(any_gateway, amount="99.00")
    assert gateway.statuses == ["authorized"]


def test_a_declined_card_is_named(any_gateway, gateway):
    with pytest.raises(PaymentDeclinedError, match="Your card was declined") as failure:
        authorize(any_gateway, token="tok_decline")
    assert failure.value.code == "card_declined"
    assert gateway.statuses == []


def test_more_than_was_captured_is_not_given_back(any_gateway):
    reference = authorize(any_gateway)
    any_gateway.capture(reference=reference, amount=Decimal("12.30"), idempotency_key="k2")
    with pytest.raises(PaymentDeclinedError):
        any_gateway.refund(reference=reference, amount=Decimal("12.31"), idempotency_key="k3")


def test_an_unknown_reference_is_a_no(any_gateway):
    reference = authorize(any_gateway).rstrip("0123456789") + "999"
    with pytest.raises(PaymentDeclinedError):
        any_gateway.capture(reference=reference, amount=Decimal(1), idempotency_key="k9")


def test_an_error_of_the_gateway_is_no_answer(any_gateway):
    with pytest.raises(GatewayUnavailableError):
        authorize(any_gateway, token="tok_error")


@pytest.mark.parametrize("kind", ["fake", "stripe"])
def test_a_slow_gateway_is_given_up_and_repeating_the_key_is_safe(kind, gateway, settings):
    settings.PAYMENT_GATEWAY = kind
    settings.PAYMENT_GATEWAY_TIMEOUT_S = 0.1
    with pytest.raises(GatewayUnavailableError):
        authorize(get_gateway(), token="tok_slow")
    settings.PAYMENT_GATEWAY_TIMEOUT_S = 5.0
    assert authorize(get_gateway(), token="tok_slow")
    assert gateway.statuses == ["authorized"]


@pytest.mark.parametrize("kind", ["fake", "stripe"])
def test_nobody_listening_is_no_answer(kind, gateway, settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.PAYMENT_GATEWAY = kind
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        settings.FAKE_GATEWAY_URL = settings.STRIPE_API_BASE = url
        with pytest.raises(GatewayUnavailableError):
            authorize(get_gateway())


@pytest.mark.parametrize(("amount", "minor"), [("0.01", 1), ("12.3", 1230), ("100", 10000)])
def test_amounts_travel_as_cents(amount, minor):
    assert to_minor_units(Decimal(amount)) == minor


def test_half_cents_are_refused():
    with pytest.raises(ValueError, match=r"12\.345 has more than two decimal places"):
        to_minor_units(Decimal("12.345"))


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/nowhere", "{}", 404, "not_found"),
        ("/charges", "not json", 400, "invalid_request"),
        ("/charges", "{}", 400, "invalid_request"),
        ("/charges", '{"amount": 0, "currency": "EUR", "token": "t"}', 400, "invalid_amount"),
        ("/charges/ch_7/void", "{}", 404, "not_found"),
    ],
)
def test_the_process_answers_bad_requests_in_words(gateway, path, body, status, code):
    response = requests.post(f"{gateway.url}{path}", data=body, timeout=5)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_the_books_can_be_read_over_http(gateway, settings):
    authorize(get_gateway())
    charges = requests.get(f"{gateway.url}/charges", timeout=5).json()["charges"]
    assert charges == [
        {
            "id": "ch_1",
            "amount": 1230,
            "currency": "EUR",
            "status": "authorized",
            "captured": 0,
            "refunded": 0,
        }
    ]
    assert requests.get(f"{gateway.url}/healthz", timeout=5).json() == {"status": "ok"}
    assert requests.get(f"{gateway.url}/other", timeout=5).status_code == 404
