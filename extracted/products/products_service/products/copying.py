"""Copies the catalogue out of the monolith's database into the service's own.

FLOW  monolith's tables -> raw SQL, chunks by key -> model fields -> own tables, in one transaction

The rows are read with the columns of this service's models and keep their ids; replicas are read
by one query each. All rows are replaced at once: readers see what was before until the end, a
second run changes nothing, and a row that is gone in the monolith is gone here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.management.color import no_style
from django.db import ConnectionHandler, connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from products_service.databases import database_settings
from products_service.products.models import Category, PriceChange, Product, Review, Stock, Tag
from products_service.replicas.models import UnitsSold, UserName

CHUNK_ROWS = 2_000
INSERT_ROWS = 80  # of at most 12 columns: SQLite allows 999 parameters where it is old

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Copy:
    """One table of the service and the SELECT over the monolith's tables that yields its rows.

    `select` yields the model's columns in order of its fields, the key first.
    """

    model: type[models.Model]
    select: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def fields(self) -> Sequence[models.Field]:
        return self.model._meta.concrete_fields


def _same_table(model: type[models.Model]) -> Copy:
    meta = model._meta
    columns = ", ".join(field.column for field in meta.concrete_fields)
    return Copy(model, f"SELECT {columns} FROM {meta.db_table}")  # noqa: S608


COPIES = (
    *(
        _same_table(model)
        for model in (Category, Tag, Product, Product.tags.through, Stock, PriceChange, Review)
    ),
    Copy(
        UserName,
        "SELECT id, COALESCE(NULLIF(trim(first_name || CASE WHEN last_name = '' THEN '' "
        "ELSE ' ' || substr(last_name, 1, 1) || '.' END), ''), 'A customer') "
        "FROM users_user WHERE id IN (SELECT author_id FROM products_review "
        "UNION SELECT created_by_id FROM products_product)",
    ),
    Copy(
        UnitsSold,
        "SELECT product_id, SUM(quantity) FROM orders_orderline JOIN orders_order "
        "ON orders_order.id = order_id WHERE status NOT IN ('cancelled', 'refunded') "
        "GROUP BY product_id",
    ),
)


@contextmanager
def snapshot(url: str) -> Iterator[BaseDatabaseWrapper]:
    """Open the monolith's database for reading; all reads inside see one state of it."""
    settings = database_settings(url)
    unwanted = ("pool", "init_command", "transaction_mode")
    options = {key: value for key, value in settings["OPTIONS"].items() if key not in unwanted}
    source = ConnectionHandler({"default": settings | {"OPTIONS": options}})["default"]
    isolated = source.vendor == "postgresql"
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if isolated else "BEGIN"
    try:
        with source.cursor() as cursor:
            cursor.execute(begin)
        yield source
    finally:
        source.close()


def copy_catalogue(url: str, progress: Progress) -> dict[str, int]:
    """Make the service's tables equal to those of the monolith's database at `url`.

    All writes become visible at once. `progress(table, rows done, rows in all)` is called after
    each chunk. Returns the rows of each table.

    Raises:
        ImproperlyConfigured: the URL names neither SQLite nor PostgreSQL.
        DatabaseError: a table is missing or cannot be read or written; nothing has changed.
    """
    with snapshot(url) as source, transaction.atomic():
        for copy in reversed(COPIES):
            copy.model._base_manager.all()._raw_delete("default")  # noqa: SLF001 - all rows go
        counts = {copy.table: _copy(source, copy, progress) for copy in COPIES}
        _reset_sequences()
    return counts


def _copy(source: BaseDatabaseWrapper, copy: Copy, progress: Progress) -> int:
    total = _scalar(source, f"SELECT COUNT(*) FROM ({copy.select}) AS rows_of_it")  # noqa: S608
    done = 0
    progress(copy.table, done, total)
    for rows in _chunks(source, copy):
        for start in range(0, len(rows), INSERT_ROWS):
            _insert(copy, rows[start : start + INSERT_ROWS])
        done += len(rows)
        progress(copy.table, done, total)
    return done


def _chunks(source: BaseDatabaseWrapper, copy: Copy) -> Iterator[list[tuple[Any, ...]]]:
    key, after = copy.fields[0].column, 0
    named = ", ".join(field.column for field in copy.fields)
    query = (
        f"WITH source ({named}) AS ({copy.select}) SELECT {named} FROM source "  # noqa: S608
        f"WHERE {key} > %s ORDER BY {key} LIMIT {CHUNK_ROWS}"
    )
    while True:
        with source.cursor() as cursor:
            cursor.execute(query, [after])
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _scalar(source: BaseDatabaseWrapper, query: str) -> int:
    with source.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def _insert(copy: Copy, rows: Sequence[tuple[Any, ...]]) -> None:
    columns = [connection.ops.quote_name(field.column) for field in copy.fields]
    values = [
        field.get_db_prep_save(_as_python(field, raw), connection)
        for row in rows
        for field, raw in zip(copy.fields, row, strict=True)
    ]
    places = ", ".join(["(" + ", ".join(["%s"] * len(columns)) + ")"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {copy.table} ({', '.join(columns)}) VALUES {places}",  # noqa: S608
            values,
        )


def _as_python(field: models.Field, raw: Any) -> Any:
    """Return the value as the model has it, whichever database it was read from."""
    value = field.to_python(raw)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)  # SQLite keeps the time in UTC, without saying so
    return value


def _reset_sequences() -> None:
    for statement in connection.ops.sequence_reset_sql(no_style(), [c.model for c in COPIES]):
        with connection.cursor() as cursor:
            cursor.execute(statement)
