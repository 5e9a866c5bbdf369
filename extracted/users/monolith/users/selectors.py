"""Reads of users; several reach into orders, payments and products."""

from decimal import Decimal

from django.db.models import Count, DecimalField, OuterRef, Prefetch, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from monolith.clients import orders_client
from monolith.orders.models import Order
from monolith.users.models import Address, User

ACCOUNT_PAGE_ORDERS = 10
RECENT_ORDERS = 5
UNPAID = (orders_client.Order.Status.CANCELLED, orders_client.Order.Status.REFUNDED)


def users_with_spending() -> QuerySet[User]:
    """Return every user with `order_count` and `spent`.

    `spent` leaves out orders that were cancelled or refunded.
    """
    money = DecimalField(max_digits=12, decimal_places=2)
    spent = (
        Order.objects.filter(user=OuterRef("pk"))
        .exclude(status__in=UNPAID)
        .order_by()
        .values("user")
        .annotate(amount=Sum("total"))
        .values("amount")
    )
    return User.objects.annotate(
        order_count=Count("orders", distinct=True),
        spent=Coalesce(
            Subquery(spent, output_field=money), Value(Decimal("0.00")), output_field=money
        ),
    ).select_related("profile")


def users_visible_to(*, viewer: User) -> QuerySet[User]:
    """Return all users for staff, and only themselves for anyone else."""
    users = users_with_spending()
    return users if viewer.is_staff else users.filter(pk=viewer.pk)


def recent_orders(*, user: User) -> QuerySet[Order]:
    """Return the user's latest orders, newest first."""
    return user.orders.order_by("-placed_at", "-id")[:RECENT_ORDERS]


def user_for_account_page(*, user_id: int) -> User:
    """Return the user with all that the account page walks, in a fixed number of queries.

    `latest_orders` holds the newest orders with their lines, products, addresses and payments.
    """
    orders = (
        Order.objects.select_related("shipping_address", "payment__method")
        .prefetch_related("lines__product", "payment__refunds")
        .order_by("-placed_at", "-id")[:ACCOUNT_PAGE_ORDERS]
    )
    return (
        User.objects.select_related("profile")
        .prefetch_related(
            Prefetch("orders", queryset=orders, to_attr="latest_orders"),
            "addresses",
            "payment_methods",
            "profile__favourite_products__stock",
        )
        .get(pk=user_id)
    )


def addresses_of(*, user: User) -> QuerySet[Address]:
    """Return the user's addresses, each with the number of orders sent there."""
    return Address.objects.filter(user=user).annotate(order_count=Count("orders")).order_by("id")
