"""Time in made-up data: a fixed present, and rows that keep the times they are given."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db.models import Model

PRESENT = datetime(2026, 1, 1, tzinfo=UTC)
"""The day after the last made-up event; fixed, so that a seed gives the same rows on any day."""


@contextmanager
def given_times(*models: type[Model]) -> Iterator[None]:
    """Switch off `auto_now` and `auto_now_add` of the models while the block runs."""
    fields = [field for model in models for field in model._meta.fields]
    automatic = [
        (field, name)
        for field in fields
        for name in ("auto_now", "auto_now_add")
        if getattr(field, name, False)
    ]
    for field, name in automatic:
        setattr(field, name, False)
    try:
        yield
    finally:
        for field, name in automatic:
            setattr(field, name, True)
