"""Ask the service to call one of its own functions, where its data is.

`payment_void(payment=order.payment)` becomes `payments_client.void_payment(payment_id=...)`: the
owner calls that very function, with the row of the key, so it answers, writes and raises as before.
Plain arguments travel as they are; of a row of another context its key and the columns that the
function reads of it are given along, as the caller holds them. A row of the service's own is read
anew, so only one that nobody here may have changed is given by its key.

A function that writes is one transaction of its own then: none is called where a transaction that
spans contexts may be open, here or in whoever calls this. Its errors are the client's, and of the
owner's classes too where those are loaded, so handlers go on catching.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract.calling import operation_of
from codemods.contract.function_kinds import CannotTravel
from codemods.contract.operations import ROW
from codemods.transforms import call_handlers, calls, own_rows, transactions
from codemods.transforms.change import Change, Proposal, Refusal
from codemods.transforms.handing import (
    hand_list,
    hand_plain,
    handed,
    is_none,
    key_column,
    may_be_none,
)
from codemods.transforms.links import Unsupported, imports_behind
from codemods.transforms.uses import MANY, ONE, uses_in

if TYPE_CHECKING:
    from codemods.contract.functions import Argument, Functions, Signature
    from codemods.contract.operations import Operation, Parameter
    from codemods.transforms.source import SourceFile
    from codemods.transforms.uses import Uses

ORDER = 15
NAME = call_handlers.NAME
ANNOTATE = "annotate what it takes with plain types, or with models, and give each by its name"
BY_VALUE = "give what is needed of it, as plain values"
SPLIT = "make each context's part a step of its own: `codemods rewrite --saga` begins one"
WITHOUT = "let it return plain values, or a row"
CALLED = frozenset({"function", "static", "classmethod"})


@dataclass(frozen=True, eq=False)
class Hand:
    """How one argument is handed over: the place of its expression in the call, or None."""

    parameter: Parameter
    place: int
    how: str
    column: str = ""


def propose(file: SourceFile) -> Proposal:
    """Propose a call of the client for each call of a function of the service."""
    proposal = Proposal()
    if file.functions is None:
        return proposal
    left: set[cst.Call] = set()
    for node in file.find(cst.Call):
        name = _called(file, file.functions, node)
        if not name:
            continue
        try:
            if change := _change(file, file.functions, node, name):
                proposal.changes.append(change)
                continue
        except Unsupported as refused:
            proposal.refusals.append(Refusal(node, NAME, refused.reason, refused.suggestion))
        left.add(node)
    call_handlers.catch(file, file.functions, proposal, left)
    return proposal


def _called(file: SourceFile, functions: Functions, node: cst.Call) -> str:
    """Return the function of the service that a call is certainly of, as "module:Qualname"."""
    value = file.certain(node.func)
    if value is None or value[0] not in "FB":
        return ""
    definition = file.definitions.get(value[1])
    if definition is None or definition.kind not in CALLED or definition.is_task:
        return ""
    return str(value[1]) if functions.is_served(value[1]) else ""


def _change(file: SourceFile, functions: Functions, node: cst.Call, name: str) -> Change | None:
    """Return the change of one call; None where the function touches no data.

    Raises:
        Unsupported: it may not do the same from elsewhere.
    """
    bodies = functions.bodies
    if not bodies.reaches_data(name) and not file.crossings_in(node):
        return None
    short = name.rpartition(":")[2]
    is_write = not bodies.only_reads(name)
    if is_write:
        _check_transaction(file, node)
    try:
        signature = functions.signature(name)
        given = _given(signature, node)
        optional = {each.name for each in signature.arguments if each.is_optional} & given.keys()
        operation = calls.named(
            file, operation_of(functions, signature, optional, is_write=is_write)
        )
    except CannotTravel as wrong:
        reason = f"{short}() cannot be called from elsewhere: {wrong}"
        raise Unsupported(node, reason, ANNOTATE) from None
    hands = [
        hand
        for argument, place in ((signature.argument(each), at) for each, at in given.items())
        if argument is not None
        for hand in _hands(file, operation, argument, node, place)
    ]
    uses = _uses(file, node, signature)

    def make(changed: cst.CSTNode) -> cst.CSTNode:
        inner = cst.ensure_type(changed, cst.Call)
        args = [calls.argument(hand.parameter.name, _value(inner, hand)) for hand in hands]
        made = calls.call(file, f"{file.client}.{operation.name}", args, node)
        return calls.wrapped(file, node, made)

    change = Change(
        node,
        make,
        NAME,
        operations=(operation,),
        imports=(file.client_import,),
        unused=imports_behind(file, node.func),
    )
    if uses is None:
        return change
    needs = tuple(sorted(uses.needs))
    return replace(change, needs=needs, given=uses.given, supposed=uses.supposed)


def _check_transaction(file: SourceFile, node: cst.Call) -> None:
    transactions.check_outside(file, node)
    around: cst.CSTNode | None = node
    while around is not None:
        if isinstance(around, cst.FunctionDef) and _qualname(file, around) in file.spanning:
            reason = "it may be called in a transaction that spans contexts"
            raise Unsupported(node, reason, SPLIT)
        around = file.parent(around)


def _qualname(file: SourceFile, function: cst.FunctionDef) -> tuple[str, str]:
    parts = [function.name.value]
    around = file.parent(function)
    while around is not None:
        if isinstance(around, cst.ClassDef):
            parts.insert(0, around.name.value)
        around = file.parent(around)
    return file.path, ".".join(parts)


def _given(signature: Signature, node: cst.Call) -> dict[str, int]:
    """Return at which place of a call each argument is given, by name in the call's own order.

    Raises:
        CannotTravel: arguments are put together at run time, or do not fit.
    """
    found: dict[str, int] = {}
    for place, arg in enumerate(node.args):
        if arg.star:
            raise CannotTravel("its arguments are put together at run time")
        if arg.keyword is not None:
            found[arg.keyword.value] = place
        elif place < len(signature.positional):
            found[signature.positional[place]] = place
        else:
            raise CannotTravel("more is given than it takes by place")
    missing = [e.name for e in signature.arguments if not e.is_optional and e.name not in found]
    if missing:
        raise CannotTravel(f"{', '.join(missing)} is not given")
    return found


def _hands(
    file: SourceFile, operation: Operation, argument: Argument, node: cst.Call, place: int
) -> list[Hand]:
    """Return how one argument is handed over: as it is, by key, or by key and columns."""
    value, kind = node.args[place].value, argument.kind
    its = [
        each for each in (*operation.filters, *operation.given) if each.argument == argument.name
    ]
    if kind.type != ROW:
        how = hand_list(file, value) if kind.many else hand_plain(file, value)
        return [Hand(its[0], place, how)]
    if is_none(value):
        return [Hand(each, place, "plain") for each in its]
    row = file.certain(value)
    if row is None or row[0] not in "IU" or row[1] != kind.model:
        what = f"whether this is an instance of {kind.model} is not certain"
        raise Unsupported(value, what, BY_VALUE)
    if may_be_none(file, value):
        raise Unsupported(value, f"this instance of {kind.model} may be None", BY_VALUE)
    if file.is_served(kind.model):
        _check_unchanged(file, value, row[0])
        field = key_column(file, value)
        if field is not None and field.null and not kind.nullable:
            raise Unsupported(value, f"this instance of {kind.model} may be None", BY_VALUE)
        how, column = ("column", field.attname) if field else ("key", "")
        return [Hand(its[0], place, how, column)]
    if not _is_plain_chain(value):
        raise Unsupported(value, "columns are read of it, and it is not in a name", BY_VALUE)
    if row[0] == "U" and len(its) > 1:
        reason = f"columns of a client's {kind.model} are needed along with it"
        raise Unsupported(value, reason, BY_VALUE)
    found = [
        Hand(each, place, "key" if each.column == "pk" else "read", each.column) for each in its
    ]
    return sorted(found, key=lambda hand: (hand.how != "key", hand.column))


def _check_unchanged(file: SourceFile, value: cst.BaseExpression, shape: str) -> None:
    """Check that a row of the service is as the owner has it: nobody here set anything of it.

    Raises:
        Unsupported: somebody may have.
    """
    if shape == "U":
        return
    if isinstance(value, cst.Name):
        own_rows.check_own(file, value)
        for use in own_rows.uses_of(file, value):
            is_handed = isinstance(file.parent(use), cst.Arg)
            if use is not value and not is_handed and not own_rows.is_only_read(file, use):
                raise Unsupported(value, "it is changed here, and not saved by this", BY_VALUE)
        return
    if isinstance(value, cst.Attribute):
        owner = file.certain(value.value)
        model = file.graph.models.get(owner[1]) if owner and owner[0] in "IU" else None
        name = value.attr.value
        if model is not None and (name in model.fields or name in model.accessors):
            return
    if isinstance(value, cst.Call) and own_rows.is_query(file, value):
        return
    raise Unsupported(value, own_rows.HELD, BY_VALUE)


def _is_plain_chain(value: cst.BaseExpression) -> bool:
    while isinstance(value, cst.Attribute):
        value = value.value
    return isinstance(value, cst.Name)


def _value(inner: cst.Call, hand: Hand) -> cst.BaseExpression:
    """Return what is handed over, of the call as it is after the changes inside it."""
    value = inner.args[hand.place].value
    if is_none(value):
        return value
    if hand.how == "read":
        return cst.Attribute(value, cst.Name(hand.column))
    return handed(value, hand.how, column="" if hand.how == "key" else hand.column)


def _uses(file: SourceFile, node: cst.Call, signature: Signature) -> Uses | None:
    """Return what is done with the rows that a call gives; None where it gives none.

    Raises:
        Unsupported: values cannot do it, or what it gives cannot travel.
    """
    answer = signature.answer
    is_used = not isinstance(file.parent(node), cst.Expr)
    if answer is None and is_used:
        raise Unsupported(node, "what it gives is not plain, nor rows of the service", WITHOUT)
    if answer is None or answer.type != ROW or not is_used:
        return None
    uses = uses_in(file, node, answer.model, MANY if answer.many else ONE)
    if uses.related or uses.written:
        raise Unsupported(node, "related rows of what it gives are asked for, or set", BY_VALUE)
    return uses
