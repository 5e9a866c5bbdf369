"""What may be handed a frozen value in place of a row: who only reads what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.links import Unsupported, called

if TYPE_CHECKING:
    from codemods.transforms.source import SourceFile

BY_VALUE = "hand over what is needed of it, or offer this as an operation of the service"
LOOKING = frozenset({"str", "repr", "bool", "print", "hash", "id", "format"})
RENDERING = frozenset({"render", "render_to_string", "TemplateResponse", "render_block_to_string"})
QUERYING = frozenset(
    {"filter", "exclude", "get", "get_or_404", "get_object_or_404", "get_list_or_404"}
)
LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})


def check_argument(
    file: SourceFile, call: cst.Call, argument: cst.Arg, label: str, *, is_many: bool
) -> set[tuple[str, str]]:
    """Check that a call may be given a value, or a list of them; return what it reads of it.

    Raises:
        Unsupported: it changes what it is given, or nobody can tell.
    """
    name = _last(call.func)
    if called(file, call).removeprefix("builtins.") in LOOKING and not is_many:
        return {(label, "__str__")}
    if _is_logging(call) and not is_many:
        return {(label, "__str__")}
    if argument.keyword is not None and _is_kept_by_relation(file, call, argument, label):
        return set()
    if argument.keyword is not None and name in QUERYING and not is_many:
        return set()
    if only_reads(file, call, argument):
        return set()
    raise Unsupported(call, f"it is passed to {file.code(call.func)}()", BY_VALUE)


def _is_kept_by_relation(file: SourceFile, call: cst.Call, argument: cst.Arg, label: str) -> bool:
    """Tell whether a constructor, or a create(), puts the value into a diverted relation."""
    made_by = call.func
    if isinstance(made_by, cst.Attribute) and made_by.attr.value == "create":
        made_by = made_by.value
    model = file.certain(made_by)
    if model is None or model[0] not in "MGR" or argument.keyword is None:
        return False
    known = file.graph.models.get(model[1])
    field = known.fields.get(argument.keyword.value) if known else None
    key = (model[1], argument.keyword.value)
    return field is not None and field.target == label and file.relations.get(key, "no") == ""


def only_reads(file: SourceFile, call: cst.Call, argument: cst.Arg) -> bool:
    """Tell whether a function of the project only reads the parameter this argument is for."""
    function = file.certain(call.func)
    if function is None or function[0] not in "FB":
        return False
    definition = file.definitions.get(function[1])
    if definition is None or argument.star:
        return False
    name = argument.keyword.value if argument.keyword else ""
    if not name:
        position = call.args.index(argument)
        if any(each.star for each in call.args[:position]):
            return False
        is_bound = function[0] == "B" and definition.kind in ("method", "classmethod", "property")
        position += is_bound
        if position >= len(definition.parameters):
            return False
        name = definition.parameters[position]
    parameter = (function[1], name)
    return parameter not in file.written and parameter not in file.escaping


def is_context(file: SourceFile, node: cst.BaseExpression) -> bool:
    """Tell whether a dict, or the name of one, is only ever the context of a template."""
    parent = file.parent(node)
    if isinstance(parent, cst.Arg):
        call = file.parent(parent)
        return isinstance(call, cst.Call) and _last(call.func) in RENDERING
    if isinstance(parent, cst.Assign) and parent.value is node and len(parent.targets) == 1:
        target = parent.targets[0].target
        return isinstance(target, cst.Name) and _is_context_name(file, target)
    return isinstance(node, cst.Name) and _is_context_name(file, node)


def _is_context_name(file: SourceFile, name: cst.Name) -> bool:
    scope = file.scope(name)
    if scope is None or type(scope).__name__ != "FunctionScope":
        return False
    rendered = False
    for access in scope.accesses[name.value]:
        parent = file.parent(access.node)
        if isinstance(parent, cst.Subscript) and parent.value is access.node:
            continue
        call = file.parent(parent) if isinstance(parent, cst.Arg) else None
        if not isinstance(call, cst.Call) or _last(call.func) not in RENDERING:
            return False
        rendered = True
    return rendered


def _is_logging(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value in LOGGING


def _last(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""
