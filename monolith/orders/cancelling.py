"""An order taken back in one transaction over orders, stock, loyalty points and payment.

`monolith.orders.cancelling_saga` does the same in steps, where CHECKOUT_SAGA is set.
"""

from django.db import transaction
from django.db.models import F

from monolith.orders.errors import InvalidTransitionError
from monolith.orders.models import Order
from monolith.orders.progress import become
from monolith.orders.states import may_follow
from monolith.payments.models import Payment
from monolith.payments.services import REFUNDABLE, payment_refund, payment_void
from monolith.products.models import Stock
from monolith.users.models import Profile, User


@transaction.atomic
def order_cancel(*, order: Order, actor: User | None, note: str = "") -> Order:
    """Take an order back: money let go or refunded, goods and loyalty points returned.

    Raises:
        InvalidTransitionError: it was shipped, cancelled or refunded already.
        PaymentRefusedError, GatewayDownError: the gateway did not let go of the money.
    """
    order = (
        Order.objects.select_for_update(of=("self",))
        .select_related("payment", "user")
        .get(pk=order.pk)
    )
    if not may_follow(order.status, Order.Status.CANCELLED):
        raise InvalidTransitionError(order.status, Order.Status.CANCELLED)
    become(order, Order.Status.CANCELLED, actor=actor, note=note)
    for line in order.lines.order_by("product_id"):
        Stock.objects.filter(product_id=line.product_id).update(
            quantity=F("quantity") + line.quantity
        )
    profile, _ = Profile.objects.select_for_update().get_or_create(user=order.user)
    profile.loyalty_points -= min(int(order.total), profile.loyalty_points)
    profile.save(update_fields=["loyalty_points"])
    if not hasattr(order, "payment"):
        return order
    if order.payment.status == Payment.Status.AUTHORIZED:
        payment_void(payment=order.payment, actor=actor)
    elif order.payment.status in REFUNDABLE:
        payment_refund(payment=order.payment, actor=actor, reason="order cancelled")
    return order
