"""Attributes: where a relation leads, what a property returns, which crossing that makes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer import (
    choices,
    classes,
    diverted,
    instances,
    members,
    roles,
    serializers,
)
from codemods.crossings.values import REQUEST, UNKNOWN, Type, Value, cut, elements, one, reach_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from codemods.crossings.infer.walker import Walker
    from codemods.project.graph import Model


def attribute(walker: Walker, base: Type, name: str, node: ast.Attribute | None) -> Type:
    """Return the type of `base.name`; record what it crosses when `node` is given."""
    if not base:
        return UNKNOWN
    found: set[Value] = set()
    for value in having(walker, base, name):
        reader = READERS.get(value[0])
        if reader is not None:
            found |= reader(walker, value, name, node)
    return cut(frozenset(found))


def having(walker: Walker, base: Type, name: str) -> Type:
    """Drop the models that have no such attribute, when another model it may be has it."""
    rows = [value for value in base if value[0] in "IU"]
    if len(rows) <= 1:
        return base
    lacking = {value for value in rows if not instances.has_attribute(walker, value[1], name)}
    return base if len(lacking) == len(rows) else base - lacking


def of_model(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read an attribute of a model class: a manager, a class or static method."""
    model = walker.graph.models.get(value[1])
    if model is None:
        return UNKNOWN
    if name in model.managers or name in ("objects", "_default_manager", "_base_manager"):
        return one("G", model.label, name)
    if name in model.members:
        return one("B", model.members[name].name, frozenset((value,)))
    found: set[Value] = set()
    for owner in (model.name, *model.bases):
        if (cls := walker.graph.classes.get(owner)) and (bound := cls.names.get(name)):
            found |= walker.from_probe(*bound)
    return frozenset(found)


