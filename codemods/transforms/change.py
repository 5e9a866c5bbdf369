"""What a transform says of a file: changes it makes, and places it refuses with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.crossings.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    import libcst as cst

    from codemods.contract.operations import Operation
    from codemods.crossings.values import Type, Value


@dataclass(frozen=True, eq=False)
class Change:
    """Replace one node of the tree.

    `make` gets the node as it is after the changes inside it, and returns what stands there
    instead, or `libcst.RemoveFromParent()`. `operations` are those that the new code calls,
    `needs` the (label, attribute) pairs that the new code reads of values, `imports` the
    (module, name) pairs it uses, and `unused` those that may have become unused. `group` joins
    changes that only make sense together: all of a group are made, or none. `given` is what stands
    there then, as far as it matters; `supposed` instead of it what a query is supposed to give,
    where only a survey of the project can tell whether that does.
    """

    node: cst.CSTNode
    make: Callable[[cst.CSTNode], object]
    transform: str
    operations: tuple[Operation, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    imports: tuple[tuple[str, str], ...] = ()
    unused: tuple[tuple[str, str], ...] = ()
    is_batched: bool = False
    group: str = ""
    given: Type = UNKNOWN
    supposed: Value | None = None


@dataclass(frozen=True, eq=False)
class Refusal:
    """A place that a transform knows and leaves alone: why, and what a person can do."""

    node: cst.CSTNode
    transform: str
    reason: str
    suggestion: str


@dataclass
class Proposal:
    """All that one transform says of one file."""

    changes: list[Change] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
