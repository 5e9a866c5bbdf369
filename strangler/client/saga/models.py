"""One row for each piece of work that was begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from datetime import datetime

KEY_LENGTH = 200


class SagaRun(models.Model):
    """How far a piece of work is. `data` is what its steps know, `error` why it turns back.

    `way` and `step` say what is next; `is_begun` that this step may have been done already.
    Until `leased_until` one process is at it, after `retry_at` it is to be tried again.
    """

    saga: models.CharField[str, str] = models.CharField(max_length=100)
    key: models.CharField[str, str] = models.CharField(max_length=KEY_LENGTH)
    way: models.CharField[str, str] = models.CharField(max_length=10)
    step: models.PositiveIntegerField[int, int] = models.PositiveIntegerField(default=0)
    is_begun: models.BooleanField[bool, bool] = models.BooleanField(default=False)
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)
    error: models.TextField[str, str] = models.TextField(default="", blank=True)
    tries: models.PositiveIntegerField[int, int] = models.PositiveIntegerField(default=0)
    leased_by: models.CharField[str, str] = models.CharField(max_length=40, default="", blank=True)
    leased_until: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True
    )
    retry_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True, db_index=True
    )
    begun_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(auto_now_add=True)
    changed_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(auto_now=True)

    class Meta:
        """A key names one piece of work of a saga."""

        db_table = "strangler_saga_run"
        constraints = (
            models.UniqueConstraint(fields=("saga", "key"), name="strangler_saga_run_once"),
        )

    def __str__(self) -> str:
        return f"{self.saga} {self.key}: {self.way} at step {self.step}"
