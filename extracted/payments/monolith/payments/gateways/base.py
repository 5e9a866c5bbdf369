"""What the shop asks of whoever moves its money, and how that can fail."""

from decimal import Decimal
from typing import Protocol


class GatewayError(Exception):
    """The gateway did not do what was asked; the two subclasses say whose turn it is."""


class PaymentDeclinedError(GatewayError):
    """The gateway answered no: the card or the state of the charge forbids it.

    ``code`` is the gateway's own word for it, such as ``card_declined``.
    """

    def __init__(self, message: str, *, code: str = "declined") -> None:
        super().__init__(message)
        self.code = code


class GatewayUnavailableError(GatewayError):
    """No usable answer: refused, timed out, or an error of the gateway's own.

    Whether the money moved is unknown; repeating the call with the same idempotency key is safe.
    """


class PaymentGateway(Protocol):
    """Authorize first, capture later; every write carries an idempotency key.

    Amounts are decimals in major units (``Decimal("12.30")``), currencies ISO 4217 codes.
    Every method raises PaymentDeclinedError or GatewayUnavailableError.
    """

    def authorize(self, *, amount: Decimal, currency: str, token: str, idempotency_key: str) -> str:
        """Hold the amount on the method behind ``token``; return the gateway's reference."""
        ...

    def capture(self, *, reference: str, amount: Decimal, idempotency_key: str) -> None:
        """Take the amount held."""
        ...

    def refund(self, *, reference: str, amount: Decimal, idempotency_key: str) -> str:
        """Give back part or all of what was captured; return the refund's reference."""
        ...

    def void(self, *, reference: str, idempotency_key: str) -> None:
        """Let go of an amount held and not captured."""
        ...


def to_minor_units(amount: Decimal) -> int:
    """Return the amount in cents; gateways speak integers.

    Raises:
        ValueError: the amount has more than two decimal places.
    """
    minor = amount * 100
    if minor != minor.to_integral_value():
        raise ValueError(f"amount {amount} has more than two decimal places")
    return int(minor)
