"""Writes of the payments app; money moves at the gateway first, then in our rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.module_loading import import_string

from monolith.audit.services import record
from monolith.clients import orders_client
from monolith.orders.letters import mail_payment_received
from monolith.orders.models import Order
from monolith.payments.errors import (
    GatewayDownError,
    InvalidPaymentStateError,
    MethodInUseError,
    PaymentRefusedError,
    RefundTooLargeError,
)
from monolith.payments.gateways import get_gateway
from monolith.payments.gateways.base import GatewayUnavailableError, PaymentDeclinedError
from monolith.payments.models import Payment, PaymentMethod, Refund
from monolith.payments.tasks import mail_refund_receipt
from monolith.users.models import User

REFUNDABLE = (Payment.Status.CAPTURED, Payment.Status.PARTIALLY_REFUNDED)
ORDER_AT_ONCE = "monolith.payments.order_status.order_becomes"
ORDER_AFTERWARDS = "monolith.payments.order_saga.order_becomes"
"""Which form tells orders what became of its money: CHECKOUT_SAGA chooses."""


@contextmanager
def gateway_errors_named() -> Iterator[None]:
    """Turn the gateway's failures into the API's: 402 for a no, 502 for no answer."""
    try:
        yield
    except PaymentDeclinedError as error:
        raise PaymentRefusedError(str(error), reason=error.code) from error
    except GatewayUnavailableError as error:
        raise GatewayDownError from error


@transaction.atomic
def method_create(
    *,
    user: User,
    token: str,
    kind: str = PaymentMethod.Kind.CARD,
    last4: str = "",
    brand: str = "",
    is_default: bool = False,
) -> PaymentMethod:
    """Keep a method; the first of a user, and one asked to be, becomes the default."""
    is_default = is_default or not user.payment_methods.exists()
    if is_default:
        user.payment_methods.update(is_default=False)
    return PaymentMethod.objects.create(
        user_id=user.pk, kind=kind, token=token, last4=last4, brand=brand, is_default=is_default
    )


@transaction.atomic
def method_make_default(*, method: PaymentMethod) -> PaymentMethod:
    method.user.payment_methods.exclude(pk=method.pk).update(is_default=False)
    method.is_default = True
    method.save(update_fields=["is_default"])
    return method


def method_delete(*, method: PaymentMethod) -> None:
    """Forget a method.

    Raises:
        MethodInUseError: a payment was made with it.
    """
    try:
        method.delete()
    except ProtectedError as error:
        raise MethodInUseError from error


def payment_authorize(*, order: Order, method: PaymentMethod, idempotency_key: str) -> Payment:
    """Hold the order's total on ``method`` and note it; the caller owns the transaction.

    Raises:
        PaymentRefusedError: the gateway declined.
        GatewayDownError: it gave no usable answer.
    """
    with gateway_errors_named():
        reference = get_gateway().authorize(
            amount=order.total,
            currency=order.currency,
            token=method.token,
            idempotency_key=idempotency_key,
        )
    return Payment.objects.create(
        order=order,
        method=method,
        amount=order.total,
        currency=order.currency,
        gateway_reference=reference,
    )


@transaction.atomic
def payment_capture(*, payment: Payment, actor: User | None) -> Payment:
    """Take the money held; the order becomes paid.

    Raises:
        InvalidPaymentStateError: it is not authorized.
        PaymentRefusedError, GatewayDownError: as the gateway answers.
    """
    payment = _locked(payment)
    if payment.status != Payment.Status.AUTHORIZED:
        raise InvalidPaymentStateError("captured", payment.status)
    with gateway_errors_named():
        get_gateway().capture(
            reference=payment.gateway_reference,
            amount=payment.amount,
            idempotency_key=f"capture-{payment.gateway_reference}",
        )
    payment.status = Payment.Status.CAPTURED
    payment.captured_at = timezone.now()
    payment.save(update_fields=["status", "captured_at"])
    _order_becomes(payment, orders_client.Order.Status.PAID, actor=actor, note="payment captured")
    record(actor=actor, verb="payment.captured", target=payment, order=payment.order.number)
    transaction.on_commit(partial(mail_payment_received.delay, payment.order_id))
    return payment


@transaction.atomic
def payment_refund(
    *, payment: Payment, actor: User | None, amount: Decimal | None = None, reason: str = ""
) -> Refund:
    """Give back ``amount``, or all that is left; a full refund makes the order refunded.

    Raises:
        InvalidPaymentStateError: nothing was captured, or all was given back.
        RefundTooLargeError: ``amount`` is more than what is left.
        PaymentRefusedError, GatewayDownError: as the gateway answers.
    """
    payment = _locked(payment)
    if payment.status not in REFUNDABLE:
        raise InvalidPaymentStateError("refunded", payment.status)
    left = payment.amount - payment.refunded_amount
    amount = left if amount is None else amount
    if amount > left:
        raise RefundTooLargeError(asked=amount, left=left)
    with gateway_errors_named():
        reference = get_gateway().refund(
            reference=payment.gateway_reference,
            amount=amount,
            idempotency_key=f"refund-{payment.gateway_reference}-{payment.refunds.count()}",
        )
    refund = payment.refunds.create(
        amount=amount, reason=reason, created_by=actor, gateway_reference=reference
    )
    full = amount == left
    payment.status = Payment.Status.REFUNDED if full else Payment.Status.PARTIALLY_REFUNDED
    payment.save(update_fields=["status"])
    if full and payment.order.status != orders_client.Order.Status.CANCELLED:
        _order_becomes(payment, orders_client.Order.Status.REFUNDED, actor=actor, note=reason)
    record(actor=actor, verb="payment.refunded", target=payment, amount=amount)
    transaction.on_commit(partial(mail_refund_receipt.delay, refund.pk))
    return refund


@transaction.atomic
def payment_void(*, payment: Payment, actor: User | None) -> Payment:
    """Let go of money held and never taken.

    Raises:
        InvalidPaymentStateError: it is not authorized.
        PaymentRefusedError, GatewayDownError: as the gateway answers.
    """
    payment = _locked(payment)
    if payment.status != Payment.Status.AUTHORIZED:
        raise InvalidPaymentStateError("voided", payment.status)
    with gateway_errors_named():
        get_gateway().void(
            reference=payment.gateway_reference,
            idempotency_key=f"void-{payment.gateway_reference}",
        )
    payment.status = Payment.Status.FAILED
    payment.failure_reason = "voided"
    payment.save(update_fields=["status", "failure_reason"])
    record(actor=actor, verb="payment.voided", target=payment)
    return payment


def _locked(payment: Payment) -> Payment:
    """Read the payment again with its order, both locked until the transaction ends.

    Where orders is told afterwards its row is none of this transaction, and may not be here yet.
    """
    if settings.CHECKOUT_SAGA:
        return Payment.objects.select_for_update().get(pk=payment.pk)
    return (
        Payment.objects.select_for_update(of=("self", "order"))
        .select_related("order", "method")
        .prefetch_related("order__user")
        .get(pk=payment.pk)
    )


def _order_becomes(payment: Payment, status: str, *, actor: User | None, note: str) -> None:
    form = import_string(ORDER_AFTERWARDS if settings.CHECKOUT_SAGA else ORDER_AT_ONCE)
    form(payment, status, actor=actor, note=note)
