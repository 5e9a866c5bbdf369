"""Fills the shop with made-up customers, products and orders, the same for the same seed."""

from argparse import ArgumentTypeError
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monolith.common.seeding.customers import STAFF_EMAIL
from monolith.common.seeding.insert import SeedPlan, insert_seed, rows_in_the_way
from monolith.users.factories import DEFAULT_PASSWORD

BAD_USAGE = 2


def at_least(minimum: int) -> Any:
    """Return an argument type: a whole number not below `minimum`."""

    def whole_number(text: str) -> int:
        if not text.isdecimal() or int(text) < minimum:
            raise ArgumentTypeError(f"{text!r} is not a whole number of at least {minimum}")
        return int(text)

    return whole_number


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=at_least(1), default=200)
        parser.add_argument("--products", type=at_least(1), default=100)
        parser.add_argument("--orders", type=at_least(0), default=1000)
        parser.add_argument("--seed", type=at_least(0), default=1, help="same seed, same rows")
        present = parser.add_mutually_exclusive_group()
        present.add_argument(
            "--reset", action="store_true", help="delete EVERY row of the database first"
        )
        present.add_argument("--append", action="store_true", help="add to the rows there are")

    def handle(self, *args: Any, **options: Any) -> None:
        in_the_way = rows_in_the_way()
        if in_the_way and not (options["reset"] or options["append"]):
            found = ", ".join(f"{count} {label}" for label, count in in_the_way.items())
            raise CommandError(
                f"The database is not empty: it has {found}. Pass --append to add to them, or "
                "--reset to delete every row of the database first.",
                returncode=BAD_USAGE,
            )
        if options["reset"]:
            call_command("flush", interactive=False, verbosity=0)
        plan = SeedPlan(**{name: options[name] for name in ("users", "products", "orders", "seed")})
        elapsed_s = self._insert(plan, quiet=options["verbosity"] == 0)
        if options["verbosity"]:
            self.stdout.write(
                f"{plan.users} users, {plan.products} products and {plan.orders} orders in "
                f"{elapsed_s:.1f} s. Log in as {STAFF_EMAIL} (staff) or user2@shop.test with the "
                f"password {DEFAULT_PASSWORD!r}."
            )

    def _insert(self, plan: SeedPlan, *, quiet: bool) -> float:
        columns = (
            TextColumn("{task.description:>9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
            started_s = progress.get_time()
            tasks = {
                name: progress.add_task(name, total=getattr(plan, name))
                for name in ("users", "products", "orders")
            }
            insert_seed(plan, lambda name, count: progress.advance(tasks[name], count))
            return progress.get_time() - started_s
