"""Ask the service to delete one row.

`channel.delete()` becomes `delete_channel(id=channel.pk)`: the owner deletes that very row as an
instance does, with overrides and signals as before; nothing happens when it is gone already. Only
of a row that this function got, has to itself and does not use again, on which no rows of others
hang; never in a transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract.operations import Operation, Parameter
from codemods.transforms import calls, row_writes
from codemods.transforms.handing import KEY, handed

if TYPE_CHECKING:
    from codemods.transforms.change import Change, Proposal
    from codemods.transforms.row_writes import Write
    from codemods.transforms.source import SourceFile

ORDER = 16
NAME = row_writes.DELETE


def propose(file: SourceFile) -> Proposal:
    """Propose a call for each row that is deleted."""
    return row_writes.proposal(file, NAME, _change)


def _change(file: SourceFile, write: Write) -> Change:
    by_key = (Parameter("", "pk", row_writes.key_type(file, write.label)),)
    operation = calls.named(file, Operation(write.label, "delete_row", "", filters=by_key))

    def make(node: cst.CSTNode) -> cst.CSTNode:
        call = cst.ensure_type(node, cst.Call)
        row = cst.ensure_type(call.func, cst.Attribute).value
        args = [calls.argument(operation.filters[0].name, handed(row, KEY))]
        return calls.call(file, f"{file.client}.{operation.name}", args, write.call)

    return row_writes.change(file, write, operation, make)
