"""The checkout as steps of several services, in place of one transaction over all of them.

FLOW  order -> stock -> payment -> points -> letter      each a transaction of one service
      a step fails: it and those before it are undone, the last first
      a process dies: `manage.py resume_sagas` goes on, or back

The payment is the pivot: with it the order stands, and what follows is tried until it is done.
Until then the order can be seen as pending, and goes again when money or goods are not to be had.
The cart is emptied with the order, and filled again with its undoing. CHECKOUT_SAGA of the settings
says which form places orders; `monolith.orders.checkout` has the other.
"""

import hashlib
import uuid
from decimal import Decimal
from functools import partial

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from monolith.audit.services import record
from monolith.clients import payments_client, products_client, users_client
from monolith.common.errors import ApplicationError
from monolith.orders.errors import (
    CheckoutPendingError,
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
from monolith.orders.pricing import price_cart
from strangler.client.saga.definition import UNDONE, Data, Saga, Step
from strangler.client.saga.failures import SagaBusyError, SagaUndoneError

NAME = "checkout"


def checkout(request: Checkout) -> tuple[Order, bool]:
    """Turn the user's cart into an order; return it, and whether it was placed by this call.

    Raises:
        EmptyCartError, MixedCurrenciesError, OutOfStockError, IdempotencyKeyReusedError,
        PaymentRefusedError, GatewayDownError: as `monolith.orders.checkout` does.
        CheckoutPendingError: it is not known yet what comes of it; the same key finds out.
    """
    key, earlier = _key(request), _earlier(request)
    if earlier and earlier.fingerprint != request.fingerprint:
        raise IdempotencyKeyReusedError
    call = uuid.uuid4().hex
    asked = {
        "call": call,
        "user": request.user.pk,
        "address": request.address.pk,
        "method": request.method.pk,
        "coupon": request.coupon,
        "key": request.idempotency_key,
        "fingerprint": request.fingerprint,
    }
    try:
        data = CHECKOUT.run(key=key, data=asked)
    except SagaUndoneError as undone:
        raise reason(undone) from undone
    except SagaBusyError as busy:
        if busy.data is None:
            raise reason(busy) from busy
        data = busy.data
    return Order.objects.get(pk=data["order"]), data["call"] == call


def _key(request: Checkout) -> str:
    """Return what names this piece of work: under the same key, the next one after each undone."""
    if not request.idempotency_key:
        return uuid.uuid4().hex
    parts = f"{request.user.pk}/{request.idempotency_key}"
    name = hashlib.sha256(parts.encode()).hexdigest()[:32]
    runs = apps.get_model("strangler_saga", "SagaRun")._default_manager
    tried = runs.filter(saga=NAME, key__startswith=f"{name}-", way=UNDONE).count()
    return f"{name}-{tried}"


def _earlier(request: Checkout) -> CheckoutAttempt | None:
    if not request.idempotency_key:
        return None
    return CheckoutAttempt.objects.filter(user=request.user, key=request.idempotency_key).first()


def reason(error: Exception) -> ApplicationError:
    """Return what a customer is told of a run that did not end done."""
    cause = error.__cause__
    return cause if isinstance(cause, ApplicationError) else CheckoutPendingError()


def write_order(data: Data) -> Data:
    """Write the order and its lines as the cart has them, and empty the cart."""
    cart = Cart.objects.select_for_update().filter(user_id=data["user"]).first()
    lines = list(cart.lines.select_related("product__category")) if cart else []
    if not lines:
        raise EmptyCartError
    if len({line.product.currency for line in lines}) > 1:
        raise MixedCurrenciesError
    quote = price_cart(
        ((line.product.price, line.quantity) for line in lines), coupon=data["coupon"]
    )
    order = Order.objects.create(
        user_id=data["user"],
        shipping_address_id=data["address"],
        total=quote.total,
        currency=lines[0].product.currency,
        coupon=data["coupon"],
        placed_at=timezone.now(),
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product_id=line.product_id,
            quantity=line.quantity,
            unit_price=line.product.price,
            product_name=line.product.name,
        )
        for line in lines
    )
    OrderStatusChange.objects.create(
        order=order, to_status=order.status, changed_by_id=data["user"]
    )
    if data["key"]:
        CheckoutAttempt.objects.create(
            user_id=data["user"], key=data["key"], fingerprint=data["fingerprint"], order=order
        )
    cart.lines.filter(pk__in=[line.pk for line in lines]).delete()
    return {
        "order": order.pk,
        "number": order.number,
        "quantities": {str(line.product_id): line.quantity for line in lines},
        "total": str(order.total),
        "currency": order.currency,
        "points": quote.loyalty_points,
    }


def drop_order(data: Data) -> None:
    """Take the order away again, and put its lines back into the cart."""
    if "order" not in data or not Order.objects.filter(pk=data["order"]).delete()[0]:
        return
    cart, _ = Cart.objects.get_or_create(user_id=data["user"])
    for product_id, quantity in data["quantities"].items():
        line, is_new = CartLine.objects.select_for_update().get_or_create(
            cart=cart, product_id=int(product_id), defaults={"quantity": quantity}
        )
        if not is_new:
            line.quantity += quantity
            line.save(update_fields=["quantity"])


def take_stock(data: Data) -> None:
    """Take the pieces from the warehouse."""
    try:
        products_client.take_stock(key=data["number"], quantities=data["quantities"])
    except products_client.StockShortError as short:
        raise OutOfStockError(short.left) from short


def put_stock_back(data: Data) -> None:
    """Put them back."""
    products_client.put_back_stock(key=data["number"])


def hold_money(data: Data) -> Data:
    """Hold the total on the customer's payment method."""
    payment = payments_client.hold_payment(
        key=data["number"],
        order_id=data["order"],
        method_id=data["method"],
        amount=Decimal(data["total"]),
        currency=data["currency"],
    )
    return {"payment": payment}


def let_money_go(data: Data) -> None:
    """Let go of it."""
    payments_client.let_go_payment(
        key=data["number"],
        method_id=data["method"],
        amount=Decimal(data["total"]),
        currency=data["currency"],
    )


def give_points(data: Data) -> None:
    """Give the customer a point for each whole unit of currency."""
    users_client.loyalty_give(key=data["number"], user_id=data["user"], points=data["points"])


def announce(data: Data) -> None:
    """Note the order in the audit log, and write to the customer once that is committed."""
    order = Order.objects.get(pk=data["order"])
    record(
        actor=order.user,
        verb="order.placed",
        target=order,
        total=order.total,
        lines=len(data["quantities"]),
    )
    transaction.on_commit(partial(mail_confirmation.delay, order.pk))


CHECKOUT = Saga(
    NAME,
    [
        Step("order", write_order, drop_order, is_local=True),
        Step("stock", take_stock, put_stock_back),
        Step("payment", hold_money, let_money_go, pivot=True),
        Step("points", give_points),
        Step("letter", announce, is_local=True),
    ],
)
