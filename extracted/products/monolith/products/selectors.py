"""Reads of the catalogue; sales come from the orders app's tables."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Avg,
    Count,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from monolith.clients import orders_client
from monolith.orders.models import OrderLine
from monolith.products.models import Category, PriceChange, Product, Review
from monolith.users.models import User

BOUGHT_TOGETHER_LIMIT = 5
DETAIL_REVIEWS = 5
DETAIL_PRICE_CHANGES = 5
NOT_SOLD = (orders_client.Order.Status.CANCELLED, orders_client.Order.Status.REFUNDED)
MAY_REVIEW = (
    orders_client.Order.Status.PAID,
    orders_client.Order.Status.SHIPPED,
    orders_client.Order.Status.DELIVERED,
)


@dataclass(frozen=True)
class CategoryNode:
    """A category with its subtree; `product_count` counts active products of the whole subtree."""

    id: int
    name: str
    slug: str
    product_count: int
    children: tuple["CategoryNode", ...]


def products_with_sales() -> QuerySet[Product]:
    """Return products with `units_sold`, `rating` (None without reviews) and `review_count`."""
    sold = (
        OrderLine.objects.filter(product=OuterRef("pk"))
        .exclude(order__status__in=NOT_SOLD)
        .order_by()
        .values("product")
        .annotate(units=Sum("quantity"))
        .values("units")
    )
    reviews = Review.objects.filter(product=OuterRef("pk")).order_by().values("product")
    return Product.objects.annotate(
        units_sold=Coalesce(Subquery(sold, output_field=IntegerField()), 0),
        rating=Subquery(reviews.annotate(mean=Avg("rating")).values("mean")),
        review_count=Coalesce(Subquery(reviews.annotate(n=Count("pk")).values("n")), 0),
    )


def products_for_list() -> QuerySet[Product]:
    """Return the active products with all that the list shows, in a fixed number of queries."""
    return (
        products_with_sales()
        .filter(is_active=True)
        .select_related("category", "stock")
        .prefetch_related("tags")
    )


def products_for_detail(*, viewer: User | None = None) -> QuerySet[Product]:
    """Return products with all that the detail shows; staff see inactive ones too.

    `latest_reviews` and `latest_price_changes` hold the newest few of each.
    """
    reviews = Review.objects.prefetch_related("author").order_by("-id")[:DETAIL_REVIEWS]
    changes = PriceChange.objects.order_by("-id")[:DETAIL_PRICE_CHANGES]
    products = Product.objects.select_related("category", "stock").prefetch_related(
        "tags",
        Prefetch("reviews", queryset=reviews, to_attr="latest_reviews"),
        Prefetch("price_changes", queryset=changes, to_attr="latest_price_changes"),
        "created_by",
    )
    return products if viewer and viewer.is_staff else products.filter(is_active=True)


def last_modified(product: Product) -> datetime:
    """Return when anything shown in the detail last changed."""
    moments = [product.updated_at, product.stock.updated_at]
    moments += [review.created_at for review in product.latest_reviews]
    return max(moments)


def bought_together(*, product: Product) -> QuerySet[Product]:
    """Return the active products most often in one order with this one, most often first.

    Each has `orders_together`.
    """
    return (
        Product.objects.filter(is_active=True, order_lines__order__lines__product=product)
        .exclude(pk=product.pk)
        .annotate(orders_together=Count("order_lines__order", distinct=True))
        .order_by("-orders_together", "id")[:BOUGHT_TOGETHER_LIMIT]
    )


def may_review(*, user: User, product: Product) -> bool:
    """Tell whether the user has a paid order with this product."""
    return orders_client.has_order_lines_by_order__status_in_and_order__user_id_and_product_id(
        product_id=product.pk, order__user_id=user.pk, order__status_in=MAY_REVIEW
    )


def reviews_of(*, product: Product) -> QuerySet[Review]:
    """Return a product's reviews with their authors, newest first."""
    return product.reviews.prefetch_related("author").order_by("-id")


def category_tree() -> tuple[CategoryNode, ...]:
    """Return the whole forest of categories, by name, read in one query."""
    rows = Category.objects.annotate(
        own_count=Count("products", filter=Q(products__is_active=True))
    ).order_by("name", "id")
    by_parent: dict[int | None, list[Category]] = {}
    for category in rows:
        by_parent.setdefault(category.parent_id, []).append(category)

    def grow(parent_id: int | None) -> tuple[CategoryNode, ...]:
        nodes = []
        for category in by_parent.get(parent_id, ()):
            children = grow(category.pk)
            count = category.own_count + sum(child.product_count for child in children)
            node = CategoryNode(category.pk, category.name, category.slug, count, children)
            nodes.append(node)
        return tuple(nodes)

    return grow(None)


def find_category(nodes: tuple[CategoryNode, ...], **wanted: object) -> CategoryNode | None:
    """Return the node of a tree whose one attribute has the wanted value, or None."""
    [(name, value)] = wanted.items()
    for node in nodes:
        found = node if getattr(node, name) == value else find_category(node.children, **wanted)
        if found:
            return found
    return None


def subtree_ids(node: CategoryNode) -> list[int]:
    """Return the keys of a category and of all below it."""
    return [node.id, *(key for child in node.children for key in subtree_ids(child))]
