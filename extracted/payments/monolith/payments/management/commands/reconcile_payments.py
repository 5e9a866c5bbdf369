"""``manage.py reconcile_payments``: find orders whose payment is not for their total."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from monolith.payments.selectors import orders_with_wrong_amount


class Command(BaseCommand):
    help = "List orders whose payment is not for their total; exit 1 when there are any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = [
            {
                "order": order.number,
                "customer": order.user.email,
                "total": str(order.total),
                "paid": str(order.payment.amount),
            }
            for order in orders_with_wrong_amount().order_by("number")
        ]
        if options["json"]:
            self.stdout.write(json.dumps(wrong, indent=2))
        else:
            for row in wrong:
                self.stdout.write("{order} of {customer}: total {total}, paid {paid}".format(**row))
            self.stdout.write(f"{len(wrong)} orders with a wrong amount")
        if wrong:
            sys.exit(1)
