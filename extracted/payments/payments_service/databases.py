"""Turns DATABASE_URL into Django's settings for SQLite or PostgreSQL."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

SQLITE_OPTIONS = {
    # Writers queue at BEGIN instead of failing half way, when a read lock cannot be upgraded.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;",
}
POSTGRES_OPTIONS = {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}}


def database_settings(url):
    """Return Django's settings for one database; a SQLite file's folder is made.

    Raises:
        ImproperlyConfigured: the URL names neither SQLite nor PostgreSQL.
    """
    database = environ.Env.db_url_config(url)
    engine = str(database.get("ENGINE", ""))
    if engine.endswith("sqlite3"):
        if database["NAME"] != ":memory:":
            Path(database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        return {**database, "OPTIONS": SQLITE_OPTIONS}
    if engine.endswith("postgresql"):
        options = {**POSTGRES_OPTIONS, **database.get("OPTIONS", {})}
        return {**database, "CONN_MAX_AGE": 0, "OPTIONS": options}
    scheme = url.split(":", 1)[0]
    raise ImproperlyConfigured(
        f"DATABASE_URL has the scheme {scheme!r}; allowed are sqlite:///path/to/file and "
        "postgres://user:password@host:port/name. Set DATABASE_URL to one of them."
    )
