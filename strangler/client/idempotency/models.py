"""One row for each write that was done under a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from strangler.client.idempotency.keys import LENGTH

if TYPE_CHECKING:
    from datetime import datetime


class IdempotencyKey(models.Model):
    """A key, what was asked under it, and what was answered."""

    key: models.CharField[str, str] = models.CharField(max_length=LENGTH, primary_key=True)
    digest: models.CharField[str, str] = models.CharField(max_length=64)
    answer: models.TextField[str, str] = models.TextField(default="")
    created_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(
        auto_now_add=True, db_index=True
    )

    class Meta:
        """The table's name says whose it is."""

        db_table = "strangler_idempotency_key"

    def __str__(self) -> str:
        return str(self.key)
