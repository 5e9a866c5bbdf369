"""Writes made-up rows in chunks; each function reports how many entities it has written."""

import gc
import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.db.models import Max, Model
from factory.random import reseed_random

from monolith.common.seeding import catalogue, customers, orders
from monolith.common.seeding.clock import given_times
from monolith.common.seeding.memory import collecting_by_hand
from monolith.orders.models import Cart, Order, OrderLine, OrderStatusChange
from monolith.payments.models import Payment, PaymentMethod, Refund
from monolith.products.models import Category, PriceChange, Product, Review, Stock, Tag
from monolith.users.models import Address, Profile, User

CHUNK_ROWS = 2000

Advance = Callable[[str, int], None]
"""Called with the kind ("users", "products", "orders") and how many more were written."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class SeedPlan:
    """How much to make up, and from which seed."""

    users: int
    products: int
    orders: int
    seed: int


def rows_in_the_way() -> dict[str, int]:
    """Return how many rows there are of each kind the seed makes; empty when there are none."""
    counts = {model._meta.label: model.objects.count() for model in (User, Product, Order)}
    return {label: count for label, count in counts.items() if count}


@transaction.atomic
def insert_seed(plan: SeedPlan, advance: Advance) -> None:
    """Write all that the plan asks for, or nothing."""
    rng = random.Random(plan.seed)  # noqa: S311 -- made-up data, not secrets
    reseed_random(plan.seed)
    timed = (Product, Stock, PriceChange, Review, Cart, Order, OrderStatusChange)
    with given_times(*timed, PaymentMethod, Payment, Refund):
        accounts = _insert_customers(plan, rng, advance)
        products = _insert_catalogue(plan, accounts[0].user, rng, advance)
        _insert_favourites(accounts, products, rng)
        with collecting_by_hand():
            _insert_orders(plan, accounts, products, rng, advance)


def _insert_customers(
    plan: SeedPlan, rng: random.Random, advance: Advance
) -> list[customers.Customer]:
    accounts = []
    made = customers.build_customers(count=plan.users, first_number=_next_key(User), rng=rng)
    for chunk in _chunks(made):
        for model, name in (
            (User, "user"),
            (Profile, "profile"),
            (Address, "address"),
            (Cart, "cart"),
            (PaymentMethod, "method"),
        ):
            _insert(model, (getattr(account, name) for account in chunk))
        accounts += chunk
        advance("users", len(chunk))
    return accounts


def _insert_catalogue(
    plan: SeedPlan, creator: User, rng: random.Random, advance: Advance
) -> list[Product]:
    leaves, tags = _categories_and_tags()
    products = []
    made = catalogue.build_items(
        count=plan.products,
        first_number=_next_key(Product),
        categories=leaves,
        tags=tags,
        creator=creator,
        rng=rng,
    )
    for chunk in _chunks(made):
        _insert(Product, (item.product for item in chunk))
        _insert(Stock, (item.stock for item in chunk))
        _insert(PriceChange, (item.first_price for item in chunk))
        _insert(
            Product.tags.through,
            (
                Product.tags.through(product_id=item.product.pk, tag_id=tag.pk)
                for item in chunk
                for tag in item.tags
            ),
        )
        products += [item.product for item in chunk]
        advance("products", len(chunk))
    return products


def _categories_and_tags() -> tuple[list[Category], list[Tag]]:
    """Make the categories and tags, or take those of an earlier seed."""
    if Category.objects.exists():
        return list(Category.objects.order_by("id")), list(Tag.objects.order_by("id"))
    roots, leaves = catalogue.build_categories()
    tags = catalogue.build_tags()
    _insert(Category, roots)
    _insert(Category, leaves)
    _insert(Tag, tags)
    return leaves, tags


def _insert_favourites(
    accounts: Sequence[customers.Customer], products: Sequence[Product], rng: random.Random
) -> None:
    favourite = Profile.favourite_products.through
    made = (
        favourite(profile_id=account.profile.pk, product_id=product.pk)
        for account in accounts
        for product in rng.sample(products, min(len(products), rng.randint(0, 3)))
    )
    for chunk in _chunks(made):
        _insert(favourite, chunk)


def _insert_orders(
    plan: SeedPlan,
    accounts: Sequence[customers.Customer],
    products: Sequence[Product],
    rng: random.Random,
    advance: Advance,
) -> None:
    made = orders.build_orders(
        count=plan.orders,
        first_number=_next_key(Order),
        customers=accounts,
        products=products,
        rng=rng,
    )
    for chunk in _chunks(made):
        _insert(Order, (bundle.order for bundle in chunk))
        _insert(OrderLine, (line for bundle in chunk for line in bundle.lines))
        _insert(OrderStatusChange, (change for bundle in chunk for change in bundle.changes))
        _insert(Payment, (bundle.payment for bundle in chunk))
        _insert(Refund, (bundle.refund for bundle in chunk if bundle.refund))
        _insert(Review, (bundle.review for bundle in chunk if bundle.review))
        advance("orders", len(chunk))
        chunk.clear()
        gc.collect()


def _next_key(model: type[Model]) -> int:
    return (model.objects.aggregate(last=Max("pk"))["last"] or 0) + 1


def _insert(model: type[Model], rows: Iterable[Model]) -> None:
    model.objects.bulk_create(rows, batch_size=CHUNK_ROWS)


def _chunks(rows: Iterable[Item]) -> Iterator[list[Item]]:
    rows = iter(rows)
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        yield chunk
