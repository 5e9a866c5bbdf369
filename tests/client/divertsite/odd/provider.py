"""Operations that answer with every type, fail in every way, or take their time."""

import datetime
import time
from decimal import Decimal
from typing import Any, List, Optional
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from strangler.client.failures import TooManyIdsError
from tests.client.divertsite.odd import values

READS = (
    "add", "describe", "total", "boom", "refuse", "invalid", "several", "clash", "slow", "wrong",
    "unsendable", "nothing", "crowd",
)  # fmt: skip
WRITES = ("append",)
appended: List[str] = []


def add(left: int, right: int = 1) -> int:
    """Add two numbers."""
    return left + right


def describe(
    text: str,
    flag: bool,
    ratio: float,
    price: Decimal,
    moment: datetime.datetime,
    day: datetime.date,
    span: datetime.timedelta,
    key: UUID,
    maybe: Optional[int] = None,
    anything: Any = None,
) -> str:
    """Tell what arrived, type by type."""
    return repr((text, flag, ratio, price, moment, day, span, key, maybe, anything))


def total(numbers: List[Decimal]) -> Decimal:
    """Add many numbers."""
    return sum(numbers, Decimal(0))


def boom() -> int:
    """Fail as no one meant it to."""
    raise RuntimeError("secret detail")


def refuse() -> int:
    """Refuse."""
    raise PermissionDenied("not yours")


def crowd() -> List[int]:
    """Find more ids than may be given."""
    raise TooManyIdsError("odd", "crowd", "more than 1 ids are found")


def invalid() -> int:
    """Complain about fields."""
    raise ValidationError({"name": ["Too long."], "size": ["Too big.", "Odd."]})


def several() -> int:
    """Complain about the whole."""
    raise ValidationError(["First.", "Second."])


def clash() -> int:
    """Break a constraint."""
    raise IntegrityError("UNIQUE constraint failed")


def slow(seconds: float) -> float:
    """Take time."""
    time.sleep(seconds)
    return seconds


def wrong() -> int:
    """Give what was not promised."""
    return "no number"  # type: ignore[return-value]


def unsendable() -> Any:
    """Give what cannot travel."""
    return object()


def nothing() -> Optional[values.Node]:
    """Give None."""
    return None


def append(word: str) -> int:
    """Change something."""
    appended.append(word)
    return len(appended)
