"""What a fake says when it cannot do what is asked of it."""

from __future__ import annotations

unanswered: list[str] = []
"""What no fake could answer, since a test began: code that is tested may catch the error."""


class UnansweredError(AssertionError):
    """A fake does not know what the service would answer.

    It is no ServiceError, for code that copes with a service that is down must not take it for one.
    """

    def __init__(self, service: str, operation: str, message: str) -> None:
        self.service, self.operation = service, operation
        super().__init__(f"the fake of {service}, {operation}: {message}")
        unanswered.append(str(self))


class IncompleteRowError(UnansweredError):
    """A row lacks what the contract says every such row has."""
