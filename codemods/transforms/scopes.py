"""Methods that a model's manager has of its own: the owner can call them where they are.

`Product.objects.available()` narrows the rows for what follows: a scope, which the operation begins
with. `Project.objects.for_api_key(key)` gives a row: the operation is that call. Arguments are
handed over by name; they are plain values, or rows of the service by their keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract import types
from codemods.contract.operations import Parameter
from codemods.transforms.handing import COLUMN, KEY, PLAIN, hand_plain, handed, key_column
from codemods.transforms.handing import may_be_none as may_be_missing
from codemods.transforms.links import Unsupported, unroll
from codemods.transforms.shapes import OPERATION

if TYPE_CHECKING:
    from codemods.crossings.facts import Definition
    from codemods.project.graph import Model
    from codemods.transforms.links import Link
    from codemods.transforms.source import SourceFile

OBJECTS = frozenset("OECXFBNHMGQVRSTDKZAUI")
REQUESTS = frozenset({"request", "self", "cls"})
BY_VALUE = "hand over plain values, or " + OPERATION


@dataclass(frozen=True, eq=False)
class Argument:
    """One argument: the parameter's own name, how it is handed over, and where it stands."""

    parameter: Parameter
    hand: str
    beside: str
    index: int


@dataclass(frozen=True, eq=False)
class Own:
    """A call of a manager's own method; it is a scope when `gives_rows`, else it gives one row."""

    name: str
    node: cst.Call
    arguments: tuple[Argument, ...]
    gives_rows: bool

    def values(self, call: cst.BaseExpression) -> tuple[cst.BaseExpression, ...]:
        """Return what the arguments are in the call as it is by then, handed over."""
        args = cst.ensure_type(call, cst.Call).args
        return tuple(
            handed(args[each.index].value, each.hand, column=each.beside) for each in self.arguments
        )


def manager_name(file: SourceFile, label: str, end: cst.BaseExpression, skip: int) -> str:
    """Return the name of the manager that a chain on a model begins with; "" for the base one."""
    name = unroll(end)[1][skip - 1].name
    model = file.graph.models[label]
    name = model.default_manager or "" if name == "_default_manager" else name
    return name if name in model.managers else ""


def own_calls(
    file: SourceFile, label: str, manager: str, links: tuple[Link, ...]
) -> tuple[Own, ...]:
    """Return the methods of the manager's own that a chain begins with.

    Raises:
        Unsupported: one cannot be handed over as it is called.
    """
    model, found = file.graph.models[label], list[Own]()
    for link in links if manager else ():
        definition = _definition(file, model, manager, link.name)
        given = file.certain(link.node) if definition and file.parent(link.node) else None
        if definition is None or given is None or given[0] not in "IUQ" or given[1] != label:
            break
        call = cst.ensure_type(link.node, cst.Call) if link.args is not None else None
        if call is None or definition.kind != "method":
            break
        gives_rows = given[0] == "Q"
        if found and not gives_rows:
            break
        arguments = _arguments(file, call, definition, is_row_fine=not gives_rows)
        found.append(Own(link.name, call, arguments, gives_rows))
        if not gives_rows:
            break
    return tuple(found)


def _definition(file: SourceFile, model: Model, manager: str, name: str) -> Definition | None:
    """Return the project's own method of that name; None when Django's is called."""
    its = model.managers[manager]
    for base in (*its.bases, *its.queryset_bases):
        if (definition := file.definitions.get(f"{base}.{name}")) is not None:
            return definition
        if base.startswith("django."):
            return None
    return None


def _arguments(
    file: SourceFile, call: cst.Call, definition: Definition, *, is_row_fine: bool
) -> tuple[Argument, ...]:
    found = []
    for index, arg in enumerate(call.args):
        if arg.star:
            raise Unsupported(arg, "its arguments are put together at run time", "name them")
        name = arg.keyword.value if arg.keyword else ""
        if not name and index + 1 < len(definition.parameters):
            name = definition.parameters[index + 1]
        if name not in definition.parameters[1:]:
            raise Unsupported(arg, "it takes arguments of any name", BY_VALUE)
        found.append(_argument(file, arg.value, name, index, is_row_fine=is_row_fine))
    return tuple(found)


def _argument(
    file: SourceFile, value: cst.BaseExpression, name: str, index: int, *, is_row_fine: bool
) -> Argument:
    row = file.certain(value)
    if row is not None and row[0] in "IU" and is_row_fine and file.is_served(row[1]):
        column = key_column(file, value)
        if may_be_missing(file, value) or (column is not None and column.null):
            raise Unsupported(value, f"this instance of {row[1]} may be None", BY_VALUE)
        type_, _ = types.type_of_lookup(file.graph, row[1], "pk") or ("any", False)
        parameter = Parameter("", f"{name}@{row[1]}", type_)
        hand = COLUMN if column is not None else KEY
        return Argument(parameter, hand, column.attname if column else "", index)
    hand_plain(file, value)
    is_object = {each[0] for each in file.type_of(value)} & OBJECTS
    is_named_so = isinstance(value, cst.Name) and value.value in REQUESTS
    if is_object or is_named_so or isinstance(value, (cst.Lambda, cst.Await)):
        raise Unsupported(value, f"{name} is given more than a plain value", BY_VALUE)
    return Argument(Parameter("", name, _written_out(value)), PLAIN, "", index)


def _written_out(value: cst.BaseExpression) -> str:
    """Return the type of a value that is written out, which JSON carries as it is."""
    if isinstance(value, cst.SimpleString):
        return "str"
    if isinstance(value, cst.Integer):
        return "int"
    is_truth = isinstance(value, cst.Name) and value.value in ("True", "False")
    return "bool" if is_truth else "any"
