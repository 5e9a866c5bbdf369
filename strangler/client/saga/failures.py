"""How a saga can end without its work being done."""

from __future__ import annotations

from typing import Any


class SagaUndoneError(Exception):
    """A step failed and what was done before is undone; `error` tells which and why."""

    def __init__(self, saga: str, key: str, error: str) -> None:
        self.saga, self.key, self.error = saga, key, error
        super().__init__(f"saga {saga!r} {key!r} was undone: {error}")


class SagaBusyError(Exception):
    """The work is not ended: another process is at it, or it will be tried again.

    `data` is what is known of it where its pivot is done, so that it will be; None before.
    """

    def __init__(self, saga: str, key: str, why: str, data: dict[str, Any] | None = None) -> None:
        self.saga, self.key, self.data = saga, key, data
        super().__init__(f"saga {saga!r} {key!r} is not ended: {why}")
