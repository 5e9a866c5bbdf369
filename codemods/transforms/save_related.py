"""Ask the service to change a column of the row that a relation leads to, and read it anew.

`order.user.name = x` directly followed by `order.user.save()` becomes `update_user(id=..., name=x)`
and `order.user = get_user(id=...)`. It is exact where saving does nothing but write that column:
the model's own save() is Django's, nothing listens to its signals, and none of its columns fill
themselves in by the clock. Never inside a transaction, which would not be undone as a whole.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, cast

import libcst as cst

from codemods.contract import types
from codemods.contract.operations import Operation, Parameter
from codemods.transforms import calls, transactions
from codemods.transforms.change import Change, Proposal
from codemods.transforms.handing import hand_plain
from codemods.transforms.key_types import Walk, walk
from codemods.transforms.links import Unsupported
from codemods.transforms.tree import method_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.project.graph import Model
    from codemods.transforms.source import SourceFile

ORDER = 15
NAME = "save-related"
SAVE_SIGNALS = frozenset({"pre_save", "post_save"})
CLOCKS = frozenset({"DateField", "DateTimeField", "TimeField"})
Pair = tuple[cst.Assign, cst.Expr]


def propose(file: SourceFile) -> Proposal:
    """Propose two calls for each column that is set through a diverted relation, then saved."""
    proposal = Proposal()
    if file.context == file.service:
        return proposal
    for assign, saved in _pairs(file):
        target = cast("cst.Attribute", assign.targets[0].target)
        relation = walk(file, target.value)
        if relation is not None and _is_exact(file, target, assign.value, relation):
            proposal.changes += _changes(file, assign, saved, relation)
    return proposal


def _pairs(file: SourceFile) -> Iterator[Pair]:
    """Give each `a.b.c = x` that is directly followed by `a.b.save()`, one column set at a time."""
    blocks: list[cst.IndentedBlock | cst.Module] = [file.module, *file.find(cst.IndentedBlock)]
    for block in blocks:
        body: list[cst.CSTNode] = [*block.body]
        for index, (first, second) in enumerate(pairwise(body)):
            assign, saved = _only(first), _only(second)
            if (
                isinstance(assign, cst.Assign)
                and isinstance(saved, cst.Expr)
                and (relation := _set_on(assign)) is not None
                and isinstance(saved.value, cst.Call)
                and method_of(saved.value, "save") is not None
                and not saved.value.args
                and _receiver(saved).deep_equals(relation)
            ):
                before = _only(body[index - 1]) if index else None
                owner = _set_on(before) if isinstance(before, cst.Assign) else None
                if owner is None or not owner.deep_equals(relation):
                    yield assign, saved


def _only(statement: cst.CSTNode) -> cst.CSTNode | None:
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        return statement.body[0]
    return None


def _set_on(assign: cst.Assign) -> cst.BaseExpression | None:
    target = assign.targets[0].target
    is_one = len(assign.targets) == 1 and isinstance(target, cst.Attribute)
    return cast("cst.Attribute", target).value if is_one else None


def _receiver(saved: cst.Expr) -> cst.BaseExpression:
    return cast("cst.Attribute", cast("cst.Call", saved.value).func).value


def _is_exact(
    file: SourceFile, target: cst.Attribute, value: cst.BaseExpression, relation: Walk
) -> bool:
    """Tell whether saving the row would do no more than write this column."""
    field = relation.field
    model = file.graph.models.get(field.target or "")
    column = model.fields.get(target.attr.value) if model is not None else None
    base = file.certain(relation.base)
    if model is None or column is None or column.target or base is None or field.null:
        return False
    if file.relations.get((base[1], field.name)) != "" or not _is_simple(relation.base):
        return False
    try:
        hand_plain(file, value)
        transactions.check_outside(file, target)
    except Unsupported:
        return False
    return _saves_plainly(file, model)


def _is_simple(node: cst.BaseExpression) -> bool:
    """Tell names and attributes, which may be written twice and mean the same."""
    while isinstance(node, cst.Attribute):
        node = node.value
    return isinstance(node, cst.Name)


def _saves_plainly(file: SourceFile, model: Model) -> bool:
    listened = any(
        receiver["signal"] in SAVE_SIGNALS and receiver["sender"] in (None, model.label)
        for receiver in file.graph.receivers
    )
    fills_in = any(field.internal_type in (None, *CLOCKS) for field in model.fields.values())
    return not (listened or fills_in or "save" in model.members or model.parents)


def _changes(file: SourceFile, assign: cst.Assign, saved: cst.Expr, relation: Walk) -> list[Change]:
    label, name = relation.field.target or "", cast("cst.Attribute", assign.targets[0].target).attr
    key_type, _ = types.type_of_lookup(file.graph, label, "pk") or ("any", False)
    type_, is_null = types.type_of_lookup(file.graph, label, name.value) or ("any", False)
    by_key = (Parameter("", "pk", key_type),)
    written = Parameter("", name.value, type_, nullable=is_null)
    update = calls.named(file, Operation(label, "update", "", filters=by_key, writes=(written,)))
    get = calls.named(file, Operation(label, "get", "", filters=by_key))

    def call(operation: Operation, *further: cst.Arg) -> cst.Call:
        key = cst.Attribute(relation.base, cst.Name(relation.field.attname))
        args = [calls.argument(operation.filters[0].name, key), *further]
        return cst.Call(cst.Attribute(cst.Name(file.client), cst.Name(operation.name)), args)

    def updated(node: cst.CSTNode) -> object:
        value = cast("cst.Assign", node).value
        return cst.Expr(call(update, calls.argument(update.writes[0].name, value)))

    def read_anew(node: cst.CSTNode) -> object:
        place = cast("cst.BaseAssignTargetExpression", _receiver(cast("cst.Expr", node)))
        return cst.Assign([cst.AssignTarget(place)], call(get))

    line, column, _, _ = file.span(assign)
    group = f"{NAME} {file.path}:{line}:{column}"
    imports = (file.client_import,)
    return [
        Change(assign, updated, NAME, operations=(update,), imports=imports, group=group),
        Change(saved, read_anew, NAME, operations=(get,), imports=imports, group=group),
    ]
