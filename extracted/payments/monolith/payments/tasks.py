"""Celery tasks of the payments app: letters about money."""

from celery import shared_task
from django.core.mail import send_mail

from monolith.payments.models import Refund


@shared_task(name="payments.mail_refund_receipt")
def mail_refund_receipt(refund_id: int) -> int:
    """Write to the customer what came back; returns how many letters were sent."""
    refund = (
        Refund.objects.select_related("payment__order")
        .prefetch_related("payment__order__user")
        .get(pk=refund_id)
    )
    order = refund.payment.order
    return send_mail(
        subject=f"Refund for order {order.number}",
        message=(
            f"Dear {order.user.first_name},\n\n"
            f"{refund.amount} {refund.payment.currency} are on their way back to your "
            f"{refund.payment.method.brand} ending {refund.payment.method.last4}.\n"
        ),
        from_email=None,
        recipient_list=[refund.payment.order.user.email],
    )
