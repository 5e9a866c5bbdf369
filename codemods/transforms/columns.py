"""Columns that a write sets: which of the model they are, and how their values are handed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.contract import types
from codemods.contract.operations import Parameter
from codemods.transforms import calls
from codemods.transforms.conditions import walk
from codemods.transforms.handing import hand_key, hand_plain, handed, is_none, key_column
from codemods.transforms.links import Unsupported
from codemods.transforms.shapes import OPERATION

if TYPE_CHECKING:
    import libcst as cst

    from codemods.contract.operations import Operation
    from codemods.transforms.source import SourceFile


@dataclass(frozen=True)
class Column:
    """A column that is set; `hand` is one of `handing`'s ways, `beside` an id column to take."""

    parameter: Parameter
    hand: str
    beside: str


def column_of(
    file: SourceFile, label: str, name: str, value: cst.BaseExpression, at: cst.CSTNode
) -> Column:
    """Type what is set on a row of a model under a name: a column, or a relation by its key.

    Raises:
        Unsupported: it is no column of the model, or the value is of uncertain type.
    """
    if "__" in name:
        raise Unsupported(at, f"{name} is no column of {label}", OPERATION)
    target = walk(file, label, name, at)
    if target.is_multiple:
        raise Unsupported(at, f"{name} is no column of {label}", OPERATION)
    lookup = file.graph.models[label].pk or "pk" if target.lookup == "pk" else target.lookup
    type_, _ = types.type_of_lookup(file.graph, label, lookup) or ("any", False)
    if target.related and not is_none(value):
        hand = hand_key(file, value, target.related)
    else:
        hand = hand_plain(file, value)
    field = key_column(file, value)
    parameter = Parameter("", lookup, type_, nullable=target.nullable)
    return Column(parameter, hand, field.attname if field else "")


def given(operation: Operation, column: Column, value: cst.BaseExpression) -> cst.Arg:
    """Return the argument of an operation that sets a column."""
    name = next(each.name for each in operation.writes if each.lookup == column.parameter.lookup)
    return calls.argument(name, handed(value, column.hand, column=column.beside))
