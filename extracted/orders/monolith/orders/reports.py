"""Sales reports: revenue by category in SQL over four apps' tables, by customer through the ORM.

FLOW  sales_report(since, until) -> Sales (frozen) -> the command prints it as text, JSON or CSV
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Max, Q, Sum

from monolith.users.models import User

BY_CATEGORY = """
SELECT category.name,
       COUNT(DISTINCT placed.id),
       COUNT(DISTINCT customer.id),
       SUM(line.quantity),
       SUM(line.quantity * line.unit_price)
  FROM orders_orderline line
  JOIN orders_order placed ON placed.id = line.order_id
  JOIN products_product product ON product.id = line.product_id
  JOIN products_category category ON category.id = product.category_id
  JOIN users_user customer ON customer.id = placed.user_id
  JOIN payments_payment payment ON payment.order_id = placed.id
 WHERE payment.captured_at IS NOT NULL
   AND placed.status NOT IN ('cancelled', 'refunded')
   AND placed.placed_at >= %s
   AND placed.placed_at < %s
 GROUP BY category.id, category.name
 ORDER BY 5 DESC, category.name
"""


@dataclass(frozen=True)
class CategorySales:
    """One category: paid orders, the customers behind them, pieces and revenue before coupons."""

    category: str
    orders: int
    customers: int
    pieces: int
    revenue: Decimal


@dataclass(frozen=True)
class CustomerSales:
    """One customer: paid orders, what they came to, points now, and where the latest went."""

    email: str
    name: str
    orders: int
    revenue: Decimal
    loyalty_points: int
    latest_city: str


@dataclass(frozen=True)
class Sales:
    """Paid orders placed from ``since`` up to but not at ``until``."""

    since: datetime
    until: datetime
    categories: tuple[CategorySales, ...]
    customers: tuple[CustomerSales, ...]


def sales_report(*, since: datetime, until: datetime, limit: int) -> Sales:
    """Report the sales of a period, with at most ``limit`` customers, the best first."""
    return Sales(
        since=since,
        until=until,
        categories=by_category(since, until),
        customers=by_customer(since, until, limit),
    )


def by_category(since: datetime, until: datetime) -> tuple[CategorySales, ...]:
    period = [connection.ops.adapt_datetimefield_value(moment) for moment in (since, until)]
    with connection.cursor() as cursor:
        cursor.execute(BY_CATEGORY, period)
        return tuple(
            CategorySales(name, orders, customers, int(pieces), in_cents(revenue))
            for name, orders, customers, pieces, revenue in cursor.fetchall()
        )


def by_customer(since: datetime, until: datetime, limit: int) -> tuple[CustomerSales, ...]:
    paid = Q(
        orders__payment__captured_at__isnull=False,
        orders__placed_at__gte=since,
        orders__placed_at__lt=until,
    ) & ~Q(orders__status__in=["cancelled", "refunded"])
    customers = (
        User.objects.filter(paid)
        .annotate(
            order_count=Count("orders"), revenue=Sum("orders__total"), latest=Max("orders__pk")
        )
        .order_by("-revenue", "email")
    )
    return tuple(
        CustomerSales(
            email=customer.email,
            name=f"{customer.first_name} {customer.last_name}".strip(),
            orders=customer.order_count,
            revenue=in_cents(customer.revenue),
            loyalty_points=customer.profile.loyalty_points,
            latest_city=customer.orders.get(pk=customer.latest).shipping_address.city,
        )
        for customer in customers[:limit]
    )


def in_cents(amount: object) -> Decimal:
    """Return a sum as the database gave it (SQLite: a float) with two places."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))
