"""``manage.py sales_report``: paid orders of a period by category and by customer."""

import argparse
import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from monolith.orders.reports import CategorySales, CustomerSales, Sales, sales_report


def day(text: str) -> datetime:
    """Read YYYY-MM-DD as that day's start in UTC."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2026-01-31") from error


class Command(BaseCommand):
    help = "Report the paid orders of a period by category and by customer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=day, help="first day (default: 30 days back)")
        parser.add_argument("--until", type=day, help="day after the last (default: tomorrow)")
        parser.add_argument("--limit", type=int, default=20, help="customers at most (20)")
        shape = parser.add_mutually_exclusive_group()
        shape.add_argument("--json", action="store_true", help="print JSON")
        shape.add_argument("--csv", action="store_true", help="print CSV, one row per figure")

    def handle(self, *args: Any, **options: Any) -> None:
        midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        since = options["since"] or midnight - timedelta(days=30)
        until = options["until"] or midnight + timedelta(days=1)
        if since >= until:
            raise CommandError(
                f"--since {since:%Y-%m-%d} is not before --until {until:%Y-%m-%d}; swap them",
                returncode=2,
            )
        if options["limit"] < 1:
            raise CommandError(f"--limit {options['limit']} is less than 1", returncode=2)
        sales = sales_report(since=since, until=until, limit=options["limit"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(sales), cls=DjangoJSONEncoder, indent=2))
        elif options["csv"]:
            self.write_csv(sales)
        else:
            self.write_text(sales)

    def write_csv(self, sales: Sales) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(["by", "name", "orders", "revenue"])
        writer.writerows(["category", c.category, c.orders, c.revenue] for c in sales.categories)
        writer.writerows(["customer", c.email, c.orders, c.revenue] for c in sales.customers)

    def write_text(self, sales: Sales) -> None:
        self.stdout.write(f"Paid orders from {sales.since:%Y-%m-%d} to {sales.until:%Y-%m-%d}\n\n")
        self.stdout.write(table(CategorySales, sales.categories) + "\n")
        self.stdout.write(table(CustomerSales, sales.customers))


def table(row_type: type, rows: Sequence[Any]) -> str:
    """Lay out dataclasses as columns, numbers to the right."""
    header = [field.name.replace("_", " ") for field in fields(row_type)]
    cells = [header, *([str(value) for value in astuple(row)] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    right = [field.type in {int, "int"} or field.name == "revenue" for field in fields(row_type)]

    def line(row: Iterable[str]) -> str:
        padded = (
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, right, strict=True)
        )
        return "  ".join(padded).rstrip()

    return "\n".join(line(row) for row in cells) + "\n"
