"""Calls: of a query, a method, a function of the project or of Django."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer import (
    apply,
    builtin,
    containers,
    diverted,
    framework,
    implied,
    library,
    loading,
    querysets,
)
from codemods.crossings.infer.attributes import attribute, having
from codemods.crossings.infer.instances import INSTANCE_READS, INSTANCE_WRITES, is_own_self
from codemods.crossings.values import (
    UNKNOWN,
    Type,
    Value,
    cut,
    one,
    union,
)

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker


def call(walker: Walker, node: Any) -> Type:
    """Return what a call gives; record what it queries, writes or calls."""
    function = node.func
    if isinstance(function, ast.Name):
        if function.id == "super":
            return _super(walker)
        callee = walker.lookup(function.id)
        walker.note(function, callee)
        if callee:
            type_ = apply.apply(walker, callee, function.id, node)
        else:
            type_ = builtin.builtin(walker, function.id, node)
        diverted.rows_given(walker, node, callee)
        return type_
    if isinstance(function, ast.Attribute):
        return _method(walker, function, node)
    callee = walker.eval(function)
    return apply.apply(walker, callee, "", node)


def _super(walker: Walker) -> Type:
    frame = walker.frames[-1]
    if frame.cls is None or frame.self_name is None:
        return UNKNOWN
    bound = walker.lookup(frame.self_name)
    return one("Z", frame.cls, frozenset(v for v in bound if v[0] != "Z"))


def _method(walker: Walker, function: ast.Attribute, node: ast.Call) -> Type:
    base = walker.eval(function.value)
    name = function.attr
    if name in INSTANCE_WRITES:
        walker.hands(function.value, "written")
    if not base:
        if name == "get_model":
            return loading.get_model(walker, node)
        types = apply.arguments(walker, node)
        diverted.rows_given(walker, node, UNKNOWN)
        return library.unknown_method(walker, function, name, types, node)
    base = having(walker, base, name)
    queries = [v for v in base if v[0] in "QVGR"]
    supers = [q for v in base if v[0] == "Z" for q in v[2] if q[0] in "QGR"]
    if (queries or supers) and name in querysets.KNOWN:
        return _query(walker, queries or supers, name, node)
    found, rest = _received(walker, base, name, node)
    callee = attribute(walker, frozenset(v for v in rest if v[0] not in "IU"), name, function)
    callee |= attribute(walker, frozenset(v for v in rest if v[0] in "IU"), name, None)
    walker.note(function, callee)
    if callee:
        found |= apply.apply(walker, callee, name, node)
        diverted.rows_given(walker, node, callee)
        return cut(found)
    if name in framework.TREES and (rows := framework.tree(walker, base, name, node)):
        return rows
    if name == "get_model" and (model := loading.get_model(walker, node)):
        return model
    types = apply.arguments(walker, node)
    diverted.rows_given(walker, node, callee)
    if queries:
        found |= library.manager_call(walker, queries, name, types, node)
    return cut(found)


def _received(walker: Walker, base: Type, name: str, node: ast.Call) -> tuple[Type, Type]:
    """Record what a method does to each thing it may be called on.

    Returns what containers give at once, and the values whose method is still to be looked up.
    """
    found: set[Value] = set()
    rest = set(base)
    for value in base:
        shape = value[0]
        if shape == "I":
            _instance_call(walker, value, name, node)
        elif shape == "U":
            diverted.called(walker, value, name, node)
        elif shape == "Z":
            framework.super_call(walker, value, name, node)
        elif shape == "O":
            framework.object_call(walker, value, name, node)
        elif shape == "P":
            rest.discard(value)
            found |= diverted.asked_of_rows(walker, value, name, node)
        elif shape in "KDSTAL" or (shape == "F" and name in apply.TASK_CALLS):
            rest.discard(value)
            found |= containers.container_call(walker, value, name, node)
    return frozenset(found), frozenset(rest)


def _query(walker: Walker, queries: list[Value], name: str, node: ast.Call) -> Type:
    labels = tuple(sorted({value[1] for value in queries}))
    reached = querysets.read_arguments(walker, labels, name, node)
    results = (querysets.call(walker, value, name, node, *reached) for value in queries)
    return union(result for result in results if result)


def _instance_call(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record a method call on another context's instance, and writes of any."""
    label = value[1]
    if not is_own_self(walker, node.func):
        walker.reads_of(label, name, node.func, is_write=name in INSTANCE_WRITES)
    if name in INSTANCE_WRITES:
        walker.wrote(label)
        implied.written(walker, label, node)
    if name in ("delete", "adelete"):
        querysets.cascade(walker, label, node)
    if name in ("full_clean", "validate_unique", "clean_fields"):
        framework.validates(walker, label, node)
    if not walker.found.is_foreign(label):
        return
    if name in INSTANCE_WRITES:
        walker.emit("instance-write", node, label, access="write")
    elif name in INSTANCE_READS:
        walker.emit("instance-write", node, label)
    elif not walker.found.extend(node, label) and not is_own_self(walker, node.func):
        walker.emit("method", node, label)
