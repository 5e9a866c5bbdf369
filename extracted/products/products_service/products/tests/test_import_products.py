"""The import makes this database equal to the monolith's, as often as it is run."""

import sqlite3
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from products_service.products.models import Category, Product, Review
from products_service.replicas.models import UnitsSold, UserName

SCHEMA = """
CREATE TABLE users_user (id integer PRIMARY KEY, first_name varchar, last_name varchar);
CREATE TABLE orders_order (id integer PRIMARY KEY, status varchar);
CREATE TABLE orders_orderline (
  id integer PRIMARY KEY, order_id bigint, product_id bigint, quantity integer);
CREATE TABLE products_category (id integer PRIMARY KEY, name, slug, parent_id bigint);
CREATE TABLE products_tag (id integer PRIMARY KEY, name, slug);
CREATE TABLE products_product (
  id integer PRIMARY KEY, sku, name, slug, description, category_id bigint, price decimal,
  currency, is_active bool, created_at datetime, updated_at datetime, created_by_id bigint);
CREATE TABLE products_product_tags (id integer PRIMARY KEY, product_id bigint, tag_id bigint);
CREATE TABLE products_stock (
  id integer PRIMARY KEY, product_id bigint, quantity integer, reserved integer,
  updated_at datetime);
CREATE TABLE products_pricechange (
  id integer PRIMARY KEY, product_id bigint, price decimal, changed_at datetime,
  changed_by_id bigint);
CREATE TABLE products_review (
  id integer PRIMARY KEY, product_id bigint, author_id bigint, rating integer, text,
  created_at datetime);
INSERT INTO users_user VALUES (1, 'Ada', 'Lovelace'), (2, '', ''), (3, 'Not', 'Needed');
INSERT INTO orders_order VALUES (1, 'paid'), (2, 'cancelled');
INSERT INTO orders_orderline VALUES (1, 1, 10, 3), (2, 1, 10, 4), (3, 2, 10, 100);
INSERT INTO products_category VALUES (5, 'Below', 'below', 6), (6, 'Above', 'above', NULL);
INSERT INTO products_tag VALUES (1, 'Red', 'red');
INSERT INTO products_product VALUES
  (10, 'A', 'Apple', 'apple', '', 5, 12.5, 'EUR', 1, '2026-01-02 03:04:05.678901',
   '2026-02-03 04:05:06', 1),
  (11, 'B', 'Pear', 'pear', '', 6, 3, 'EUR', 0, '2026-01-02 03:04:05', '2026-02-03 04:05:06', NULL);
INSERT INTO products_product_tags VALUES (4, 10, 1);
INSERT INTO products_stock VALUES
  (1, 10, 9, 2, '2026-02-03 04:05:06'), (2, 11, 0, 0, '2026-02-03 04:05:06');
INSERT INTO products_pricechange VALUES (1, 10, 12.5, '2026-01-02 03:04:05', 1);
INSERT INTO products_review VALUES (1, 10, 2, 5, 'Good', '2026-01-05 00:00:00');
"""


@pytest.fixture
def source(tmp_path, transactional_db):
    path = tmp_path / "monolith.sqlite3"
    with sqlite3.connect(path) as database:
        database.executescript(SCHEMA)
    database.close()
    return path


def run(path: Path) -> str:
    output = StringIO()
    call_command("import_products", f"--from=sqlite:///{path}", stdout=output)
    return output.getvalue()


def change(path: Path, statements: str) -> None:
    database = sqlite3.connect(path)
    database.executescript(statements)
    database.close()


def test_rows_keep_their_ids_and_values(source):
    assert "products_product: 2 rows" in run(source)
    product = Product.objects.select_related("stock", "category__parent").get(pk=10)
    assert product.price == Decimal("12.50")
    assert product.created_at.isoformat() == "2026-01-02T03:04:05.678901+00:00"
    assert product.updated_at.isoformat() == "2026-02-03T04:05:06+00:00"
    assert (product.created_by_id, product.stock.available) == (1, 7)
    assert product.category.parent.slug == "above"
    assert list(product.tags.values_list("slug", flat=True)) == ["red"]
    assert Product.objects.get(pk=11).is_active is False


def test_replicas_hold_only_what_answers_need(source):
    run(source)
    assert dict(UserName.objects.values_list("user_id", "public_name")) == {
        1: "Ada L.", 2: "A customer",
    }  # fmt: skip
    assert dict(UnitsSold.objects.values_list("product_id", "units")) == {10: 7}


def test_second_run_changes_nothing(source):
    first = run(source)
    before = list(Product.objects.order_by("pk").values())
    assert run(source) == first
    assert list(Product.objects.order_by("pk").values()) == before


def test_later_run_follows_the_monolith(source):
    run(source)
    change(
        source,
        "UPDATE products_product SET price = 99.99 WHERE id = 10;"
        "DELETE FROM products_stock WHERE product_id = 11;"
        "DELETE FROM products_product WHERE id = 11;"
        "DELETE FROM products_product_tags;"
        "INSERT INTO products_product_tags VALUES (3, 10, 1);"
        "UPDATE products_category SET slug = 'x' WHERE id = 5;"
        "UPDATE products_category SET slug = 'below' WHERE id = 6;"
        "UPDATE products_category SET slug = 'above' WHERE id = 5;",
    )
    run(source)
    assert dict(Category.objects.values_list("pk", "slug")) == {5: "above", 6: "below"}
    assert list(Product.objects.values_list("pk", "price")) == [(10, Decimal("99.99"))]
    assert Product.objects.get().tags.count() == 1


def test_failure_leaves_everything_as_it_was(source):
    run(source)
    change(source, "DELETE FROM products_review; DROP TABLE orders_order;")
    with pytest.raises(CommandError, match="Nothing was changed"):
        run(source)
    assert Review.objects.count() == 1
    assert Category.objects.count() == 2


@pytest.mark.parametrize(
    ("url", "message"),
    [("sqlite:////nowhere/at.all", "does not exist"), ("mysql://host/name", "scheme 'mysql'")],
)
def test_unusable_source_is_told(db, url, message):
    with pytest.raises(CommandError, match=message):
        call_command("import_products", f"--from={url}")
