"""Copy tables from another database of the same tables: this service's own, and its replicas.

their tables ─> one state of them, in chunks by key ─> values as our fields have them
    ─> ours, in one transaction

Rows keep their keys, columns are matched by name, and all rows of a table are replaced: readers see
what was before until the end, a second run changes nothing, and a row that is gone there is gone.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.management.color import no_style
from django.db import connection, connections, transaction

from strangler.client.replicas import telling
from strangler.client.replicas.loosen import is_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CHUNK_ROWS = 2_000
PARAMETERS = 900  # SQLite allows 999 where it is old


def models_of(apps: Any, owned: Sequence[str]) -> list[Any]:
    """Return the models of `owned` apps and of replicas, with the tables of links."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and (model._meta.app_label in owned or is_copy(model))
    ]
    return sorted(found, key=lambda model: str(model._meta.db_table))


def copy(
    source: str,
    models: Sequence[Any],
    progress: Callable[[str, int, int], None] = lambda _table, _done, _total: None,
    *,
    tells: bool = False,
) -> dict[str, int]:
    """Make these models' tables equal to those of the database `source`; return the rows of each.

    `source` is its alias in DATABASES. `progress` is called with a table, its rows done, and all.
    With `tells`, receivers of a copied model's signals hear of what became of its rows, in the same
    transaction: see `telling`.

    Raises:
        DatabaseError: a table is missing, or cannot be read or written; nothing has changed.
    """
    with _one_state(source), transaction.atomic(), connection.constraint_checks_disabled():
        before = telling.known(models) if tells else {}
        with connection.cursor() as cursor:
            for model in models:
                cursor.execute(f"DELETE FROM {_name(model._meta.db_table)}")  # noqa: S608
        counts = {model._meta.db_table: _copied(source, model, progress) for model in models}
        connection.check_constraints([model._meta.db_table for model in models])
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            with connection.cursor() as cursor:
                cursor.execute(statement)
        telling.tell(before)
    return counts


@contextmanager
def _one_state(source: str) -> Iterator[None]:
    """Hold a transaction that sees one state of the source."""
    there = connections[source]
    isolated = there.vendor == "postgresql"
    try:
        with there.cursor() as cursor:
            cursor.execute(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if isolated else "BEGIN"
            )
        yield
    finally:
        there.close()


def _copied(source: str, model: Any, progress: Callable[[str, int, int], None]) -> int:
    table, fields = model._meta.db_table, model._meta.concrete_fields
    total = model._base_manager.using(source).count()
    done = 0
    progress(table, done, total)
    size = max(1, PARAMETERS // len(fields))
    for rows in _chunks(source, model):
        for start in range(0, len(rows), size):
            _insert(table, fields, rows[start : start + size])
        done += len(rows)
        progress(table, done, total)
    return done


def _chunks(source: str, model: Any) -> Iterator[list[tuple[Any, ...]]]:
    options = model._meta
    names = [field.attname for field in options.concrete_fields]
    place = names.index(options.pk.attname)
    rows = model._base_manager.using(source).order_by("pk").values_list(*names)
    found = list(rows[:CHUNK_ROWS])
    while found:
        yield found
        found = list(rows.filter(pk__gt=found[-1][place])[:CHUNK_ROWS])


def _insert(table: str, fields: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows as they are: nothing is set anew, as `auto_now` would."""
    columns = ", ".join(_name(field.column) for field in fields)
    values = [
        field.get_db_prep_save(value, connection)
        for row in rows
        for field, value in zip(fields, row)  # noqa: B905 - Python 3.8
    ]
    one = "(" + ", ".join(["%s"] * len(fields)) + ")"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_name(table)} ({columns}) VALUES {', '.join([one] * len(rows))}",  # noqa: S608
            values,
        )


def _name(name: str) -> str:
    return str(connection.ops.quote_name(name))
