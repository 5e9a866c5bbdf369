"""What `manage.py check` says of a project that serves operations."""

from __future__ import annotations

from typing import Any

from django.core import checks

from strangler.client.idempotency import once

WRITES_UNKEPT = "strangler.W001"
_served: dict[str, int] = {}


def note_served(provider: str, writes: int) -> None:
    """Remember that a provider is served here, and how many writes it has."""
    if not _served:
        checks.register(_check_idempotency)
    _served[provider] = writes


def _check_idempotency(**_kwargs: Any) -> list[checks.CheckMessage]:
    providers = sorted(provider for provider, writes in _served.items() if writes)
    if once.is_kept() or not providers:
        return []
    return [
        checks.Warning(
            f"{', '.join(providers)} serves writes without keeping idempotency keys: a write whose "
            "answer is lost on the way fails for its caller, and cannot be repeated safely.",
            hint=f'Add "{once.APP}" to INSTALLED_APPS and run `manage.py migrate`.',
            id=WRITES_UNKEPT,
        )
    ]
