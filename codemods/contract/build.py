"""From the calls and reads of callers to the contract of the service they call and read.

operations asked ─> checked against the models, typed, merged ─┐
reads ─> values (values.draw) ─> operations that members ask ──┼─> Contract
relations diverted ─> get and get_by_ids of what they refer to ┘
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codemods.contract import calling, manager_methods
from codemods.contract.constants import constant_of
from codemods.contract.error_classes import failures_of
from codemods.contract.function_kinds import CannotTravel
from codemods.contract.functions import Functions
from codemods.contract.members import Sources
from codemods.contract.naming import by_id, by_ids, named
from codemods.contract.nouns import nouns_of_service
from codemods.contract.operations import (
    ASK,
    CALL,
    LINKS,
    MEMBER,
    ROW,
    Column,
    Consumer,
    Contract,
    Operation,
    Parameter,
    Reader,
    ValueType,
)
from codemods.contract.types import followed, type_of_lookup, type_of_path
from codemods.contract.values import Problem, draw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from codemods.contract.nouns import Noun
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

GIVES_VALUES = frozenset(
    {
        "get", "get_by_ids", "first", "last", "earliest", "latest", "list", "create", "save",
        "get_or_create", "update_or_create", MEMBER,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Built:
    """A contract, what of the callers' wishes it cannot fulfil, and what is worth a second look.

    `dropped` names the operations of the contract before that nobody calls any more.
    """

    contract: Contract
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    dropped: tuple[str, ...] = ()


def build(
    service: str,
    *,
    graph: Graph,
    contexts: Contexts,
    root: Path,
    operations: Iterable[Operation] = (),
    reads: Iterable[tuple[str, str]] = (),
    relations: Iterable[tuple[str, str]] = (),
    consumers: Iterable[Consumer] = (),
    readers: Iterable[Reader] = (),
    before: Contract | None = None,
) -> Built:
    """Return the contract of a service.

    Args:
        service: the context that leaves.
        graph: the project's models.
        contexts: who owns them.
        root: the project's folder; members' source is read under it.
        operations: those that rewritten callers call.
        reads: (label, attribute) pairs that callers outside read of the service's instances and
            values.
        relations: (label, field) of the foreign keys outside that are diverted to the service.
        consumers: who calls what; those of diverted relations are added.
        readers: who reads what of values; those of attributes that no value has are left out.
        before: the contract of the last run: what is still called of it stays.
    """
    consumers = tuple(consumers)
    if before is not None:
        operations = (*_still_called(before, consumers, graph), *operations)
    nouns = nouns_of_service(graph, contexts, service)
    problems: list[Problem] = []
    sources = Sources(root)
    functions = Functions(graph, contexts, sources, service)
    operations = [_as_now(functions, each, problems) for each in operations]
    asked = [_typed(graph, sources, each, nouns, problems) for each in operations]
    referred = _referred(graph, relations)
    labels = {each.model for each in asked if _gives_values(each)} | referred.keys()
    own = {(label, name) for label, name in reads if label in nouns}
    labels |= {label for label, name in own if constant_of(graph, sources, label, name)}
    drawn = draw(graph, contexts, sources, nouns, labels, own)
    keyed = {*referred, *(
        related.model
        for value in drawn.values
        for related in value.related
        if not related.is_carried
    )}  # fmt: skip
    for label in sorted(keyed):
        type_ = type_of_path(graph, label, "pk") or "any"
        asked += [by_id(label, type_, nouns), by_ids(label, type_, nouns)]
    merged = _merged([*asked, *drawn.operations], problems)
    told = [*consumers, *_consumers_of_relations(graph, contexts, merged.values(), referred)]
    contract = Contract(
        service,
        tuple(_with_keys(value, merged.values()) for value in drawn.values),
        tuple(merged[name] for name in sorted(merged)),
        tuple(sorted({each for each in told if each.operation in merged})),
        _readers_of(drawn.values, readers),
        failures_of(functions, merged.values()),
    )
    former = [each.name for each in before.operations] if before else []
    dropped = tuple(sorted(name for name in former if name not in merged))
    return Built(contract, tuple(sorted({*problems, *drawn.problems})), drawn.warnings, dropped)


def _gives_values(operation: Operation) -> bool:
    is_row = operation.verb in {ASK, CALL} and operation.returns == ROW
    return operation.verb in GIVES_VALUES or is_row


def _still_called(
    before: Contract, consumers: Iterable[Consumer], graph: Graph
) -> tuple[Operation, ...]:
    """Return what rewritten code calls by name, so that no transform asks for it again."""
    called = {each.operation for each in consumers}
    return tuple(
        each
        for each in before.operations
        if each.name in called and (each.model in graph.models or not each.model)
    )


def _as_now(functions: Functions, operation: Operation, problems: list[Problem]) -> Operation:
    """Return the operation that calls a function as the function is now."""
    if operation.verb != CALL:
        return operation
    try:
        return calling.as_now(functions, operation)
    except CannotTravel as wrong:
        reason = f"{operation.member.rpartition(':')[2]} cannot be called from elsewhere: {wrong}"
        problems.append(Problem(operation.model, operation.name, reason))
        return operation


def _referred(
    graph: Graph, relations: Iterable[tuple[str, str]]
) -> dict[str, list[tuple[str, str]]]:
    """Return the models that diverted relations refer to, with those relations."""
    found: dict[str, list[tuple[str, str]]] = {}
    for label, name in sorted(set(relations)):
        if target := graph.models[label].fields[name].target:
            found.setdefault(target, []).append((label, name))
    return found


def _typed(
    graph: Graph,
    sources: Sources,
    operation: Operation,
    nouns: Mapping[str, Noun],
    problems: list[Problem],
) -> Operation:
    """Return an operation by its canonical name, with the types that the models tell."""
    canonical = named(operation, nouns)
    if operation.name not in {"", canonical.name}:
        reason = f"the call is spelt {operation.name}, but this shape is {canonical.name}"
        problems.append(Problem(operation.model, operation.name, reason))
    if canonical.verb == CALL:
        return canonical
    if canonical.verb == MEMBER:
        member = graph.models[operation.model].members.get(operation.member)
        is_property = member is not None and member.kind == "property"
        return replace(canonical, is_property=is_property)
    canonical, wrong = manager_methods.typed(graph, sources, canonical)
    if wrong:
        problems.append(Problem(operation.model, canonical.name, wrong))
    if canonical.verb in (ASK, *LINKS):
        return canonical

    def typed(each: Parameter) -> Parameter:
        found = type_of_lookup(graph, canonical.model, each.lookup)
        if found is None:
            reason = f"{canonical.name} asks for {each.lookup}, which leads to no known column"
            problems.append(Problem(canonical.model, each.lookup, reason))
            return replace(each, type="any")
        return replace(each, type=found[0], many=found[1])

    row = [(path, followed(graph, canonical.model, path)) for path in canonical.columns]
    order = [
        (path, followed(graph, canonical.model, path.lstrip("-")))
        for path in canonical.order_by
        if path != "?"
    ]
    for path, found in (*row, *order):
        if found is None:
            reason = f"{canonical.name} names {path}, which leads to no known column"
            problems.append(Problem(canonical.model, path, reason))
    return replace(
        canonical,
        filters=tuple(typed(each) for each in canonical.filters),
        exclude=tuple(typed(each) for each in canonical.exclude),
        writes=tuple(typed(each) for each in canonical.writes),
        row=tuple(Column(path, *(found or ("any", True))) for path, found in row),
    )


def _merged(operations: Iterable[Operation], problems: list[Problem]) -> dict[str, Operation]:
    """Return operations by name; the same shape asked for twice takes what either takes."""
    found: dict[str, Operation] = {}
    for each in operations:
        former = found.get(each.name)
        if former is None:
            found[each.name] = each
        elif _shape(former) == _shape(each):
            found[each.name] = replace(
                former,
                filters=_either(former.filters, each.filters),
                exclude=_either(former.exclude, each.exclude),
                writes=_either(former.writes, each.writes),
                given=_either(former.given, each.given),
                is_write=former.is_write or each.is_write,
                is_nullable=former.is_nullable or each.is_nullable,
                returns=each.returns if former.returns == "any" else former.returns,
            )
        else:
            problems.append(Problem(each.model, each.name, "two shapes have this one name"))
    return found


def _shape(operation: Operation) -> Operation:
    def bare(each: Parameter) -> Parameter:
        return replace(each, type="any", many=False, nullable=False)

    return replace(
        operation,
        filters=tuple(bare(each) for each in operation.filters),
        exclude=tuple(bare(each) for each in operation.exclude),
        writes=tuple(bare(each) for each in operation.writes),
        given=tuple(bare(each) for each in operation.given),
        is_write=False,
        is_nullable=False,
        returns="any",
    )


def _either(some: tuple[Parameter, ...], others: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    return tuple(
        replace(one, nullable=one.nullable or other.nullable)
        for one, other in zip(some, others, strict=True)
    )


def _consumers_of_relations(
    graph: Graph,
    contexts: Contexts,
    operations: Iterable[Operation],
    referred: Mapping[str, list[tuple[str, str]]],
) -> list[Consumer]:
    """Name each diverted relation as a consumer of what it asks."""
    found = []
    for operation in operations:
        if operation.verb == "get_by_ids" or _is_plain_get(operation):
            for label, name in referred.get(operation.model, ()):
                module, _, qualname = graph.models[label].name.partition(":")
                path = graph.modules[module].path if module in graph.modules else module
                owner = contexts.of_label(label)
                found.append(Consumer(operation.name, owner, path, f"{qualname}.{name}"))
    return found


def _readers_of(values: Iterable[ValueType], readers: Iterable[Reader]) -> tuple[Reader, ...]:
    offered = {(value.model, name) for value in values for name in _attributes(value)}
    return tuple(sorted({each for each in readers if (each.model, each.attribute) in offered}))


def _attributes(value: ValueType) -> list[str]:
    names = [each.name for each in value.columns] + ["__str__"] * value.has_text
    return names + [each.name for each in value.related] + [each.name for each in value.members]


def _is_plain_get(operation: Operation) -> bool:
    lookups = [each.lookup for each in operation.filters]
    return (
        operation.verb == "get"
        and lookups == ["pk"]
        and not (operation.exclude or operation.manager)
    )


def _with_keys(value: ValueType, operations: Iterable[Operation]) -> ValueType:
    for each in operations:
        if each.model == value.model and not each.manager:
            if each.verb == "get_by_ids":
                value = replace(value, get_many=each.name)
            elif _is_plain_get(each):
                value = replace(value, get=each.name)
    return value
