"""What a customer asks for at the checkout, and which form of it places the order.

FLOW  Checkout -> place -> checkout.checkout   one transaction over orders, stock and payment
                        -> saga.checkout       a step for each, when CHECKOUT_SAGA is set
"""

import hashlib
import json
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from monolith.orders.models import Order
from monolith.payments.models import PaymentMethod
from monolith.users.models import Address, User

IN_ONE, AS_SAGA = "monolith.orders.checkout.checkout", "monolith.orders.saga.checkout"


@dataclass(frozen=True)
class Checkout:
    """What a customer asks for; ``idempotency_key`` is empty when none was sent."""

    user: User
    address: Address
    method: PaymentMethod
    coupon: str = ""
    idempotency_key: str = ""

    @property
    def fingerprint(self) -> str:
        asked = json.dumps([self.address.pk, self.method.pk, self.coupon])
        return hashlib.sha256(asked.encode()).hexdigest()


def place(request: Checkout) -> tuple[Order, bool]:
    """Turn the user's cart into an order; return it, and whether it was placed by this call."""
    form = import_string(AS_SAGA if settings.CHECKOUT_SAGA else IN_ONE)
    placed: tuple[Order, bool] = form(request)
    return placed
