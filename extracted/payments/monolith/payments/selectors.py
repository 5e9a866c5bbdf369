"""Reads of the payments app."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from monolith.clients import users_client
from monolith.orders.models import Order
from monolith.payments.models import Payment, PaymentMethod
from monolith.users.models import User


def methods_of(user: User) -> QuerySet[PaymentMethod]:
    return user.payment_methods.all()


def payments_visible_to(user: User) -> QuerySet[Payment]:
    """Return a user's own payments, or all of them to staff, with what their page shows."""
    payments = Payment.objects.select_related("method", "order__shipping_address").prefetch_related(
        "refunds__created_by", "order__user"
    )
    return payments if user.is_staff else payments.filter(order__user_id=user.pk)


def payments_search(*, email: str = "", city: str = "") -> QuerySet[Payment]:
    """Find payments by whose order they paid and where it went."""
    payments = Payment.objects.all()
    if email:
        payments = payments.filter(
            order__user_id__in=users_client.find_user_ids_by_email_iexact(email_iexact=email)
        )
    if city:
        payments = payments.filter(order__shipping_address__city__iexact=city)
    return payments


def revenue_by_brand(*, since: datetime) -> list[dict[str, Any]]:
    """Sum captured money per card brand over the orders placed since, with the largest order."""
    rows = (
        Payment.objects.filter(captured_at__isnull=False, order__placed_at__gte=since)
        .values("method__brand")
        .annotate(
            payments=Count("id"),
            captured=Sum("amount"),
            customers=Count("order__user", distinct=True),
            largest_order=Subquery(
                Order.objects.filter(
                    payment__method__brand=OuterRef("method__brand"), placed_at__gte=since
                )
                .order_by("-total")
                .values("total")[:1]
            ),
        )
        .order_by("method__brand")
    )
    return list(rows)


def orders_with_wrong_amount() -> QuerySet[Order]:
    """Return orders whose payment is not for their total: there should be none."""
    return Order.objects.exclude(payment__amount=F("total")).filter(payment__isnull=False)


def spend_of_customers(*, minimum: Decimal) -> QuerySet[User]:
    """Return users with the money they paid and got back, those above ``minimum`` first."""
    paid = Coalesce(
        Sum("orders__payment__amount", filter=Q(orders__payment__captured_at__isnull=False)),
        Decimal("0.00"),
        output_field=DecimalField(max_digits=14, decimal_places=2),
    )
    return User.objects.annotate(paid=paid).filter(paid__gte=minimum).order_by("-paid", "pk")
