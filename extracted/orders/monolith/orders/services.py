"""Writes of the orders app; the checkout and cancelling have two forms each, in own modules."""

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string

from monolith.audit.services import record
from monolith.orders.errors import InvalidTransitionError, OutOfStockError
from monolith.orders.models import Cart, CartLine, Order
from monolith.orders.progress import become
from monolith.orders.states import BY_HAND, may_follow
from monolith.products.models import Product, Stock
from monolith.users.models import Address, User

CART_KEY = "cart_key"
"""Where the session keeps the key of an anonymous cart; it outlives the change of session id."""
CANCEL_IN_ONE = "monolith.orders.cancelling.order_cancel"
CANCEL_AS_SAGA = "monolith.orders.cancelling_saga.order_cancel"


def cart_for(*, user: User | None, session: SessionBase) -> Cart:
    """Return the visitor's cart, made when there is none."""
    if user is not None:
        cart_take_along(user=user, session=session)
        return Cart.objects.get_or_create(user=user)[0]
    if CART_KEY not in session:
        session[CART_KEY] = get_random_string(40)
    return Cart.objects.get_or_create(session_key=session[CART_KEY])[0]


def cart_take_along(*, user: User, session: SessionBase) -> None:
    """Move what was put in the cart before signing in to the user's own, when it is asked for."""
    if key := session.pop(CART_KEY, None):
        cart_merge(user=user, session_key=key)


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
    return become(order, status, actor=actor, note=note)


def order_cancel(*, order: Order, actor: User | None, note: str = "") -> Order:
    """Take an order back; the form that CHECKOUT_SAGA chooses tells what it may raise."""
    form = import_string(CANCEL_AS_SAGA if settings.CHECKOUT_SAGA else CANCEL_IN_ONE)
    cancelled: Order = form(order=order, actor=actor, note=note)
    return cancelled


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


def _check_stock(product: Product, wanted: int) -> None:
    left = (
        Stock.objects.filter(product=product)
        .values_list(F("quantity") - F("reserved"), flat=True)
        .first()
        or 0
    )
    if wanted > left:
        raise OutOfStockError({product.sku: left})
