"""Go on with sagas whose process died, or whose step must be tried again; run every minute."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from strangler.client.saga import running


class Command(BaseCommand):
    """`manage.py resume_sagas`."""

    help = "Go on with sagas that were left, and with those to be tried again"

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Tell how many ended."""
        counts = running.resume()
        self.stdout.write(", ".join(f"{count} {what}" for what, count in counts.items()))
