"""Which status an order may go to from where, and who may ask for it: pure."""

from monolith.orders.models import Order

Status = Order.Status

TRANSITIONS: dict[str, frozenset[str]] = {
    Status.PENDING: frozenset({Status.PAID, Status.CANCELLED}),
    Status.PAID: frozenset({Status.SHIPPED, Status.CANCELLED, Status.REFUNDED}),
    Status.SHIPPED: frozenset({Status.DELIVERED, Status.REFUNDED}),
    Status.DELIVERED: frozenset({Status.REFUNDED}),
    Status.CANCELLED: frozenset(),
    Status.REFUNDED: frozenset(),
}

BY_HAND = frozenset({Status.SHIPPED, Status.DELIVERED})
"""What staff set directly; paid, cancelled and refunded follow from what happens to the money."""


def may_follow(current: str, target: str) -> bool:
    return target in TRANSITIONS[current]
