"""The same instant written in another time zone or precision.

`2026-01-01T10:00:00Z`, `2026-01-01T10:00:00+00:00` and `2026-01-01T11:00:00.000+01:00` are one
instant. A time with a zone never equals one without.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strangler.shadow.observation import Difference
    from strangler.shadow.rules import Rules

_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", re.ASCII)


def excuses(difference: Difference, rules: Rules) -> bool:  # noqa: ARG001
    """Whether both values are ISO 8601 times of one instant."""
    if difference.kind != "value":
        return False
    control, candidate = _instant(difference.control), _instant(difference.candidate)
    if control is None or candidate is None:
        return False
    return (control.tzinfo is None) == (candidate.tzinfo is None) and control == candidate


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str) or not _STAMP.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
