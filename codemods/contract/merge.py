"""What of an earlier contract goes on: operations that are still called, and what values carried.

Code that was rewritten calls operations by name, so no transform asks for them again; the earlier
contract tells what those names mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.contract.values import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.contract.operations import Consumer, Contract, Operation
    from codemods.project.graph import Graph


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """The wishes of an earlier contract that still stand."""

    operations: tuple[Operation, ...]
    reads: tuple[tuple[str, str], ...]


def carried_over(before: Contract, consumers: Iterable[Consumer], graph: Graph) -> CarriedOver:
    """Return what of an earlier contract still stands.

    Operations by whether one of `consumers` calls them; attributes of values by whether the model
    still has them, for inference may not see every read of a value.
    """
    called = {each.operation for each in consumers}
    operations = tuple(
        each for each in before.operations if each.name in called and each.model in graph.models
    )
    return CarriedOver(operations, tuple(sorted(_reads(before, graph))))


def _reads(before: Contract, graph: Graph) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for value in before.values:
        model = graph.models.get(value.model)
        if model is None:
            continue
        known = {
            *model.fields, *model.attnames, *model.accessors, *model.members, *model.library_members
        }  # fmt: skip
        names = {each.name for each in value.columns} | {each.name for each in value.related}
        names |= {each.name for each in value.members}
        kept = {name for name in names if name in known or name.endswith("_display")}
        found |= {(value.model, name) for name in kept}
        if value.has_text:
            found.add((value.model, TEXT))
    return found
