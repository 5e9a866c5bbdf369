"""Which attributes of a row its frozen value has too, and what reading one gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.links import Unsupported

if TYPE_CHECKING:
    from codemods.project.graph import Model
    from codemods.transforms.source import SourceFile

RELATED = "*"
KEEP_ROW = "offer what is done with the row as an operation of the service"


def read_attribute(file: SourceFile, node: cst.Attribute, label: str) -> str:
    """Say what reading an attribute of a value gives: the label of another value, or "".

    RELATED tells that it is a manager of related rows of the service.

    Raises:
        Unsupported: it is written, takes arguments, or is nothing that a value has.
    """
    name = node.attr.value
    around = file.parent(node)
    if isinstance(around, (cst.AssignTarget, cst.AugAssign, cst.Del)) or _is_target(around, node):
        raise Unsupported(node, f"its attribute {name} is set", KEEP_ROW)
    model = file.graph.models[label]
    call = around if isinstance(around, cst.Call) and around.func is node else None
    if name == "pk" or name in model.attnames:
        return ""
    if (field := model.fields.get(name)) is not None:
        if not field.target:
            return ""
        if field.many or not file.is_served(field.target):
            reason = f"its relation {name} leads to {field.target}"
            raise Unsupported(node, reason, f"read {name}_id, or {KEEP_ROW}")
        return field.target
    if name in model.accessors:
        return _reverse(file, node, model)
    if name in model.members:
        _member(file, node, model, call)
        return ""
    if _is_display(model, name) and call is not None and not call.args:
        return ""
    raise Unsupported(node, f"{name} is nothing that a value of {label} has", KEEP_ROW)


def _is_target(around: cst.CSTNode | None, node: cst.Attribute) -> bool:
    return isinstance(around, (cst.For, cst.CompFor, cst.AnnAssign)) and around.target is node


def _is_display(model: Model, name: str) -> bool:
    field = name.removeprefix("get_").removesuffix("_display")
    return name == f"get_{field}_display" and field in model.fields


def _reverse(file: SourceFile, node: cst.Attribute, model: Model) -> str:
    reverse = model.accessors[node.attr.value]
    if not file.is_served(reverse.model):
        return ""
    if not reverse.many:
        return reverse.model
    return RELATED


def _member(file: SourceFile, node: cst.Attribute, model: Model, call: cst.Call | None) -> None:
    name = node.attr.value
    member = model.members[name]
    if member.kind == "method":
        if call is None:
            raise Unsupported(node, f"its method {name} is passed on", KEEP_ROW)
        if call.args:
            raise Unsupported(node, f"its method {name}() takes arguments", KEEP_ROW)
    definition = file.definitions.get(member.name)
    itself = definition.parameters[0] if definition and definition.parameters else "self"
    if (member.name, itself) in file.written:
        raise Unsupported(node, f"its {member.kind} {name} changes the row", KEEP_ROW)
