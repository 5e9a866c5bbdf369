"""Reads of the orders app, most of them across users, products and payments."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from monolith.clients import users_client
from monolith.orders.models import Cart, Order, OrderLine
from monolith.payments.models import Payment
from monolith.products.models import Category, Product, Stock
from monolith.users.models import Address, User


def orders_visible_to(user: User) -> QuerySet[Order]:
    """Return a user's own orders, or everybody's to staff."""
    return Order.objects.all() if user.is_staff else Order.objects.filter(user_id=user.pk)


def with_summary(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Load what a list shows of each order in a fixed number of queries."""
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
    return (
        orders.select_related("payment__method")
        .prefetch_related("user")
        .annotate(
            line_count=Coalesce(Subquery(lines.annotate(count=Count("pk")).values("count")), 0)
        )
    )


def with_details(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Load all that an order's own page shows: customer, address, payment, lines down to tags."""
    products = Product.objects.select_related("category").prefetch_related("tags")
    lines = OrderLine.objects.prefetch_related(Prefetch("product", queryset=products))
    return orders.select_related("shipping_address", "payment__method").prefetch_related(
        Prefetch("lines", queryset=lines), "user"
    )


def cart_contents(cart: Cart) -> Cart:
    """Return the cart with its lines, their products, categories and stock loaded."""
    return Cart.objects.prefetch_related("lines__product__category", "lines__product__stock").get(
        pk=cart.pk
    )


def order_of(user: User, number: str) -> Order:
    """Return one of the user's orders by its number.

    Raises:
        Http404: the user has no such order.
    """
    return get_object_or_404(user.orders.all(), number=number)


def product_on_sale(product_id: int) -> Product:
    """Return a product that can be put in a cart.

    Raises:
        Http404: there is none, or it is not for sale.
    """
    return get_object_or_404(Product, pk=product_id, is_active=True)


def orders_of_customer(email: str) -> QuerySet[Order]:
    """Find a customer's orders by address, whatever its case."""
    return Order.objects.filter(
        user_id__in=users_client.find_user_ids_by_email_iexact(email_iexact=email)
    )


def orders_with_category(slug: str) -> QuerySet[Order]:
    """Find orders with at least one product of a category."""
    return Order.objects.filter(lines__product__category__slug=slug).distinct()


def unpaid_orders(*, before: datetime) -> QuerySet[Order]:
    """Return pending orders placed before then whose money was never taken."""
    uncaptured = Payment.objects.filter(order=OuterRef("pk"), captured_at__isnull=True)
    return Order.objects.filter(
        Exists(uncaptured), status=Order.Status.PENDING, placed_at__lt=before
    )


def customers_by_spend(*, limit: int) -> QuerySet[User]:
    """Return the customers who spent most, with the number, sum and latest of their orders."""
    counted = ~Q(orders__status__in=[Order.Status.CANCELLED, Order.Status.REFUNDED])
    latest = Order.objects.filter(user=OuterRef("pk")).order_by("-placed_at", "-pk")
    return (
        User.objects.annotate(
            order_count=Count("orders", filter=counted),
            spent=Sum("orders__total", filter=counted),
            latest_number=Subquery(latest.values("number")[:1]),
        )
        .filter(order_count__gt=0)
        .order_by("-spent", "pk")[:limit]
    )


def best_sellers(*, limit: int) -> list[dict[str, Any]]:
    """Return the products sold most, with the category and what is left in stock."""
    return list(
        Product.objects.filter(order_lines__isnull=False)
        .values("sku", "name", "category__name")
        .annotate(
            sold=Sum("order_lines__quantity"),
            revenue=Sum(F("order_lines__quantity") * F("order_lines__unit_price")),
            left=F("stock__quantity") - F("stock__reserved"),
        )
        .order_by("-sold", "sku")[:limit]
    )


def categories_never_sold() -> list[str]:
    """Return the names of categories whose products nobody ever ordered."""
    sold = OrderLine.objects.values_list("product__category", flat=True)
    return list(Category.objects.exclude(pk__in=sold).values_list("name", flat=True))


def products_running_out(*, threshold: int) -> list[str]:
    """Return the SKUs in carts of which fewer than ``threshold`` are left."""
    low = Stock.objects.filter(quantity__lt=threshold, product__cart_lines__isnull=False)
    return sorted(set(low.values_list("product__sku", flat=True)))


def emails_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Map user keys to email addresses, in one query."""
    return {
        key: user.email
        for key, user in {
            each.pk: each for each in users_client.get_users_by_ids(ids=list(user_ids))
        }.items()
    }


def default_address(user: User) -> Address | None:
    """Return where the user's parcels go unless told otherwise."""
    return user.addresses.filter(is_default=True).first() or user.addresses.first()


def is_first_order(order: Order) -> bool:
    """Tell whether the customer had ordered nothing before."""
    return not order.user.orders.filter(placed_at__lt=order.placed_at).exists()


def paid_total(user: User) -> Decimal:
    """Return the money taken from a user over all orders, read payment by payment."""
    return sum(
        (
            order.payment.amount - order.payment.refunded_amount
            for order in user.orders.all()
            if order.payment.captured_at
        ),
        Decimal("0.00"),
    )


def placed_by(order: Order, user: User) -> bool:
    return order.user_id == user.pk


def favourites_bought(user: User) -> QuerySet[Product]:
    """Return the user's favourite products that they have ordered at least once."""
    return user.profile.favourite_products.filter(order_lines__order__user_id=user.pk).distinct()
