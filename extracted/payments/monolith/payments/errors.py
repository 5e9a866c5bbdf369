"""What can go wrong with payments, each with its HTTP status and code."""

from decimal import Decimal

from rest_framework import status

from monolith.common.errors import ApplicationError, Conflict


class PaymentRefusedError(ApplicationError):
    """The gateway said no; ``reason`` is its own code for why."""

    status_code = status.HTTP_402_PAYMENT_REQUIRED
    default_code = "payment_declined"

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(f"{message} ({reason})")


class GatewayDownError(ApplicationError):
    status_code = status.HTTP_502_BAD_GATEWAY
    default_code = "gateway_unavailable"
    default_detail = "The payment gateway does not answer; nothing was changed. Try again."


class InvalidPaymentStateError(Conflict):
    default_code = "invalid_payment_state"

    def __init__(self, action: str, current: str) -> None:
        super().__init__(f"A payment that is {current} cannot be {action}.")


class RefundTooLargeError(ApplicationError):
    default_code = "refund_too_large"

    def __init__(self, *, asked: Decimal, left: Decimal) -> None:
        super().__init__(f"{asked} was asked for; at most {left} can be refunded.")


class MethodInUseError(Conflict):
    default_code = "payment_method_in_use"
    default_detail = "Orders were paid with this method; it cannot be deleted."
