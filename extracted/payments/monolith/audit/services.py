"""Writing to the audit log; every app calls ``record``."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model

from monolith.audit.models import AuditEntry

User = get_user_model()


def record(*, actor: Any, verb: str, target: Model, **data: Any) -> AuditEntry:
    """Note that ``actor`` (a user, an anonymous one, or None for the system) did ``verb``.

    ``data`` is what JSON can hold, plus decimals and dates.
    """
    known = actor if isinstance(actor, User) else None
    return AuditEntry.objects.create(actor=known, verb=verb, target=target, data=data)
