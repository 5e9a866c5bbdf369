"""Run for two seconds, as a report or a worker would."""

import time
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        time.sleep(2)
