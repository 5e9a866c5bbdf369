"""Writes of the orders app, but for the checkout, which has its own module."""

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F
from django.utils.crypto import get_random_string

from monolith.audit.services import record
from monolith.clients import payments_client
from monolith.orders.errors import InvalidTransitionError, OutOfStockError
from monolith.orders.models import Cart, CartLine, Order, OrderStatusChange
from monolith.orders.states import BY_HAND, may_follow
from monolith.payments.services import REFUNDABLE, payment_refund, payment_void
from monolith.products.models import Product, Stock
from monolith.users.models import Address, Profile, User

CART_KEY = "cart_key"
"""Where the session keeps the key of an anonymous cart; it outlives the change of session id."""


def cart_for(*, user: User | None, session: SessionBase) -> Cart:
    """Return the visitor's cart, made when there is none."""
    if user is not None:
        return Cart.objects.get_or_create(user=user)[0]
    if CART_KEY not in session:
        session[CART_KEY] = get_random_string(40)
    return Cart.objects.get_or_create(session_key=session[CART_KEY])[0]


@transaction.atomic
def cart_add(*, cart: Cart, product: Product, quantity: int) -> CartLine:
    """Put more of a product in the cart.

    Raises:
        OutOfStockError: the cart would ask for more than there is.
    """
    line, created = CartLine.objects.select_for_update().get_or_create(
        cart=cart, product_id=product.pk, defaults={"quantity": quantity}
    )
    if not created:
        line.quantity += quantity
    _check_stock(product, line.quantity)
    line.save(update_fields=["quantity"])
    return line


@transaction.atomic
def cart_line_set(*, line: CartLine, quantity: int) -> CartLine:
    """Ask for another quantity of a line.

    Raises:
        OutOfStockError: there is not as much.
    """
    _check_stock(line.product, quantity)
    line.quantity = quantity
    line.save(update_fields=["quantity"])
    return line


@transaction.atomic
def cart_merge(*, user: User, session_key: str) -> None:
    """Move an anonymous cart's lines to the user's cart; quantities of the same product add up."""
    visitor = Cart.objects.filter(session_key=session_key).first()
    if visitor is None:
        return
    own, _ = Cart.objects.get_or_create(user=user)
    held = {line.product_id: line for line in own.lines.select_for_update()}
    for line in visitor.lines.select_related("product__stock"):
        if line.product_id in held:
            mine = held[line.product_id]
            mine.quantity = min(mine.quantity + line.quantity, line.product.stock.available)
            mine.save(update_fields=["quantity"])
        else:
            line.cart = own
            line.save(update_fields=["cart"])
    visitor.delete()


@transaction.atomic
def order_set_status(*, order: Order, status: str, actor: User, note: str = "") -> Order:
    """Move an order on by hand: shipped or delivered.

    Raises:
        InvalidTransitionError: the order's status does not lead there.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    if status not in BY_HAND or not may_follow(order.status, status):
        raise InvalidTransitionError(order.status, status)
    return _become(order, status, actor=actor, note=note)


@transaction.atomic
def order_cancel(*, order: Order, actor: User | None, note: str = "") -> Order:
    """Take an order back: money let go or refunded, goods and loyalty points returned.

    Raises:
        InvalidTransitionError: it was shipped, cancelled or refunded already.
        PaymentRefusedError, GatewayDownError: the gateway did not let go of the money.
    """
    order = (
        Order.objects.select_for_update(of=("self",))
        .select_related("payment")
        .prefetch_related("user")
        .get(pk=order.pk)
    )
    if not may_follow(order.status, Order.Status.CANCELLED):
        raise InvalidTransitionError(order.status, Order.Status.CANCELLED)
    _become(order, Order.Status.CANCELLED, actor=actor, note=note)
    for line in order.lines.order_by("product_id"):
        Stock.objects.filter(product_id=line.product_id).update(
            quantity=F("quantity") + line.quantity
        )
    profile, _ = Profile.objects.select_for_update().get_or_create(user_id=order.user_id)
    profile.loyalty_points -= min(int(order.total), profile.loyalty_points)
    profile.save(update_fields=["loyalty_points"])
    if not hasattr(order, "payment"):
        return order
    if order.payment.status == payments_client.Payment.Status.AUTHORIZED:
        payment_void(payment=order.payment, actor=actor)
    elif order.payment.status in REFUNDABLE:
        payment_refund(payment=order.payment, actor=actor, reason="order cancelled")
    return order


@transaction.atomic
def order_readdress(*, order: Order, address: Address, actor: User) -> Order:
    """Send an order that was not shipped to another address of its customer.

    Raises:
        InvalidTransitionError: it has left already.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.status not in {Order.Status.PENDING, Order.Status.PAID}:
        raise InvalidTransitionError(order.status, "readdressed")
    if address.user_id == order.user_id:
        order.shipping_address = address
        order.save(update_fields=["shipping_address", "updated_at"])
        record(actor=actor, verb="order.readdressed", target=order, city=address.city)
    return order


def _become(order: Order, status: str, *, actor: User | None, note: str) -> Order:
    OrderStatusChange.objects.create(
        order=order, from_status=order.status, to_status=status, changed_by=actor, note=note
    )
    record(actor=actor, verb=f"order.{status}", target=order, previous=order.status)
    order.status = status
    order.save(update_fields=["status", "updated_at"])
    return order


def _check_stock(product: Product, wanted: int) -> None:
    left = (
        Stock.objects.filter(product=product)
        .values_list(F("quantity") - F("reserved"), flat=True)
        .first()
        or 0
    )
    if wanted > left:
        raise OutOfStockError({product.sku: left})
