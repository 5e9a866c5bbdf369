"""Celery tasks that run by the clock; the letters have their own module."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from monolith.orders.letters import mail_stock_alert
from monolith.orders.selectors import unpaid_orders
from monolith.orders.services import order_cancel

__all__ = ["cancel_unpaid", "mail_stock_alert"]


@shared_task(name="orders.cancel_unpaid")
def cancel_unpaid(older_than_hours: int) -> list[str]:
    """Cancel orders whose money was held and never taken; returns their numbers."""
    before = timezone.now() - timedelta(hours=older_than_hours)
    numbers = []
    for order in unpaid_orders(before=before).prefetch_related("user"):
        order_cancel(order=order, actor=None, note=f"unpaid for {older_than_hours} hours")
        numbers.append(order.number)
    return numbers
