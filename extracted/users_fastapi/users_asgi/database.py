"""The database that DATABASE_URL names, and sessions on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session

DEFAULT_URL = f"sqlite:///{Path(__file__).resolve().parents[1] / 'var' / 'users.sqlite3'}"
BUSY_TIMEOUT_MS = 20_000
_IMMEDIATE = {"begin": "BEGIN IMMEDIATE"}


@lru_cache(maxsize=1)
def engine() -> Engine:
    """Return the one engine of this process.

    Raises:
        ValueError: the URL names neither SQLite nor PostgreSQL.
    """
    given = os.environ.get("DATABASE_URL") or DEFAULT_URL
    url = make_url(given.replace("postgres://", "postgresql://", 1))
    match url.get_backend_name():
        case "sqlite":
            if url.database and url.database != ":memory:":
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            made = create_engine(url)
            event.listen(made, "connect", _prepare)
            event.listen(made, "begin", _begin)
            return made
        case "postgresql":
            return create_engine(
                url.set(drivername="postgresql+psycopg"),
                pool_size=8, max_overflow=0, pool_timeout=10, pool_pre_ping=True,
            )  # fmt: skip
    raise ValueError(
        f"DATABASE_URL has the scheme {url.drivername!r}; allowed are sqlite:///path/to/file and "
        "postgres://user:password@host:port/name. Set DATABASE_URL to one of them."
    )


@contextmanager
def reading() -> Iterator[Session]:
    """Give a session to read with."""
    with Session(engine()) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """Give a session whose work lasts altogether or not at all.

    On SQLite writers queue where they begin, instead of failing where a read becomes a write.
    """
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        session.connection(execution_options=_IMMEDIATE)
        yield session


def is_ready() -> bool:
    """Tell whether the database answers. Raises what the driver does when it does not."""
    with engine().connect() as connection:
        return bool(connection.scalar(text("SELECT 1")))


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin in `_begin`, not in the driver
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
