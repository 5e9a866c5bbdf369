"""What can go wrong with carts and orders, each with its HTTP status and code."""

from collections.abc import Mapping

from rest_framework import status

from monolith.common.errors import ApplicationError, Conflict


class EmptyCartError(ApplicationError):
    default_code = "empty_cart"
    default_detail = "The cart is empty; add a line before you check out."


class OutOfStockError(Conflict):
    """``left`` maps each product's SKU to how many can still be bought."""

    default_code = "out_of_stock"

    def __init__(self, left: Mapping[str, int]) -> None:
        counts = ", ".join(f"{sku} ({count} left)" for sku, count in left.items())
        super().__init__(f"Not enough in stock: {counts}.")


class MixedCurrenciesError(Conflict):
    default_code = "mixed_currencies"
    default_detail = "The cart holds prices in more than one currency; order them separately."


class IdempotencyKeyReusedError(ApplicationError):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key came with another request; use a fresh key."


class CheckoutPendingError(ApplicationError):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "checkout_pending"
    default_detail = "What comes of this checkout is not known yet; repeat it under the same key."


class CancelRefusedError(ApplicationError):
    """The gateway did not let go of an order's money, as payments told."""

    status_code = status.HTTP_402_PAYMENT_REQUIRED
    default_code = "payment_declined"


class InvalidTransitionError(Conflict):
    default_code = "invalid_transition"

    def __init__(self, current: str, target: str) -> None:
        super().__init__(f"An order that is {current} cannot become {target}.")
