"""What a project that serves writes without keeping their keys is told, once, when it starts.

served under URLs ─> `manage.py check` (and every command that checks): a warning
served as a WSGI application ─> the same text in the log
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core import checks
from django.urls import URLPattern

from strangler.client.idempotency import once

if TYPE_CHECKING:
    from strangler.client.operations import Operations

WRITES_UNKEPT = "strangler.W001"


class OperationPattern(URLPattern):
    """The URL pattern of a provider's operations; Django asks it for what is to be warned of."""

    operations: Operations

    @classmethod
    def of(cls, pattern: URLPattern, operations: Operations) -> OperationPattern:
        """Return the same pattern, which also checks how the operations are served."""
        made = cls(pattern.pattern, pattern.callback, pattern.default_args, pattern.name)
        made.operations = operations
        return made

    def check(self) -> list[Any]:
        """Return Django's own warnings of the pattern, and ours."""
        return [*super().check(), *warnings_of(self.operations)]


def warnings_of(operations: Operations) -> list[checks.CheckMessage]:
    """Return what a project that serves these operations should know."""
    if once.is_kept() or not operations.writes:
        return []
    return [
        checks.Warning(
            f"{operations.provider} serves writes without keeping idempotency keys: a write whose "
            "answer is lost on the way fails for its caller, and cannot be repeated safely.",
            hint=f'Add "{once.APP}" to INSTALLED_APPS and run `manage.py migrate`.',
            id=WRITES_UNKEPT,
        )
    ]
