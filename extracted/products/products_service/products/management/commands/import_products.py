"""Copies the catalogue, and the replicas it needs, out of the monolith's database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from products_service.products.copying import copy_catalogue


class Command(BaseCommand):
    help = (
        "Make this service's tables equal to the monolith's: products, categories, tags, stock, "
        "prices and reviews, and the replicas of user names and units sold. Ids are kept; a "
        "second run changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from",
            dest="source",
            required=True,
            metavar="DATABASE_URL",
            help="the monolith's database: sqlite:///path or postgres://user:password@host/name",
        )

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        _require_database(source)
        columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn())
        console = Console(stderr=True)
        try:
            with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
                tasks: dict[str, Any] = {}

                def show(table: str, done: int, total: int) -> None:
                    if table not in tasks:
                        tasks[table] = bars.add_task(table)
                    bars.update(tasks[table], completed=done, total=total)

                counts = copy_catalogue(source, show)
        except ImproperlyConfigured as error:
            raise CommandError(str(error), returncode=2) from None
        except DatabaseError as error:
            raise CommandError(
                f"the catalogue could not be copied: {error}. Nothing was changed. Run `migrate` "
                "here first, and give --from the database of a monolith that is migrated.",
                returncode=2,
            ) from None
        for table, rows in counts.items():
            self.stdout.write(f"{table}: {rows} rows")


def _require_database(url: str) -> None:
    """Refuse an SQLite file that does not exist: opening it would make an empty one."""
    database = environ.Env.db_url_config(url)
    name = str(database.get("NAME", ""))
    if str(database.get("ENGINE", "")).endswith("sqlite3") and not Path(name).is_file():
        raise CommandError(f"--from names the file {name!r}, which does not exist", returncode=2)
