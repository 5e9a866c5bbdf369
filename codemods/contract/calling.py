"""The operation that calls a function of the owner, from what the function takes, gives and raises.

A row of another context travels as its key, `order.pk@orders.Order`, with the columns that the
function reads; one of the service's own as its key alone, `payment@payments.Payment`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.contract.function_kinds import CannotTravel
from codemods.contract.operations import CALL, NOTHING, ROW, Operation, Parameter
from codemods.contract.types import type_of_path

if TYPE_CHECKING:
    from collections.abc import Collection

    from codemods.contract.functions import Argument, Functions, Signature


def operation_of(
    functions: Functions, signature: Signature, given: Collection[str], *, is_write: bool
) -> Operation:
    """Return the operation, without a name, that calls a function with these optional arguments.

    Raises:
        CannotTravel: the function has no such argument, or a key has no plain type.
    """
    required = [each for each in signature.arguments if not each.is_optional]
    optional = [each for each in signature.arguments if each.name in given]
    unknown = {*given} - {each.name for each in signature.arguments}
    if unknown:
        raise CannotTravel(f"it takes no {', '.join(sorted(unknown))}")
    answer = signature.answer
    return Operation(
        answer.model if answer and answer.type == ROW else "",
        CALL,
        "",
        filters=tuple(p for each in required for p in parameters(functions, each)),
        given=tuple(p for each in optional for p in parameters(functions, each)),
        member=signature.name,
        is_write=is_write,
        returns=answer.type if answer else NOTHING,
        is_nullable=bool(answer and answer.nullable),
        is_many=bool(answer and answer.many),
        raises=signature.raises,
    )


def as_now(functions: Functions, operation: Operation) -> Operation:
    """Return an operation as the function that it calls is now, with its name.

    Raises:
        CannotTravel: the function is gone, or cannot be called from elsewhere any more.
    """
    signature = functions.signature(operation.member)
    given = {each.argument for each in operation.given}
    given -= {each.name for each in signature.arguments if not each.is_optional}
    found = operation_of(functions, signature, given, is_write=operation.is_write)
    return replace(found, name=operation.name)


def parameters(functions: Functions, argument: Argument) -> list[Parameter]:
    """Return what an argument travels as.

    Raises:
        CannotTravel: the key of its row has no plain type.
    """
    kind = argument.kind
    if kind.type != ROW:
        return [Parameter("", argument.name, kind.type, many=kind.many, nullable=kind.nullable)]
    key = type_of_path(functions.graph, kind.model, "pk") or "any"
    if key == "any":
        raise CannotTravel(f"the key of {kind.model} has no plain type")
    if functions.contexts.of_label(kind.model) == functions.service:
        lookup = f"{argument.name}@{kind.model}"
        return [Parameter("", lookup, key, nullable=kind.nullable)]
    columns = (("pk", replace(kind, type=key)), *argument.columns)
    return [
        Parameter("", f"{argument.name}.{name}@{kind.model}", its.type, nullable=its.nullable)
        for name, its in columns
    ]
