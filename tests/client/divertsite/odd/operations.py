"""The client side of the odd service."""

import datetime
from decimal import Decimal
from typing import Any, List, Optional
from uuid import UUID

from strangler.client.service import Service
from tests.client.divertsite.odd import values

SERVICE = Service(
    "odd",
    provider="tests.client.divertsite.odd.provider",
    values=values,
    operations=__name__,
    writes=("append",),
)


def add(left: int, right: int = 1) -> int:
    """Add two numbers."""
    result: int = SERVICE.call("add", left=left, right=right)
    return result


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
    result: str = SERVICE.call(
        "describe", text=text, flag=flag, ratio=ratio, price=price, moment=moment, day=day,
        span=span, key=key, **({} if maybe is None else {"maybe": maybe}),
        **({} if anything is None else {"anything": anything}),
    )  # fmt: skip
    return result


def total(numbers: List[Decimal]) -> Decimal:
    """Add many numbers."""
    result: Decimal = SERVICE.call("total", numbers=numbers)
    return result


def boom() -> int:
    """Fail as no one meant it to."""
    result: int = SERVICE.call("boom")
    return result


def refuse() -> int:
    """Refuse."""
    result: int = SERVICE.call("refuse")
    return result


def crowd() -> List[int]:
    """Find more ids than may be given."""
    result: List[int] = SERVICE.call("crowd")
    return result


def invalid() -> int:
    """Complain about fields."""
    result: int = SERVICE.call("invalid")
    return result


def several() -> int:
    """Complain about the whole."""
    result: int = SERVICE.call("several")
    return result


def clash() -> int:
    """Break a constraint."""
    result: int = SERVICE.call("clash")
    return result


def wrong() -> int:
    """Give what was not promised."""
    result: int = SERVICE.call("wrong")
    return result


def slow(seconds: float) -> float:
    """Take time."""
    result: float = SERVICE.call("slow", seconds=seconds)
    return result


def nothing() -> Optional[values.Node]:
    """Give None."""
    result: Optional[values.Node] = SERVICE.call("nothing")
    return result


def append(word: str) -> int:
    """Change something."""
    result: int = SERVICE.call("append", word=word)
    return result


def unsendable() -> Any:
    """Give what cannot travel."""
    return SERVICE.call("unsendable")
