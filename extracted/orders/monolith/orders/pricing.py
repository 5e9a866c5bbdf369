"""What an order costs: pure arithmetic on decimals, two places, half up."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

COUPON_DISCOUNTS = {"WELCOME10": Decimal("0.10"), "SPRING25": Decimal("0.25")}
POINT_PER = Decimal(1)


@dataclass(frozen=True)
class Quote:
    """Amounts of one order; ``total`` is ``subtotal`` less ``discount``."""

    subtotal: Decimal
    discount: Decimal

    @property
    def total(self) -> Decimal:
        return self.subtotal - self.discount

    @property
    def loyalty_points(self) -> int:
        """One point for each whole unit of currency paid."""
        return int(self.total // POINT_PER)


def price_cart(items: Iterable[tuple[Decimal, int]], *, coupon: str = "") -> Quote:
    """Price pairs of unit price and quantity.

    Raises:
        KeyError: ``coupon`` is neither empty nor in COUPON_DISCOUNTS.
    """
    subtotal = sum((price * quantity for price, quantity in items), Decimal("0.00"))
    share = COUPON_DISCOUNTS[coupon] if coupon else Decimal(0)
    discount = (subtotal * share).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return Quote(subtotal=subtotal, discount=discount)
