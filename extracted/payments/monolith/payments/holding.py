"""Money held for an order that is being placed, let go when it is not, given back when cancelled.

Other services call these as steps of a saga: each is done once for its key, taken back once, and
refused when it arrives after it was taken back. The gateway is asked under the key as well, so what
it held for a process that died is found again.
"""

from decimal import Decimal

from monolith.payments.errors import PaymentRefusedError
from monolith.payments.gateways import get_gateway
from monolith.payments.models import Payment, PaymentMethod
from monolith.payments.services import (
    REFUNDABLE,
    gateway_errors_named,
    payment_refund,
    payment_void,
)
from monolith.users.models import User
from strangler.client.idempotency import effects


def payment_hold(*, key: str, order_id: int, method_id: int, amount: Decimal, currency: str) -> int:
    """Hold an order's total and note the payment; return its id.

    Raises:
        PaymentRefusedError: the gateway declined.
        GatewayDownError: it gave no usable answer.
        TakenBackError: the key's money was let go.
    """

    def hold() -> int:
        reference = _held(key, method_id, amount, currency)
        return Payment.objects.create(
            order_id=order_id,
            method_id=method_id,
            amount=amount,
            currency=currency,
            gateway_reference=reference,
        ).pk

    held: int = effects.once(f"payment-{key}", hold)
    return held


def payment_let_go(*, key: str, method_id: int, amount: Decimal, currency: str) -> None:
    """Let go of what was held under a key, and forget the payment.

    Raises:
        GatewayDownError: the gateway gave no usable answer; nothing is certain before it does.
    """

    def let_go(payment_id: int | None) -> None:
        with gateway_errors_named():
            try:
                reference = _held(key, method_id, amount, currency)
            except PaymentRefusedError:
                return  # declined: nothing is held
            get_gateway().void(reference=reference, idempotency_key=f"void-{reference}")
        Payment.objects.filter(pk=payment_id).delete()

    effects.take_back(f"payment-{key}", let_go)


def payment_give_back(*, key: str, order_id: int, actor_id: int | None, reason: str) -> None:
    """Let go of a cancelled order's money, or refund what was taken and is left.

    Raises:
        PaymentRefusedError: the gateway said no.
        GatewayDownError: it gave no usable answer.
    """

    def give_back() -> None:
        payment = Payment.objects.filter(order_id=order_id).first()
        if payment is None:
            return
        if payment.status == Payment.Status.AUTHORIZED:
            payment_void(payment=payment, actor=_actor(actor_id))
        elif payment.status in REFUNDABLE:
            payment_refund(payment=payment, actor=_actor(actor_id), reason=reason)

    effects.once(f"payment-back-{key}", give_back)


def _actor(actor_id: int | None) -> User | None:
    """Return who asked, unless it was the system, or the account is gone by now."""
    try:
        return User.objects.get(pk=actor_id) if actor_id else None
    except User.DoesNotExist:
        return None


def _held(key: str, method_id: int, amount: Decimal, currency: str) -> str:
    """Return the gateway's reference of the money held under a key: the same one every time."""
    with gateway_errors_named():
        return get_gateway().authorize(
            amount=amount,
            currency=currency,
            token=PaymentMethod.objects.get(pk=method_id).token,
            idempotency_key=f"hold-{key}",
        )
