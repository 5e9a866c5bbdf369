"""Copy this service's own tables, and its replicas, from the database that they are in now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from strangler.client.replicas.copying import copy, models_of

if TYPE_CHECKING:
    from argparse import ArgumentParser

VARIABLE = "MONOLITH_DATABASE_URL"


class Command(BaseCommand):
    """`manage.py copy_tables`."""

    help = (
        "Make this service's tables, and the copies of others' that it holds, equal to those of"
        " another database of DATABASES. Keys are kept; a second run changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the database, and whether only replicas are meant."""
        parser.add_argument(
            "--from", dest="source", default="monolith", metavar="ALIAS",
            help=f"the database they are in, of DATABASES: monolith is that of {VARIABLE}",
        )  # fmt: skip
        parser.add_argument(
            "--replicas",
            action="store_true",
            help="only the copies of others' tables; whoever listens to them hears what changed",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Copy, and tell the rows of each table."""
        source = options["source"]
        if source not in settings.DATABASES or source == "default":
            others = ", ".join(sorted(set(settings.DATABASES) - {"default"})) or "none"
            raise CommandError(
                f"--from {source!r} is no other database of DATABASES (there: {others})."
                f" Set {VARIABLE} for 'monolith'.",
                returncode=2,
            )
        owned = () if options["replicas"] else tuple(getattr(settings, "STRANGLER_OWNED", ()))
        try:
            counts = copy(source, models_of(apps, owned), self._show, tells=options["replicas"])
        except DatabaseError as error:
            raise CommandError(
                f"the tables could not be copied: {error}. Nothing was changed. Run `migrate` here"
                " first, and name a database that has them.",
                returncode=2,
            ) from None
        for table, rows in counts.items():
            self.stdout.write(f"{table}: {rows} rows")

    def _show(self, table: str, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{table}: {done} of {total}", ending="\n" if done == total else "")
