"""A decimal written as a string, or with other trailing zeros, is the same amount.

DRF renders a DecimalField as a string unless COERCE_DECIMAL_TO_STRING is off. Strings of digits
alone are left: they may be identifiers, and "7" is not 7 to a client.
https://www.django-rest-framework.org/api-guide/fields/#decimalfield
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strangler.shadow.observation import Difference
    from strangler.shadow.rules import Rules

_DECIMAL = re.compile(r"-?\d{1,40}\.\d{1,40}", re.ASCII)


def excuses(difference: Difference, rules: Rules) -> bool:  # noqa: ARG001
    """Whether both values are the same decimal, at least one of them written as a string."""
    if difference.kind not in ("type", "value"):
        return False
    values = (difference.control, difference.candidate)
    if not any(isinstance(value, str) for value in values):
        return False
    control, candidate = (_amount(value) for value in values)
    return control is not None and control == candidate


def _amount(value: object) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value) if _DECIMAL.fullmatch(value) else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    return None
