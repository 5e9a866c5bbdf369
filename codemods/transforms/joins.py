"""Ask the service for ids, and filter by them, where a lookup joined a diverted relation.

`Order.objects.filter(user__email=x, state="paid")` becomes
`filter(user_id__in=users_client.find_user_ids_by_email(email=x), state="paid")`; so do exclude(),
get(), Q and `get_object_or_404`, and paths such as `order__user__email`. The rows are the same, as
`joins_found` explains, and found in the same order as often as before. The ids are asked for when
the query is built, not when it runs, and only where a function builds it. The owner gives all of
them or raises TooManyIdsError, never some (`strangler.client.ids`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import libcst as cst

from codemods.contract.operations import Operation
from codemods.transforms import calls, joins_found, joins_layout, joins_listed
from codemods.transforms.change import Change, Proposal
from codemods.transforms.handing import handed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codemods.transforms.joins_found import Join
    from codemods.transforms.source import SourceFile

ORDER = 25
NAME = joins_found.NAME


def propose(file: SourceFile) -> Proposal:
    """Propose ids for each lookup that the service can give them for."""
    proposal = Proposal()
    if file.context == file.service or "" not in file.relations.values():
        return proposal
    found = joins_found.joins(file)
    proposal.refusals += [*found.refusals, *joins_listed.refusals(file)]
    by_call: dict[cst.Call, list[Join]] = {}
    for join in found.joins:
        by_call.setdefault(join.call, []).append(join)
    for call, joins in by_call.items():
        proposal.changes += _changes(file, call, joins)
    return proposal


def _changes(file: SourceFile, call: cst.Call, joins: Sequence[Join]) -> list[Change]:
    """Return the changes of one call, which are made together."""
    line, column, _, _ = file.span(call)
    group = f"{NAME} {file.path}:{line}:{column}"
    texts: dict[cst.Arg, str] = {}
    changes: list[Change] = []
    for join in joins:
        operation = operation_of(file, join)
        asking = _asking(file, join, operation, [arg.value for arg in join.args])
        *gone, last = join.args
        texts |= dict.fromkeys(gone, "")
        texts[last] = f"{join.keyword}={file.module.code_for_node(asking)}"
        changes += _made(file, join, operation, group)
    return changes + [
        Change(node, make, NAME, group=group)
        for node, make in joins_layout.breaks(file, call, texts).items()
    ]


def _made(file: SourceFile, join: Join, operation: Operation, group: str) -> list[Change]:
    """Return the changes of a join: the last of its arguments becomes all of them."""
    *gone, last = join.args
    given: dict[cst.Arg, cst.BaseExpression] = {}

    def gathers(arg: cst.Arg) -> Callable[[cst.CSTNode], object]:
        def make(node: cst.CSTNode) -> object:
            given[arg] = cast("cst.Arg", node).value
            return cst.RemoveFromParent()

        return make

    def asks(node: cst.CSTNode) -> object:
        changed = cast("cst.Arg", node)
        given[last] = changed.value
        made = _asking(file, join, operation, [given[arg] for arg in join.args])
        return changed.with_changes(keyword=cst.Name(join.keyword), value=made)

    needs = (operation,), (file.client_import,)
    return [
        *(Change(arg, gathers(arg), NAME, group=group) for arg in gone),
        Change(last, asks, NAME, operations=needs[0], imports=needs[1], group=group),
    ]


def operation_of(file: SourceFile, join: Join) -> Operation:
    """Return the operation that gives the ids."""
    filters = tuple(each.parameter for each in join.conditions)
    return calls.named(
        file,
        Operation(
            join.label, "ids", "", filters, columns=("pk",), is_flat=True,
            is_distinct=join.is_multiple,
        ),
    )  # fmt: skip


def _asking(
    file: SourceFile, join: Join, operation: Operation, values: list[cst.BaseExpression]
) -> cst.Call:
    """Return the call that gives the ids, on one line."""
    columns = calls.columns_of(file, [arg.value for arg in join.args])
    args = []
    for condition, value, column in zip(join.conditions, values, columns, strict=True):
        name = next(p.name for p in operation.filters if p.lookup == condition.parameter.lookup)
        args.append(calls.argument(name, handed(value, condition.hand, column=column)))
    return calls.call(file, f"{file.client}.{operation.name}", args, None)
