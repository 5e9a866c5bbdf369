"""Writes of the catalogue: products, their prices and stock, and reviews."""

from typing import Any

from django.db import IntegrityError, transaction
from rest_framework.exceptions import PermissionDenied

from monolith.audit.services import record
from monolith.common.errors import Conflict
from monolith.products import selectors
from monolith.products.models import PriceChange, Product, Review, Stock
from monolith.users.models import User


@transaction.atomic
def product_create(*, actor: User, **values: Any) -> Product:
    """Put a product into the catalogue, with an empty stock and its first price on record."""
    tags = values.pop("tags", [])
    product = Product.objects.create(created_by=actor, **values)
    product.tags.set(tags)
    PriceChange.objects.create(product=product, price=product.price, changed_by=actor)
    return product


@transaction.atomic
def product_update(*, actor: User, product: Product, **values: Any) -> Product:
    """Change a product; another price is put on record with who set it."""
    tags = values.pop("tags", None)
    price = values.get("price", product.price)
    if price != product.price:
        PriceChange.objects.create(product=product, price=price, changed_by=actor)
        record(
            actor=actor,
            verb="product.price_changed",
            target=product,
            from_price=product.price,
            to_price=price,
        )
    for name, value in values.items():
        setattr(product, name, value)
    product.save(update_fields=[*values, "updated_at"])
    if tags is not None:
        product.tags.set(tags)
    return product


@transaction.atomic
def stock_set(*, product: Product, quantity: int) -> Stock:
    """Set how many pieces lie in the warehouse.

    Raises:
        Conflict: fewer than are promised to orders.
    """
    stock = Stock.objects.select_for_update().get(product=product)
    if quantity < stock.reserved:
        raise Conflict(f"{stock.reserved} pieces are reserved; the stock cannot be {quantity}.")
    stock.quantity = quantity
    stock.save(update_fields=["quantity", "updated_at"])
    return stock


def review_create(*, author: User, product: Product, rating: int, text: str = "") -> Review:
    """Publish a buyer's review.

    Raises:
        PermissionDenied: the author has no paid order with this product.
        Conflict: the author has reviewed this product already.
    """
    if not selectors.may_review(user=author, product=product):
        raise PermissionDenied("Only buyers of this product may review it.")
    try:
        with transaction.atomic():
            return Review.objects.create(
                product=product, author_id=author.pk, rating=rating, text=text
            )
    except IntegrityError as error:
        raise Conflict("You have reviewed this product already.") from error
