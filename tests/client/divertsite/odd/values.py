"""Values of types that `people` has not; no model stands behind them."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Dict, List, Optional, Tuple
from uuid import UUID

from strangler.client.values import Value


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, eq=False, repr=False)
class Node(Value, model="odd.Node", pk="id"):
    """A value that refers to its own kind."""

    id: int
    parent: Optional["Node"]
    children: List["Node"]


@dataclass(frozen=True, eq=False, repr=False)
class Everything(Value, model="odd.Everything", pk="id"):
    """One field of every type."""

    id: int
    text: str
    flag: bool
    ratio: float
    price: Decimal
    moment: datetime.datetime
    day: datetime.date
    hour: datetime.time
    span: datetime.timedelta
    key: UUID
    data: bytes
    maybe: Optional[int]
    anything: Any
    many: List[Decimal]
    pair: Tuple[int, str]
    dates: Tuple[datetime.date, ...]
    by_key: Dict[int, Decimal]
    colour: Colour
    node: Optional[Node]
