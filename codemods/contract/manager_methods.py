"""A manager's own methods as operations: what they are given, by the annotations of their source.

An argument travels as what its annotation names; one without an annotation travels only where every
caller writes it out, so that nothing arrives as another type than it was sent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.contract.members import Function, annotated
from codemods.contract.operations import ASK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.contract.members import Sources
    from codemods.contract.operations import Operation, Parameter
    from codemods.project.graph import Graph


def typed(graph: Graph, sources: Sources, operation: Operation) -> tuple[Operation, str]:
    """Return an operation with the types of what its manager's methods take, and what is wrong."""
    if operation.verb == ASK:
        found, wrong = _typed(graph, sources, operation, operation.member, operation.filters)
        return replace(operation, filters=found), wrong
    given: list[Parameter] = []
    wrongs: list[str] = []
    for scope in operation.scopes:
        its = [each for each in operation.given if each.lookup.startswith(f"{scope}.")]
        found, wrong = _typed(graph, sources, operation, scope, its)
        given += found
        wrongs += [wrong] if wrong else []
    return replace(operation, given=tuple(given)), "; ".join(wrongs)


def _typed(
    graph: Graph,
    sources: Sources,
    operation: Operation,
    method: str,
    parameters: Iterable[Parameter],
) -> tuple[tuple[Parameter, ...], str]:
    function = _function(graph, sources, operation, method)
    arguments = function.args if function else None
    notes = {
        each.arg: each.annotation
        for each in ((*arguments.args, *arguments.kwonlyargs) if arguments else ())
    }
    found, wrong = [], ""
    for each in parameters:
        name = each.lookup.rpartition(".")[2] if operation.verb != ASK else each.lookup
        type_, is_nullable = annotated(notes.get(name))
        if "@" in name or (type_ == "any" and each.type != "any"):
            found.append(each)
            continue
        if type_ == "any":
            wrong = f"what {method}() takes as {name} is not annotated, so it may arrive changed"
        found.append(replace(each, type=type_, nullable=is_nullable))
    return tuple(found), wrong


def _function(graph: Graph, sources: Sources, operation: Operation, method: str) -> Function | None:
    manager = graph.models[operation.model].managers.get(operation.manager)
    for base in (*manager.bases, *manager.queryset_bases) if manager else ():
        module, _, qualname = base.partition(":")
        if known := graph.modules.get(module):
            for statement in sources.class_body(known.path, qualname):
                if isinstance(statement, Function) and statement.name == method:
                    return statement
    return None
