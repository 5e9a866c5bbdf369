"""Ask the service to change which of its rows a row is linked to.

`channel.checks.add(check)` becomes `add_channel_checks(id=channel.pk, ids=[check.pk])`; remove(),
set() and clear() likewise. The owner calls the very method on the same row, so what is linked
already, and the signals of it, are as before. Only for relations of many rows to many that are all
the service's own; never in a transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import libcst as cst

from codemods.contract.operations import Operation, Parameter
from codemods.transforms import calls, row_writes
from codemods.transforms.handing import COLUMN, KEY, KEYS, PLAIN, handed, key_column

if TYPE_CHECKING:
    from codemods.transforms.change import Change, Proposal
    from codemods.transforms.row_writes import Write
    from codemods.transforms.source import SourceFile

ORDER = 16
NAME = row_writes.LINK


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each change of links."""
    return row_writes.proposal(file, NAME, _change)


def _change(file: SourceFile, write: Write) -> Change:
    key = row_writes.key_type(file, write.related)
    ids = (Parameter("", "ids", key, many=True),) if write.verb != "clear" else ()
    operation = calls.named(
        file, Operation(write.label, write.verb, "", filters=ids, member=write.member)
    )
    columns = [
        field.attname if (field := key_column(file, arg.value)) else "" for arg in write.call.args
    ]

    def make(node: cst.CSTNode) -> cst.CSTNode:
        call = cast("cst.Call", node)
        relation = cst.ensure_type(cst.ensure_type(call.func, cst.Attribute).value, cst.Attribute)
        args = [calls.argument("id", handed(relation.value, KEY))]
        if write.verb != "clear":
            args.append(calls.argument(operation.filters[0].name, _ids(write, call, columns)))
        return calls.call(file, f"{file.client}.{operation.name}", args, write.call)

    return row_writes.change(file, write, operation, make)


def _ids(write: Write, call: cst.Call, columns: list[str]) -> cst.BaseExpression:
    """Return the keys of the rows that a call is given, as one list."""
    if len(call.args) == 1 and (write.verb == "set" or call.args[0].star):
        rows = call.args[0].value
        if write.hands[0] == KEYS and isinstance(rows, (cst.List, cst.Tuple, cst.Set)):
            each = [cst.Element(handed(element.value, KEY)) for element in rows.elements]
            return cst.List(each)
        return handed(rows, write.hands[0])
    elements: list[cst.BaseElement] = []
    for arg, hand, column in zip(call.args, write.hands, columns, strict=True):
        value = handed(arg.value, hand, column=column)
        is_one = hand in (PLAIN, KEY, COLUMN) and not arg.star
        elements.append(cst.Element(value) if is_one else cst.StarredElement(value))
    return cst.List(elements)
