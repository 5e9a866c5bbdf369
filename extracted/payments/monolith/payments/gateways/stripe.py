"""Stripe behind the same interface: PaymentIntents with manual capture.

https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import stripe

from monolith.payments.gateways.base import (
    GatewayUnavailableError,
    PaymentDeclinedError,
    to_minor_units,
)


@dataclass(frozen=True)
class StripeGateway:
    """Stripe's own client; ``base_url`` lets a local process stand in for api.stripe.com."""

    api_key: str
    base_url: str
    timeout_s: float

    @cached_property
    def _client(self) -> stripe.StripeClient:
        return stripe.StripeClient(
            self.api_key,
            base_addresses={"api": self.base_url},
            http_client=stripe.RequestsClient(timeout=self.timeout_s),
            max_network_retries=1,
        )

    def authorize(self, *, amount: Decimal, currency: str, token: str, idempotency_key: str) -> str:
        with _failures_named():
            intent = self._client.v1.payment_intents.create(
                {
                    "amount": to_minor_units(amount),
                    "currency": currency.lower(),
                    "payment_method": token,
                    "capture_method": "manual",
                    "confirm": True,
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                },
                {"idempotency_key": idempotency_key},
            )
        if intent.status != "requires_capture":
            raise PaymentDeclinedError(
                f"The payment needs another step ({intent.status}).", code=intent.status
            )
        return intent.id

    def capture(self, *, reference: str, amount: Decimal, idempotency_key: str) -> None:
        with _failures_named():
            self._client.v1.payment_intents.capture(
                reference,
                {"amount_to_capture": to_minor_units(amount)},
                {"idempotency_key": idempotency_key},
            )

    def refund(self, *, reference: str, amount: Decimal, idempotency_key: str) -> str:
        with _failures_named():
            refund = self._client.v1.refunds.create(
                {"payment_intent": reference, "amount": to_minor_units(amount)},
                {"idempotency_key": idempotency_key},
            )
        return refund.id

    def void(self, *, reference: str, idempotency_key: str) -> None:
        with _failures_named():
            self._client.v1.payment_intents.cancel(
                reference, options={"idempotency_key": idempotency_key}
            )


@contextmanager
def _failures_named() -> Iterator[None]:
    """Map Stripe's errors: a no is PaymentDeclinedError, anything else GatewayUnavailableError."""
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise PaymentDeclinedError(
            error.user_message or "The payment was declined.", code=error.code or "declined"
        ) from error
    except stripe.StripeError as error:
        raise GatewayUnavailableError(f"stripe: {error}") from error
