"""The order that was paid or refunded, written in the transaction that moved the money.

`monolith.payments.order_saga` tells orders afterwards instead, where CHECKOUT_SAGA is set.
"""

from monolith.orders.models import OrderStatusChange
from monolith.payments.models import Payment
from monolith.users.models import User


def order_becomes(payment: Payment, status: str, *, actor: User | None, note: str) -> None:
    OrderStatusChange.objects.create(
        order=payment.order,
        from_status=payment.order.status,
        to_status=status,
        changed_by=actor,
        note=note[:200],
    )
    payment.order.status = status
    payment.order.save(update_fields=["status", "updated_at"])
