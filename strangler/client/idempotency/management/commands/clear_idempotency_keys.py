"""Forget keys of writes so long ago that nobody repeats them; to be run daily."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import router
from django.utils import timezone

from strangler.client.idempotency import effects
from strangler.client.idempotency.models import IdempotencyKey

if TYPE_CHECKING:
    from argparse import ArgumentParser

CHUNK = 5000


class Command(BaseCommand):
    """`manage.py clear_idempotency_keys [--older-than-h 24]`."""

    help = "Forget idempotency keys of writes that nobody repeats any more"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the age."""
        parser.add_argument(
            "--older-than-h", type=float, default=24.0, metavar="HOURS", help="24 by default"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Delete in chunks, so that no lock is held for long."""
        if options["older_than_h"] < 0:
            raise CommandError(
                f"--older-than-h must be from 0 hours, got {options['older_than_h']:g}"
            )
        keys = IdempotencyKey._default_manager.using(router.db_for_write(IdempotencyKey))
        until = timezone.now() - timedelta(hours=options["older_than_h"])
        lasting = timezone.now() - timedelta(hours=max(effects.KEPT_H, options["older_than_h"]))
        old = keys.filter(created_at__lt=until).exclude(
            pk__startswith=effects.PREFIX, created_at__gte=lasting
        )
        count = 0
        while True:
            chunk = list(old.values_list("pk", flat=True)[:CHUNK])
            if not chunk:
                break
            keys.filter(pk__in=chunk).delete()
            count += len(chunk)
        self.stdout.write(f"forgot {count} keys older than {options['older_than_h']:g} h")
