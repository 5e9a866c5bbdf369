"""The order that was paid or refunded is told so once that is committed, until orders has heard.

FLOW  rows of the payment and a run, in one transaction -> committed -> orders is told
      orders does not answer, or the process dies: `manage.py resume_sagas` tells it again

Until then the order reads what it read before.
"""

import logging
import uuid
from functools import partial

from django.apps import apps
from django.db import transaction

from monolith.clients import orders_client
from monolith.payments.models import Payment
from monolith.users.models import User
from strangler.client.saga.definition import FORWARD, Data, Saga, Step
from strangler.client.saga.failures import SagaBusyError

logger = logging.getLogger(__name__)


def order_becomes(payment: Payment, status: str, *, actor: User | None, note: str) -> None:
    """Note what orders is to be told with the caller's transaction, and tell it after that."""
    key = uuid.uuid4().hex
    data = {
        "key": key,
        "order": payment.order_id,
        "status": status,
        "actor": actor.pk if actor else None,
        "note": note,
    }
    runs = apps.get_model("strangler_saga", "SagaRun")._default_manager
    runs.create(saga=TOLD.name, key=key, data=data, way=FORWARD)
    transaction.on_commit(partial(tell_now, key))


def tell_now(key: str) -> None:
    """Tell orders what was noted under a key; what fails now is tried again by `resume_sagas`."""
    try:
        TOLD.run(key=key, data={})
    except SagaBusyError as busy:
        logger.warning("%s", busy)


def moved(_data: Data) -> None:
    """The money has moved with the note of this run, so there is no way back."""


def tell(data: Data) -> None:
    """Tell orders."""
    key, order_id, actor_id, note = (data[name] for name in ("key", "order", "actor", "note"))
    if data["status"] == orders_client.Order.Status.PAID:
        orders_client.paid_order(key=key, order_id=order_id, actor_id=actor_id, note=note)
    else:
        orders_client.refunded_order(key=key, order_id=order_id, actor_id=actor_id, note=note)


TOLD = Saga("order-told", [Step("money", moved, is_local=True, pivot=True), Step("order", tell)])
