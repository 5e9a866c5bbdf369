"""The SQLite file of a store: opening it, its schema's version, and the key beside it."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from typing import TYPE_CHECKING

from strangler.errors import StoreError
from strangler.shadow.schema import SCHEMA_VERSION, TABLES

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_NAME = "shadow.sqlite3"
"""File name of a store inside the proxy's state directory."""
KEY_BYTES = 32
BUSY_TIMEOUT_S = 10.0


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open a store, made when it is not there, readable by its owner only.

    Raises:
        StoreError: when it cannot be opened, is no store, or is of another version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(path, BUSY_TIMEOUT_S, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.isolation_level = None
        connection.execute("BEGIN IMMEDIATE")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table'").fetchone():
            for statement in _statements():
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
        connection.isolation_level = "DEFERRED"
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"store {path}: {error}") from None
    _check_version(connection, path)
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a store for reading only.

    Raises:
        StoreError: when there is none, it cannot be read, or it is of another version.
    """
    if not path.is_file():
        raise StoreError(
            f"store {path}: no such file; nothing was compared yet, or name another with --store"
        )
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, BUSY_TIMEOUT_S, uri=True, check_same_thread=False)
        _check_version(connection, path)
    except sqlite3.Error as error:
        raise StoreError(f"store {path}: {error}") from None
    return connection


def load_key(path: Path) -> bytes:
    """Return the key of a store's placeholders, made at first use in a file of its own beside it.

    Whoever has the store without the key cannot test guesses against its placeholders.
    """
    key_path = path.with_name(path.name + ".key")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            made = key_path.with_name(f"{key_path.name}.{os.getpid()}")
            with open(os.open(made, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:  # noqa: PTH123
                file.write(secrets.token_bytes(KEY_BYTES))
            try:
                os.link(made, key_path)
            finally:
                made.unlink()
        key = key_path.read_bytes()
    except OSError as error:
        raise StoreError(f"key of the store, {key_path}: {error.strerror}") from None
    if len(key) != KEY_BYTES:
        raise StoreError(f"key of the store, {key_path}: {len(key)} bytes instead of {KEY_BYTES}")
    return key


def _statements() -> list[str]:
    lines = [line for line in TABLES.splitlines() if not line.startswith("--")]
    return [part for part in "\n".join(lines).split(";") if part.strip()]


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("SELECT 1 FROM examples LIMIT 1")
    except sqlite3.Error as error:
        raise StoreError(f"store {path}: not a store of pairs ({error})") from None
    if version != SCHEMA_VERSION:
        raise StoreError(
            f"store {path}: version {version}, this program reads {SCHEMA_VERSION}; "
            "name another file with --store"
        )


def clear(path: Path, route: str | None = None) -> None:
    """Delete everything about a route, or about all.

    Raises:
        StoreError: when the store cannot be written.
    """
    try:
        with contextlib.closing(open_to_write(path)) as connection, connection:
            for table in ("counts", "place_counts", "noise", "examples", "pairs"):
                connection.execute(
                    f"DELETE FROM {table} WHERE ?1 IS NULL OR route = ?1",  # noqa: S608
                    (route,),
                )
    except sqlite3.Error as error:
        raise StoreError(f"store {path}: {error}") from None
