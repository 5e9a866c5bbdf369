"""The order that was paid or refunded, written in the transaction that moved the money.

`monolith.payments.order_saga` tells orders afterwards instead, where CHECKOUT_SAGA is set.
"""

from monolith.orders.models import Order, OrderStatusChange
from monolith.users.models import User


def order_becomes(order: Order, status: str, *, actor: User | None, note: str) -> None:
    OrderStatusChange.objects.create(
        order=order, from_status=order.status, to_status=status, changed_by=actor, note=note[:200]
    )
    order.status = status
    order.save(update_fields=["status", "updated_at"])
