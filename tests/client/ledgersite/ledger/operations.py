"""The client side of the ledger."""

from typing import Any, Dict

from strangler.client.service import Service
from tests.client.ledgersite.ledger import values

SERVICE = Service(
    "ledger",
    provider="tests.client.ledgersite.ledger.provider",
    values=values,
    operations=__name__,
    writes=("add", "refuse"),
)


def count(word: str) -> int:
    """Tell how often a word was written."""
    result: int = SERVICE.call("count", word=word)
    return result


def context() -> Dict[str, Any]:
    """Tell what came along."""
    result: Dict[str, Any] = SERVICE.call("context")
    return result


def slow_context(seconds: float) -> Dict[str, Any]:
    """Take time, then tell."""
    result: Dict[str, Any] = SERVICE.call("slow_context", seconds=seconds)
    return result


def forward(seconds: float) -> Dict[str, Any]:
    """Take time, then ask the next service."""
    result: Dict[str, Any] = SERVICE.call("forward", seconds=seconds)
    return result


def add(word: str, wait_s: float = 0.0, fatal: str = "") -> int:
    """Write a word."""
    result: int = SERVICE.call("add", word=word, wait_s=wait_s, fatal=fatal)
    return result


def refuse(word: str) -> int:
    """Write a word, and fail."""
    result: int = SERVICE.call("refuse", word=word)
    return result
