"""The app that keeps idempotency keys."""

from __future__ import annotations

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    """Keeps the keys of writes in the service's own database."""

    name = "strangler.client.idempotency"
    label = "strangler_idempotency"
    verbose_name = "Idempotency keys"
    default_auto_field = "django.db.models.BigAutoField"
