"""The catalogue: two levels of categories, tags, products with stock and a first price."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils.text import slugify

from monolith.common.seeding.clock import PRESENT
from monolith.products.factories import CategoryFactory, ProductFactory, TagFactory
from monolith.products.models import Category, PriceChange, Product, Stock, Tag
from monolith.users.models import User

CATEGORIES = {
    "Kitchen": ("Knives", "Pans", "Storage"),
    "Garden": ("Tools", "Seeds", "Pots"),
    "Books": ("Fiction", "Science", "Cooking"),
    "Toys": ("Wood", "Puzzles"),
}
TAGS = ("New", "Organic", "Handmade", "Gift", "Sale", "Local")
ADJECTIVES = ("Blue", "Small", "Sturdy", "Quiet", "Bright", "Folding", "Warm", "Plain", "Oak")
NOUNS = ("Kettle", "Spade", "Lamp", "Basket", "Puzzle", "Pan", "Notebook", "Box", "Bench", "Cup")
OLDEST_PRODUCT_DAYS = 1000
YOUNGEST_PRODUCT_DAYS = 731


@dataclass(frozen=True)
class CatalogueItem:
    """The unsaved rows of one product, and the tags it gets."""

    product: Product
    stock: Stock
    first_price: PriceChange
    tags: Sequence[Tag]


def build_categories() -> tuple[list[Category], list[Category]]:
    """Return the roots and the leaves below them."""
    roots = [CategoryFactory.build(name=name) for name in CATEGORIES]
    leaves = [
        CategoryFactory.build(name=name, slug=slugify(f"{root.name} {name}"), parent=root)
        for root in roots
        for name in CATEGORIES[root.name]
    ]
    return roots, leaves


def build_tags() -> list[Tag]:
    """Return the tags there are."""
    return [TagFactory.build(name=name) for name in TAGS]


def build_items(
    *,
    count: int,
    first_number: int,
    categories: Sequence[Category],
    tags: Sequence[Tag],
    creator: User,
    rng: random.Random,
) -> Iterator[CatalogueItem]:
    """Yield products of random name, category and price, made by `creator`."""
    for number in range(first_number, first_number + count):
        age = timedelta(
            days=rng.randint(YOUNGEST_PRODUCT_DAYS, OLDEST_PRODUCT_DAYS),
            seconds=rng.randrange(86_400),
        )
        made_at = PRESENT - age
        product = ProductFactory.build(
            sku=f"SKU-{number:06d}",
            name=f"{rng.choice(ADJECTIVES)} {rng.choice(NOUNS)} {number}",
            category=rng.choice(categories),
            price=Decimal(rng.randint(199, 19_999)) / 100,
            created_by=creator,
            created_at=made_at,
            updated_at=made_at,
        )
        yield CatalogueItem(
            product=product,
            stock=Stock(product=product, quantity=rng.randint(0, 500), updated_at=made_at),
            first_price=PriceChange(
                product=product, price=product.price, changed_at=made_at, changed_by=creator
            ),
            tags=rng.sample(tags, rng.randint(0, 2)),
        )
