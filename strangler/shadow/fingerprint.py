"""A hashable stand-in for a parsed value: equal exactly when the comparison finds no difference."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from strangler.shadow.bodies.html_body import Element

if TYPE_CHECKING:
    from collections.abc import Hashable


def fingerprint(value: object) -> Hashable:
    """Return the stand-in. Numbers are equal by value, but never to booleans."""
    if isinstance(value, dict):
        return ("object", frozenset((key, fingerprint(inner)) for key, inner in value.items()))
    if isinstance(value, list):
        return ("array", tuple(fingerprint(inner) for inner in value))
    if isinstance(value, bool) or value is None:
        return ("constant", value)
    if isinstance(value, int | float | Decimal):
        return ("number", value)
    return value if isinstance(value, str | Element) else repr(value)
