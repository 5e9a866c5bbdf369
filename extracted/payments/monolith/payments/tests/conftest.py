"""Fixtures shared with the other apps that move money."""

from monolith.payments.tests.fixtures import (
    anonymous,
    customer,
    gateway,
    outbox_letters,
    staff,
)

__all__ = ["anonymous", "customer", "gateway", "outbox_letters", "staff"]
