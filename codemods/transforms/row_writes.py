"""Writes of a row that are one call: its rows linked and unlinked, and the row deleted.

Found once for each file, because who reads a row must know them: what happens to it there does not
need an instance. All those of one function are made together, or none.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract import types
from codemods.contract.operations import LINKS
from codemods.transforms import calls, own_rows
from codemods.transforms.chains import is_loaded_ahead
from codemods.transforms.change import Change, Proposal, Refusal
from codemods.transforms.handing import KEYS, hand_key, hand_keys, may_be_none
from codemods.transforms.links import Unsupported
from codemods.transforms.shapes import OPERATION
from codemods.transforms.transactions import check_outside
from codemods.transforms.tree import method_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from codemods.contract.operations import Operation
    from codemods.project.graph import Graph
    from codemods.transforms.source import SourceFile

LINK, DELETE = "link-rows", "delete-row"
KEPT = "keep it in the ledger, or offer what is done with the rows as an operation"
CASCADES = frozenset({"CASCADE"})


@dataclass(frozen=True, eq=False)
class Write:
    """A statement's call that an operation stands for: what it is called on, and with which rows.

    `hands` say for each argument how the keys are handed over. `related` is the model linked to.
    """

    call: cst.Call
    transform: str
    label: str
    row: cst.BaseExpression
    member: str = ""
    verb: str = ""
    related: str = ""
    hands: tuple[str, ...] = ()


@dataclass
class Found:
    """What a file has of them, and what of it is left as it is."""

    writes: list[Write] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


_KNOWN: weakref.WeakKeyDictionary[SourceFile, Found] = weakref.WeakKeyDictionary()


def found_in(file: SourceFile) -> Found:
    """Return the writes of a file, in file order."""
    if file not in _KNOWN:
        found = _KNOWN[file] = Found()
        for call in sorted(file.find(cst.Call), key=lambda each: file.span(each)[:2]):
            if file.context == file.service or not isinstance(call.func, cst.Attribute):
                continue
            name = LINK if call.func.attr.value in LINKS else DELETE
            try:
                write = _link(file, call) if name == LINK else _deletion(file, call)
            except Unsupported as refused:
                found.refusals.append(
                    Refusal(refused.node, name, refused.reason, refused.suggestion)
                )
                continue
            if write is not None:
                found.writes.append(write)
    return _KNOWN[file]


def is_write(file: SourceFile, call: cst.Call) -> bool:
    """Tell whether a call is one of a file's writes."""
    return any(write.call is call for write in found_in(file).writes)


def write_around(file: SourceFile, node: cst.CSTNode) -> Write | None:
    """Return the write that an expression is the row of, or one of the rows given to."""
    for write in found_in(file).writes:
        if file.chosen is not None and write.transform not in file.chosen:
            continue
        receiver = _relation(write.call) if write.member else write.row
        parts = (write.row, receiver, *(arg.value for arg in write.call.args))
        if any(part is node for part in parts):
            return write
    return None


def proposal(
    file: SourceFile, transform: str, change_of: Callable[[SourceFile, Write], Change]
) -> Proposal:
    """Return what one of the two transforms says of a file."""
    found = found_in(file)
    return Proposal(
        [change_of(file, write) for write in found.writes if write.transform == transform],
        [refusal for refusal in found.refusals if refusal.transform == transform],
    )


def change(
    file: SourceFile,
    write: Write,
    operation: Operation,
    make: Callable[[cst.CSTNode], cst.CSTNode],
) -> Change:
    """Return the change that makes a write a call of an operation."""
    return Change(
        write.call,
        make,
        write.transform,
        operations=(operation,),
        imports=(file.client_import,),
        group=group_of(file, write.call),
    )


def group_of(file: SourceFile, node: cst.CSTNode) -> str:
    """Return the group of the writes in one function."""
    around: cst.CSTNode | None = node
    while around is not None and not isinstance(around, cst.FunctionDef):
        around = file.parent(around)
    line = file.span(around)[0] if around is not None else 0
    return f"rows {file.path}:{line}"


def _relation(call: cst.Call) -> cst.BaseExpression | None:
    return call.func.value if isinstance(call.func, cst.Attribute) else None


