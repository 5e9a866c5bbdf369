"""What code outside a model's context uses of its instances: the attributes a value must carry."""

from __future__ import annotations

from dataclasses import dataclass

TEXT = "__str__"


@dataclass(frozen=True, slots=True, order=True)
class Read:
    """`attribute` of an instance of `label`, or of a client's value for one, is used at a line.

    `attribute` is as spelled: a column, a relation, a reverse accessor, a property, a method or
    any other name; TEXT where the instance is turned to text. `is_write` tells an assignment, or
    a method that saves or deletes.
    """

    label: str
    attribute: str
    path: str
    line: int
    is_write: bool = False
