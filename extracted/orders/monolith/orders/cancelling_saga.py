"""An order taken back as steps of several services, in place of one transaction over all of them.

FLOW  cancelled -> money -> reopened, if the gateway said no
                         -> stock -> points             each a transaction of one service
      a process dies, or nobody answers: `manage.py resume_sagas` goes on

Cancelled is the pivot, so that nobody ships what is being paid back; what follows is tried until it
is done. A gateway that does not answer may have let go of the money all the same, so it is asked
again, and only its no opens the order again, which its history shows.
"""

import uuid
from collections import Counter

from django.apps import apps

from monolith.clients import payments_client, products_client, users_client
from monolith.orders.errors import CancelRefusedError, CheckoutPendingError, InvalidTransitionError
from monolith.orders.models import Order
from monolith.orders.progress import become
from monolith.orders.saga import CHECKOUT, reason
from monolith.orders.states import may_follow
from monolith.users.models import User
from strangler.client.saga.definition import ENDED, Data, Saga, Step
from strangler.client.saga.failures import SagaBusyError, SagaUndoneError


def order_cancel(*, order: Order, actor: User | None, note: str = "") -> Order:
    """Take an order back; money, goods and points may follow later.

    Raises:
        InvalidTransitionError: it was shipped, cancelled or refunded already.
        CancelRefusedError: the gateway did not let go of the money.
        CheckoutPendingError: it is still being placed.
    """
    asked = {"order": order.pk, "actor": actor.pk if actor else None, "note": note}
    try:
        data = CANCEL.run(key=uuid.uuid4().hex, data=asked)
    except SagaUndoneError as undone:
        raise reason(undone) from undone
    except SagaBusyError as busy:
        if busy.data is None:
            raise reason(busy) from busy
        data = busy.data
    if data.get("refused"):
        raise CancelRefusedError(data["refused"])
    return Order.objects.get(pk=order.pk)


def close(data: Data) -> Data:
    """Mark the order as cancelled."""
    order = Order.objects.select_for_update().get(pk=data["order"])
    if not may_follow(order.status, Order.Status.CANCELLED):
        raise InvalidTransitionError(order.status, Order.Status.CANCELLED)
    runs = apps.get_model("strangler_saga", "SagaRun")._default_manager
    if runs.filter(saga=CHECKOUT.name, data__order=order.pk).exclude(way__in=ENDED).exists():
        raise CheckoutPendingError
    previous = order.status
    become(order, Order.Status.CANCELLED, actor=_actor(data), note=data["note"])
    pieces: Counter[str] = Counter()
    for line in order.lines.all():
        pieces[str(line.product_id)] += line.quantity
    return {
        "previous": previous,
        "number": order.number,
        "user": order.user_id,
        "quantities": dict(pieces),
        "points": int(order.total),
    }


def give_money_back(data: Data) -> Data:
    """Have payments let go of the money, or refund it; note the gateway's no."""
    try:
        payments_client.give_back_payment(
            key=data["number"],
            order_id=data["order"],
            actor_id=data["actor"],
            reason="order cancelled",
        )
    except payments_client.PaymentRefusedError as refused:
        return {"refused": str(refused)}
    return {}


def reopen(data: Data) -> None:
    """Let the order be what it was, where the gateway said no."""
    if not data.get("refused"):
        return
    order = Order.objects.select_for_update().get(pk=data["order"])
    become(order, data["previous"], actor=_actor(data), note=data["refused"][:200])


def return_stock(data: Data) -> None:
    """Put the goods back into the warehouse."""
    if not data.get("refused"):
        products_client.return_stock(key=data["number"], quantities=data["quantities"])


def take_points(data: Data) -> None:
    """Take back the points that the order gave."""
    if not data.get("refused"):
        users_client.loyalty_take(key=data["number"], user_id=data["user"], points=data["points"])


def _actor(data: Data) -> User | None:
    """Return who asked, unless it was the system, or the account is gone by now."""
    try:
        return User.objects.get(pk=data["actor"]) if data["actor"] else None
    except User.DoesNotExist:
        return None


CANCEL = Saga(
    "cancel",
    [
        Step("cancelled", close, is_local=True, pivot=True),
        Step("money", give_money_back),
        Step("reopened", reopen, is_local=True),
        Step("stock", return_stock),
        Step("points", take_points),
    ],
)