def _link(file: SourceFile, call: cst.Call) -> Write | None:
    """Read `row.relation.add(other)` over a relation to many that is all the service's own."""
    relation = _relation(call)
    value = file.certain(relation) if isinstance(relation, cst.Attribute) else None
    if value is None or value[0] != "R" or not isinstance(relation, cst.Attribute):
        return None
    _, label, owner, accessor = value
    if not (file.is_served(label) and file.is_served(owner)):
        return None
    verb = cst.ensure_type(call.func, cst.Attribute).attr.value
    if not _is_plain_link(file.graph, owner, accessor):
        reason = f"{accessor} is no plain relation of many rows to many"
        raise Unsupported(call, reason, OPERATION)
    _check_statement(file, call)
    if not isinstance(relation.value, cst.Name):
        raise Unsupported(call, own_rows.HELD, own_rows.OWN)
    own_rows.check_own(file, relation.value, is_model_fine=True)
    if may_be_none(file, relation.value):
        reason = f"{file.code(relation.value)} may be None"
        raise Unsupported(call, reason, "make sure that it is not, with an early return")
    if is_loaded_ahead(file, accessor):
        raise Unsupported(call, f"{accessor} may have been loaded ahead", KEPT)
    hands = tuple(_hand(file, verb, arg, label) for arg in call.args)
    if len(hands) > 1 and verb == "set":
        raise Unsupported(call, "set() with more than the rows", OPERATION)
    return Write(call, LINK, owner, relation.value, accessor, verb, label, hands)


def _is_plain_link(graph: Graph, owner: str, accessor: str) -> bool:
    """Tell whether a relation is many-to-many by a table of its own, from either side."""
    model = graph.models[owner]
    field_ = model.fields.get(accessor)
    if field_ is None and (reverse := model.accessors.get(accessor)) is not None:
        field_ = graph.models[reverse.model].fields.get(reverse.field)
    return field_ is not None and field_.many and field_.through_auto and not field_.generic


def _hand(file: SourceFile, verb: str, arg: cst.Arg, label: str) -> str:
    is_many = verb == "set" or arg.star == "*"
    if arg.keyword is not None or arg.star == "**":
        raise Unsupported(arg, f"{verb}() with more than the rows", OPERATION)
    if not is_many:
        return hand_key(file, arg.value, label)
    value = file.certain(arg.value)
    if value is not None and value[0] in "QR" and value[1] == label:
        return KEYS
    return hand_keys(file, arg.value, label)


def _check_statement(file: SourceFile, call: cst.Call) -> None:
    if not isinstance(file.parent(call), cst.Expr):
        raise Unsupported(call, "what it gives is used", OPERATION)
    if calls.has_comment(call):
        raise Unsupported(call, "a comment stands inside", "move it above")
    check_outside(file, call)


def _deletion(file: SourceFile, call: cst.Call) -> Write | None:
    """Read `row.delete()` of a row that this function has to itself, and does not use again."""
    delete = method_of(call, "delete")
    if delete is None or call.args or not isinstance(row := delete.value, cst.Name):
        return None
    value = file.certain(row)
    if value is None or value[0] not in "IU" or not file.is_served(value[1]):
        return None
    _check_statement(file, call)
    own_rows.check_own(file, row)
    end = file.span(call)[2:]
    for use in own_rows.uses_of(file, row):
        if file.span(use)[:2] > end:
            raise Unsupported(use, "the row is used after it was deleted", KEPT)
        if use is not row and not own_rows.is_only_read(file, use):
            raise Unsupported(use, "it is changed or kept before it is deleted", KEPT)
    _check_alone(file, call, value[1])
    around = file.parent(call)
    while around is not None and not isinstance(around, cst.FunctionDef):
        if isinstance(around, (cst.For, cst.While)):
            reason = "a row is deleted in each turn of a loop"
            raise Unsupported(call, reason, "offer it as an operation that takes all rows at once")
        around = file.parent(around)
    return Write(call, DELETE, value[1], row)


def _check_alone(file: SourceFile, call: cst.Call, label: str) -> None:
    """Check that no rows of others hang on a row, nor on those that go with it."""
    seen, waiting = {label}, [label]
    while waiting:
        here = waiting.pop()
        for model in file.graph.models.values():
            for each in model.fields.values():
                if each.target != here or each.many:
                    continue
                if not file.is_served(model.label) and each.on_delete != "DO_NOTHING":
                    reason = f"rows of {model.label} hang on it"
                    raise Unsupported(call, reason, KEPT)
                if each.on_delete in CASCADES and model.label not in seen:
                    seen.add(model.label)
                    waiting.append(model.label)


def key_type(file: SourceFile, label: str) -> str:
    """Return the type of a model's key."""
    return (types.type_of_lookup(file.graph, label, "pk") or ("any", False))[0]
