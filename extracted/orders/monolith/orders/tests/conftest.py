"""Fixtures shared with the other apps that move money."""

from monolith.payments.tests.fixtures import (
    anonymous,
    as_saga,
    customer,
    gateway,
    outbox_letters,
    staff,
)

__all__ = ["anonymous", "as_saga", "customer", "gateway", "outbox_letters", "staff"]