def of_query(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read an attribute of a manager or queryset: its model, or a method of the project's own."""
    label = value[1]
    if name == "model":
        return one("M", label)
    if name == "object_list":
        return one(*value)
    if name == "instance" and value[0] == "R":
        return one("I", value[2])
    model = walker.graph.models.get(label)
    if model is None:
        return UNKNOWN
    for manager in _managers(model, value):
        for owner in (*manager.bases, *manager.queryset_bases):
            method = f"{owner}.{name}"
            definition = walker.project.definitions.get(method)
            if definition is not None:
                bound = frozenset((value,))
                if definition.kind == "property":
                    return walker.facts.get("r", method)
                return one("B", method, bound)
    return UNKNOWN


def _managers(model: Model, value: Value) -> list[Any]:
    named = model.managers.get(value[2]) if value[0] == "G" and value[2:] else None
    default = model.managers.get(model.default_manager or "")
    return [m for m in (named, default, *model.managers.values()) if m is not None]


def of_object(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read an attribute of an instance of one of the project's classes."""
    if node is not None and name == "data" and roles.role(walker, value[1]) == "serializer":
        serializers.shown(walker, value[1], node)
    return classes.member(walker, value[1], name, frozenset((value,)))


def of_class(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read an attribute of one of the project's classes."""
    nested = f"{value[1]}.{name}"
    if (definition := walker.project.definitions.get(nested)) and definition.kind == "class":
        return one("C", nested)
    return classes.member(walker, value[1], name, frozenset((value,)))


def of_super(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read `super().name`: the next class in lookup order that has it."""
    cls, self_type = value[1], value[2]
    own = classes.super_member(walker, cls, name, self_type)
    if own:
        return own
    return frozenset().union(*(members.framework_member(walker, v, name) for v in self_type))


def of_module(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read a module's attribute."""
    from codemods.crossings.infer.imports import member

    module = value[1]
    known, inner = walker.graph.modules.get(module), f"{module}.{name}"
    is_package = inner in walker.graph.modules or inner in walker.project.modules
    if is_package and (known is None or name not in known.names):
        return one("N", inner)
    if known is None and module not in walker.project.modules:
        return one("X", inner)
    found = member(walker, module, name)
    if node is not None:
        for bound in found:
            if bound[0] == "M":
                walker.emit("import", node, bound[1])
    return found


def of_external(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read an attribute of something external, keeping its dotted name."""
    return one("X", f"{value[1]}.{name}")


def of_function(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read `task.delay`, handed on rather than called."""
    from codemods.crossings.infer import apply

    if node is not None and name in apply.TASK_CALLS:
        apply.task_crossing(walker, value[1], node)
    return UNKNOWN


def of_known(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read the request's user, and whatever the project's middleware puts on the request."""
    if value == REQUEST:
        if name == "user":
            label = walker.graph.auth_user_model
            _requested(walker, label, node)
            return one("I", label)
        if name in ("_request",):
            return one(*REQUEST)
        return walker.facts.get("a", "request", name)
    return members.external_member(walker, value, name)


def _requested(walker: Walker, label: str, node: ast.Attribute | None) -> None:
    if node is not None and not isinstance(node.ctx, ast.Store):
        walker.emit("relation", node, label)


READERS: dict[str, Callable[[Any, Value, str, ast.Attribute | None], Type]] = {
    "I": instances.of_instance,
    "U": diverted.of_value,
    "M": of_model,
    "Q": of_query,
    "V": of_query,
    "G": of_query,
    "R": of_query,
    "O": of_object,
    "C": of_class,
    "Z": of_super,
    "N": of_module,
    "X": of_external,
    "F": of_function,
    "E": of_known,
}


def store_attribute(walker: Walker, target: ast.Attribute, type_: Type) -> None:
    """Bind `base.name = value`, remembering it for whoever reads that attribute."""
    base = walker.eval(target.value)
    walker.hands(target.value, "written")
    attribute(walker, frozenset(v for v in base if v[0] in "IU"), target.attr, target)
    if not type_:
        return
    if target.attr == "queryset":
        _offered(walker, target.value, type_)
    diverted.handed(walker, [v[1] for v in base if v[0] == "I"], target.attr, type_, target)
    for value in base:
        if value[0] in "OC":
            walker.facts.tell(type_, "a", value[1], target.attr)
        elif value == REQUEST:
            walker.facts.tell(type_, "a", "request", target.attr)
        elif (
            value[0] == "I"
            and (model := walker.graph.models.get(value[1]))
            and target.attr not in model.fields
        ):
            walker.facts.tell(type_, "a", model.name, target.attr)


def _offered(walker: Walker, field: ast.expr, rows: Type) -> None:
    """Follow `self.fields["partner"].queryset = ...`: what a form offers is set late."""
    if not isinstance(field, ast.Subscript) or not isinstance(field.value, ast.Attribute):
        return
    if field.value.attr == "fields":
        offered = choices.field("choice", rows)
        for value in walker.eval(field.value.value):
            if value[0] == "O":
                choices.tell(walker, value[1], choices.labels_of(offered))


def evaluated(walker: Walker, node: ast.AST, type_: Type) -> None:
    """Record that a foreign queryset runs here, unless its chain starts at the same place."""
    for value in type_:
        if value[0] in "QV":
            for label in (value[1], *reach_of(value)):
                if walker.found.is_foreign(label) and not walker.found.has(node, label):
                    walker.emit("evaluate", node, label)


def iterated(walker: Walker, node: ast.expr) -> Type:
    """Return what iterating an expression yields; a queryset runs here."""
    type_ = walker.eval(node)
    evaluated(walker, node, type_)
    own = [v for v in type_ if v[0] == "O"]
    found = elements(type_) | {v for v in own if roles.role(walker, v[1]) == "formset"}
    for value in own:
        for method in classes.member(walker, value[1], "__iter__", frozenset((value,))):
            if method[0] == "B":
                found |= elements(walker.facts.get("r", method[1]))
    return found
