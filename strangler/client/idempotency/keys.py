"""The keys that callers send with writes: one for each call, the same over its retries.

A caller that repeats a whole step, such as a saga's, names it:

    with keys.repeatable(f"order-{order.pk}-charge"):
        payments_client.create_charge(...)

The same block run again, in any process, sends the same keys, and what was done is not done twice:
over HTTP, and in process too where the app is installed. Within the block the n-th call of an
operation must be the same call each time.
"""

from __future__ import annotations

import uuid
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER, ATTEMPT_HEADER = "Idempotency-Key", "Idempotency-Attempt"
KEPT_HEADER, KEPT = "Idempotency-Keys", "kept"
IN_PROGRESS, REUSED, NOT_REPEATED = "in_progress", "key_reused", "not_repeated"
LENGTH = 200
_NAMESPACE = uuid.UUID("6f0e8a2b-2a0d-5c7c-9f2e-3b0f4f5a9d11")


class _Step:
    def __init__(self, name: str) -> None:
        self.name = name
        self.counts: Counter[str] = Counter()


_step: ContextVar[_Step | None] = ContextVar("strangler_step", default=None)


@contextmanager
def repeatable(name: str) -> Iterator[None]:
    """Give the block's writes keys that follow from `name`, which no other step may have."""
    token = _step.set(_Step(name))
    try:
        yield
    finally:
        _step.reset(token)


def is_repeatable() -> bool:
    """Tell whether the calls made now are of a step that may be repeated."""
    return _step.get() is not None


def next_key(service: str, operation: str) -> str:
    """Return the key of a write that is called now."""
    step = _step.get()
    if step is None:
        return str(uuid.uuid4())
    called = f"{service}.{operation}"
    step.counts[called] += 1
    return str(uuid.uuid5(_NAMESPACE, f"{step.name}/{called}/{step.counts[called]}"))
