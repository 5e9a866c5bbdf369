"""Which attributes of a row its frozen value has too, and what reading one gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.links import Unsupported

if TYPE_CHECKING:
    from codemods.crossings.values import Type
    from codemods.project.graph import Field, Model, Reverse
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
    if name == "pk" or name in model.attnames or (_is_display(model, name) and call is not None):
        return ""
    if (field := model.fields.get(name)) is not None:
        return _field(file, node, field)
    if name in model.accessors:
        return _reverse(file, node, model.accessors[name])
    if name not in model.members:
        raise Unsupported(node, f"{name} is nothing that a value of {label} has", KEEP_ROW)
    _member(file, node, model, call)
    return ""


def _field(file: SourceFile, node: cst.Attribute, field: Field) -> str:
    if not field.target or file.is_served(field.target):
        return RELATED if field.many else field.target or ""
    if field.many or field.generic:
        reason = f"its relation {field.name} leads to {field.target}"
        raise Unsupported(node, reason, KEEP_ROW)
    return ""


def check_templates(file: SourceFile, node: cst.CSTNode, label: str) -> None:
    """Check that no template reads of a model's rows what a value has not.

    Raises:
        Unsupported: one does; which template shows which row is not certain, so all count.
    """
    model = file.graph.models[label]
    for read in sorted(file.reads):
        if read.label != label or read.path.endswith(".py"):
            continue
        reverse, field = model.accessors.get(read.attribute), model.fields.get(read.attribute)
        is_many = field is not None and field.many
        if reverse is not None:
            key = (reverse.model, reverse.field)
            is_many = (
                reverse.many if file.is_served(reverse.model) else file.relations.get(key) != ""
            )
        if is_many:
            reason = (
                f"a template asks for its related rows: {read.path}:{read.line} {read.attribute}"
            )
            raise Unsupported(node, reason, "read them in the view, and hand them to the template")


def _is_target(around: cst.CSTNode | None, node: cst.Attribute) -> bool:
    return isinstance(around, (cst.For, cst.CompFor, cst.AnnAssign)) and around.target is node


def _is_display(model: Model, name: str) -> bool:
    field = name.removeprefix("get_").removesuffix("_display")
    return name == f"get_{field}_display" and field in model.fields


def _reverse(file: SourceFile, node: cst.Attribute, reverse: Reverse) -> str:
    """Related rows of others are their own to look up, by a relation that is diverted."""
    if file.is_served(reverse.model):
        return RELATED if reverse.many else reverse.model
    if file.relations.get((reverse.model, reverse.field), "no foreign key") == "":
        return ""
    reason = f"rows of {reverse.model} are asked for by a relation that is not diverted"
    raise Unsupported(node, reason, "ask for them by its id, in place")


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
    if has_rows(file.type_of(call or node)):
        raise Unsupported(node, f"its {member.kind} {name} gives rows", KEEP_ROW)


def has_rows(type_: Type) -> bool:
    """Tell whether instances, querysets or managers may be in what an expression gives."""
    for value in type_:
        inner = value[1] if value[0] in "SDT" else ()
        parts = inner if value[0] == "T" else (inner,)
        if value[0] in "IQRGM" or any(has_rows(part) for part in parts if part):
            return True
    return False
