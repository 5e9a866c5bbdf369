"""The form of JSON content: what is null and what is there, and nothing of what it says."""

from __future__ import annotations

from typing import Any

MOST_ITEMS = 50


def form_of(content: Any) -> Any:
    """Return the form of JSON content: None, True for any scalar, or the forms of its parts."""
    if isinstance(content, list):
        return [form_of(item) for item in content[:MOST_ITEMS]]
    if isinstance(content, dict):
        return {name: form_of(part) for name, part in content.items()}
    return None if content is None else True


def merged(one: Any, other: Any) -> Any:
    """Return a form that has every part that either has; something wins over None."""
    if isinstance(one, list) and isinstance(other, list):
        longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
        both = [merged(left, right) for left, right in zip(longer, shorter)]  # noqa: B905
        return both + longer[len(shorter) :]
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: merged(one.get(name), other.get(name)) for name in {**one, **other}}
    return other if one is None else one
