"""The service on PostgreSQL: filled from a monolith on PostgreSQL, it answers the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.extracted.answers import Ask, assert_same
from tests.servers.postgres import running_postgres
from tests.servers.shop import (
    Shop,
    copy_tables,
    monolith_site,
    products_site,
    running,
    seed,
    users_site,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(240)]
PATHS = [
    "/api/products/", "/api/products/?page_size=100", "/api/products/?ordering=-price",
    "/api/products/?ordering=-units_sold", "/api/products/?ordering=rating",
    "/api/products/?min_price=20.5&in_stock=true", "/api/products/?q=a", "/api/categories/",
    "/api/products/1/", "/api/products/2/", "/api/products/1/stock/", "/api/products/1/reviews/",
    "/api/products/9999/", "/readyz",
]  # fmt: skip

ORDERED_BY_KIND = {"/api/products/?ordering=rating"}
"""SQLite sorts products without a rating first, PostgreSQL last."""


@pytest.fixture(scope="module")
def shop_on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_postgres() as server:
        monolith = monolith_site(
            tmp_path_factory.mktemp("monolith"), database_url=server.create_database("monolith")
        )
        users = users_site(monolith)
        products = products_site(
            tmp_path_factory.mktemp("products"),
            database_url=server.create_database("products"),
            users=users,
        )
        seed(monolith)
        products.manage("migrate", "--verbosity", "0")
        first = copy_tables(products, monolith)
        assert copy_tables(products, monolith) == first
        with running(monolith.server()), running(users.server()), running(products.server()):
            yield Shop(monolith, products, users)


@pytest.mark.parametrize("path", PATHS)
def test_answers_are_the_same_on_postgres(shop_on_postgres, path):
    assert_same(shop_on_postgres, Ask(path), {"": {}})


def test_sqlite_copy_of_a_monolith_on_postgres_answers_the_same(shop_on_postgres, tmp_path):
    products = products_site(tmp_path, users=shop_on_postgres.users)
    products.manage("migrate", "--verbosity", "0")
    copy_tables(products, shop_on_postgres.monolith)
    with running(products.server()):
        across = Shop(shop_on_postgres.monolith, products)
        for path in set(PATHS) - ORDERED_BY_KIND:
            assert_same(across, Ask(path), {"": {}})


def test_next_row_after_an_import_gets_a_free_id(shop_on_postgres):
    code = (
        "from monolith.products.models import Tag\n"
        "highest = Tag.objects.order_by('-pk').first().pk\n"
        "made = Tag.objects.create(name='n', slug='one-more')\n"
        "print(made.pk > highest)\n"
        "made.delete()"
    )
    output = shop_on_postgres.products.manage("shell", "--no-imports", "-c", code)
    assert output.strip() == "True"
