"""Reads of the catalogue; names of users and sales come from the replicas."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Avg,
    CharField,
    Count,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from products_service.products.models import Category, PriceChange, Product, Review
from products_service.replicas.models import UnitsSold, UserName

DETAIL_REVIEWS = 5
DETAIL_PRICE_CHANGES = 5
UNKNOWN_NAME = "A customer"


@dataclass(frozen=True)
class CategoryNode:
    """A category with its subtree; `product_count` counts active products of the whole subtree."""

    id: int
    name: str
    slug: str
    product_count: int
    children: tuple["CategoryNode", ...]


def _name_of(column: str) -> Coalesce:
    """Return the public name of the user whose id is in `column`."""
    names = UserName.objects.filter(user_id=OuterRef(column)).values("public_name")
    return Coalesce(Subquery(names), Value(UNKNOWN_NAME), output_field=CharField())


def products_with_sales() -> QuerySet[Product]:
    """Return products with `units_sold`, `rating` (None without reviews) and `review_count`."""
    sold = UnitsSold.objects.filter(product_id=OuterRef("pk")).values("units")
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


def products_for_detail(*, sees_inactive: bool = False) -> QuerySet[Product]:
    """Return products with all that the detail shows; staff see inactive ones too.

    `latest_reviews` and `latest_price_changes` hold the newest few of each.
    """
    reviews = Review.objects.annotate(author_name=_name_of("author_id"))
    changes = PriceChange.objects.order_by("-id")[:DETAIL_PRICE_CHANGES]
    products = (
        Product.objects.annotate(created_by_name=_name_of("created_by_id"))
        .select_related("category", "stock")
        .prefetch_related(
            "tags",
            Prefetch(
                "reviews",
                queryset=reviews.order_by("-id")[:DETAIL_REVIEWS],
                to_attr="latest_reviews",
            ),
            Prefetch("price_changes", queryset=changes, to_attr="latest_price_changes"),
        )
    )
    return products if sees_inactive else products.filter(is_active=True)


def last_modified(product: Product) -> datetime:
    """Return when anything shown in the detail last changed."""
    moments = [product.updated_at, product.stock.updated_at]
    moments += [review.created_at for review in product.latest_reviews]
    return max(moments)


def reviews_of(*, product: Product) -> QuerySet[Review]:
    """Return a product's reviews with their authors' names, newest first."""
    return product.reviews.annotate(author_name=_name_of("author_id")).order_by("-id")


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
