"""How an order comes to another status, with its history: asked for here, or told by payments.

Payments tells from another service, and more than once when it does not hear the answer, so what it
tells is done once for its key, and left when the order went another way meanwhile.
"""

from collections.abc import Collection

from monolith.audit.services import record
from monolith.orders.models import Order, OrderStatusChange
from monolith.orders.states import TRANSITIONS, may_follow
from monolith.users.models import User
from strangler.client.idempotency import effects

Status = Order.Status


def become(order: Order, status: str, *, actor: User | None, note: str) -> Order:
    """Move an order on, and note who did it; the caller owns the transaction."""
    record(actor=actor, verb=f"order.{status}", target=order, previous=order.status)
    return _move(order, status, actor_id=actor.pk if actor else None, note=note)


def order_paid(*, key: str, order_id: int, actor_id: int | None, note: str) -> None:
    """Note that an order's money was taken, unless it was cancelled or refunded before."""
    from_where = [status for status in Status if may_follow(status, Status.PAID)]
    effects.once(f"order-{key}", lambda: _told(order_id, Status.PAID, from_where, actor_id, note))


def order_refunded(*, key: str, order_id: int, actor_id: int | None, note: str) -> None:
    """Note that all of an order's money went back, unless that is because it was cancelled.

    From every other status, for that it was paid may not have been told yet.
    """
    from_where = [status for status in Status if TRANSITIONS[status]]
    effects.once(
        f"order-{key}", lambda: _told(order_id, Status.REFUNDED, from_where, actor_id, note)
    )


def _told(
    order_id: int, status: str, from_where: Collection[str], actor_id: int | None, note: str
) -> None:
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.status in from_where:
        _move(order, status, actor_id=actor_id, note=note[:200])


def _move(order: Order, status: str, *, actor_id: int | None, note: str) -> Order:
    OrderStatusChange.objects.create(
        order=order, from_status=order.status, to_status=status, changed_by_id=actor_id, note=note
    )
    order.status = status
    order.save(update_fields=["status", "updated_at"])
    return order
