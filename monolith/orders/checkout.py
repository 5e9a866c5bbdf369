"""From a cart to a paid-for order, in one transaction over orders, stock and payment.

FLOW  lock cart and stock -> price -> order and lines -> stock -> authorize -> points -> audit
      -> empty the cart -> after commit: the confirmation letter

Either all of it happens or none: a declined payment leaves every table as it was. Should our own
side fail after the gateway said yes, the amount held is let go again; under an Idempotency-Key it
stays held, because repeating the request takes it over.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from monolith.audit.services import record
from monolith.orders.errors import (
    EmptyCartError,
    IdempotencyKeyReusedError,
    MixedCurrenciesError,
    OutOfStockError,
)
from monolith.orders.letters import mail_confirmation
from monolith.orders.models import (
    Cart,
    CartLine,
    CheckoutAttempt,
    Order,
    OrderLine,
    OrderStatusChange,
)
from monolith.orders.placing import Checkout
from monolith.orders.pricing import Quote, price_cart
from monolith.payments.gateways import get_gateway
from monolith.payments.gateways.base import GatewayError
from monolith.payments.models import Payment
from monolith.payments.services import payment_authorize
from monolith.products.models import Stock
from monolith.users.models import Profile, User

logger = logging.getLogger(__name__)


def checkout(request: Checkout) -> tuple[Order, bool]:
    """Turn the user's cart into an order; return it, and whether it was placed by this call.

    Raises:
        EmptyCartError: there is nothing to buy.
        MixedCurrenciesError: the prices in the cart are not in one currency.
        OutOfStockError: at least one line asks for more than there is.
        IdempotencyKeyReusedError: the key came with another address, method or coupon.
        PaymentRefusedError, GatewayDownError: the gateway did not hold the money.
    """
    if earlier := _earlier_order(request):
        return earlier, False
    try:
        return _place(request), True
    except (IntegrityError, EmptyCartError):
        # The same request may have gone through while this one waited for the cart.
        if earlier := _earlier_order(request):
            return earlier, False
        raise


def _earlier_order(request: Checkout) -> Order | None:
    if not request.idempotency_key:
        return None
    attempt = (
        CheckoutAttempt.objects.filter(user=request.user, key=request.idempotency_key)
        .select_related("order")
        .first()
    )
    if attempt is None:
        return None
    if attempt.fingerprint != request.fingerprint:
        raise IdempotencyKeyReusedError
    return attempt.order


def _place(request: Checkout) -> Order:
    with _money_let_go_on_failure() as held, transaction.atomic():
        lines = _locked_lines(request.user)
        _take_stock(lines)
        quote = price_cart(
            ((line.product.price, line.quantity) for line in lines), coupon=request.coupon
        )
        order = _write_order(request, lines, quote)
        payment = payment_authorize(
            order=order, method=request.method, idempotency_key=_gateway_key(request, order)
        )
        if not request.idempotency_key:
            held.append(payment)
        Profile.objects.filter(user=request.user).update(
            loyalty_points=F("loyalty_points") + quote.loyalty_points
        )
        record(
            actor=request.user,
            verb="order.placed",
            target=order,
            total=order.total,
            lines=len(lines),
        )
        CartLine.objects.filter(cart__user=request.user).delete()
        transaction.on_commit(partial(mail_confirmation.delay, order.pk))
    return order


def _locked_lines(user: User) -> Sequence[CartLine]:
    """Return the cart's lines, the cart locked so that one user checks out once at a time."""
    cart = Cart.objects.select_for_update().filter(user=user).first()
    lines = list(cart.lines.select_related("product__category")) if cart else []
    if not lines:
        raise EmptyCartError
    if len({line.product.currency for line in lines}) > 1:
        raise MixedCurrenciesError
    return lines


def _take_stock(lines: Sequence[CartLine]) -> None:
    """Lock the stock of every line in one order of keys, and take what was bought."""
    wanted = {line.product_id: line for line in lines}
    stocks = (
        Stock.objects.select_for_update()
        .order_by("product_id")
        .in_bulk(list(wanted), field_name="product_id")
    )
    left = {
        line.product_id: stocks[line.product_id].available if line.product.is_active else 0
        for line in lines
    }
    short = {
        line.product.sku: left[line.product_id]
        for line in lines
        if line.quantity > left[line.product_id]
    }
    if short:
        raise OutOfStockError(short)
    for product_id, stock in stocks.items():
        stock.quantity -= wanted[product_id].quantity
        stock.updated_at = timezone.now()
    Stock.objects.bulk_update(stocks.values(), ["quantity", "updated_at"])


def _write_order(request: Checkout, lines: Sequence[CartLine], quote: Quote) -> Order:
    order = Order.objects.create(
        user=request.user,
        shipping_address=request.address,
        total=quote.total,
        currency=lines[0].product.currency,
        coupon=request.coupon,
        placed_at=timezone.now(),
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=line.product,
            quantity=line.quantity,
            unit_price=line.product.price,
            product_name=line.product.name,
        )
        for line in lines
    )
    OrderStatusChange.objects.create(order=order, to_status=order.status, changed_by=request.user)
    if request.idempotency_key:
        CheckoutAttempt.objects.create(
            user=request.user,
            key=request.idempotency_key,
            fingerprint=request.fingerprint,
            order=order,
        )
    return order


def _gateway_key(request: Checkout, order: Order) -> str:
    """Return a key that stays the same when the customer repeats the same request."""
    if not request.idempotency_key:
        return f"order-{order.number}"
    parts = [request.user.pk, request.idempotency_key, request.fingerprint, str(order.total)]
    return "checkout-" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


@contextmanager
def _money_let_go_on_failure() -> Iterator[list[Payment]]:
    """Void what the gateway holds when the block fails afterwards."""
    held: list[Payment] = []
    try:
        yield held
    except BaseException:
        for payment in held:
            reference = payment.gateway_reference
            try:
                get_gateway().void(reference=reference, idempotency_key=f"void-{reference}")
            except GatewayError:
                logger.exception("could not let go of %s; void it by hand", reference)
        raise
