"""What an expression is to a transform of keys: a relation that is read, or an instance for sure.

Types say what an expression is when it is something; that it is never None is asked of the code:
of where a name is bound, of guards around it, and of relations whose column is not null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import libcst as cst

from codemods.crossings.values import REQUEST
from codemods.transforms.relations import DJANGO_MODULE
from codemods.transforms.tree import children, is_name, within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.project.graph import Field
    from codemods.transforms.source import SourceFile

RAISING = frozenset({"get", "create", "latest", "earliest"})
RAISING_FUNCTIONS = frozenset({"get_object_or_404"})
MAX_DEPTH = 4
Place = cst.BaseExpression


@dataclass(frozen=True, slots=True)
class Walk:
    """A relation into the service that an expression walks: `order.user`, of what field."""

    base: Place
    field: Field


def walk(file: SourceFile, node: cst.CSTNode) -> Walk | None:
    """Return the relation that an expression reads, if its owner is certain."""
    if not isinstance(node, cst.Attribute):
        return None
    type_ = file.type_of(node.value)
    if not type_ or file.span(node.value) in file.guessed:
        return None
    fields = {relation(file, v[1], node.attr.value) for v in type_ if v[0] == "I"}
    if len(fields) != 1 or any(value[0] != "I" for value in type_):
        return None
    field = fields.pop()
    return Walk(node.value, field) if field else None


def relation(file: SourceFile, label: str, name: str) -> Field | None:
    """Return the relation into the service of that name, if its column holds the plain key."""
    if (label, name) not in file.relations:
        return None
    field = file.graph.models[label].fields[name]
    target = file.graph.models.get(field.target or "")
    is_plain = field.module == DJANGO_MODULE or field.service is not None
    return field if is_plain and target and field.to_field in (None, target.pk) else None


def key_column(file: SourceFile, node: Place) -> str:
    """Return the column that holds the key of what a relation gives: "user_id"; "" without one.

    The relation may also be one inside the service, whose instances and values have the column.
    """
    if not isinstance(node, cst.Attribute):
        return ""
    value = file.certain(node.value)
    model = file.graph.models.get(value[1]) if value is not None and value[0] in "IU" else None
    field = model.fields.get(node.attr.value) if model is not None else None
    if field is None or field.many or field.generic:
        return ""
    target = file.graph.models.get(field.target or "")
    is_plain = field.module == DJANGO_MODULE or field.service is not None
    return field.attname if is_plain and target and field.to_field in (None, target.pk) else ""


def is_key(file: SourceFile, field: Field, name: str) -> bool:
    """Tell whether an attribute of what a relation gives is its key."""
    target = file.graph.models.get(field.target or "")
    return name == "pk" or (target is not None and name == target.pk)


def holds(file: SourceFile, node: Place, target: str) -> bool:
    """Tell whether an expression is an instance or value of a model, or None."""
    value = file.certain(node)
    if value is None or value[0] not in "IU":
        return False
    model = file.graph.models.get(value[1])
    return value[1] == target or bool(model and target in (*model.parents, model.proxy_for))


def is_there(file: SourceFile, node: Place, depth: int = 0, *, is_saved: bool = False) -> bool:
    """Tell whether an expression that holds an instance is surely not None.

    With `is_saved`, whether it is surely a row besides: not a new instance, nor what a caller or
    the request gives, which may be an anonymous visitor.
    """
    if isinstance(node, cst.Name):
        if depth >= MAX_DEPTH:
            return False
        is_asserted = not is_saved and is_guarded(file, node)
        return is_asserted or _is_bound(file, node, depth, is_saved=is_saved)
    if isinstance(node, cst.Attribute):
        is_given = is_saved and file.type_of(node.value) == frozenset((REQUEST,))
        return not is_given and _is_attribute_there(file, node)
    if isinstance(node, cst.Call):
        return _gives(file, node, is_saved=is_saved)
    return False


def _is_attribute_there(file: SourceFile, node: cst.Attribute) -> bool:
    base = file.type_of(node.value)
    if base == frozenset((REQUEST,)):
        return node.attr.value == "user"
    fields = [
        file.graph.models[value[1]].fields.get(node.attr.value)
        for value in base
        if value[0] == "I" and value[1] in file.graph.models
    ]
    return bool(fields) and all(f is not None and bool(f.target) and not f.null for f in fields)


def _gives(file: SourceFile, call: cst.Call, *, is_saved: bool) -> bool:
    """Tell a call that raises rather than give None."""
    callee = call.func
    if isinstance(callee, cst.Name):
        made = file.certain(callee)
        is_new = bool(made and made[0] == "M") and not is_saved
        return callee.value in RAISING_FUNCTIONS or is_new
    if not isinstance(callee, cst.Attribute):
        return False
    if isinstance(callee.value, cst.Name) and callee.value.value == file.client:
        return callee.attr.value.startswith(("get_", "create_"))
    base = file.type_of(callee.value)
    is_query = bool(base) and all(value[0] in "QGR" for value in base)
    return is_query and callee.attr.value in RAISING


def is_guarded(file: SourceFile, name: cst.Name) -> bool:
    """Tell whether `if user:` or `if user is None: return` before let only an instance through."""
    inner: cst.CSTNode = name
    around = file.parent(name)
    while around is not None and not isinstance(around, (cst.FunctionDef, cst.Lambda, cst.Module)):
        if isinstance(around, cst.If) and inner is around.body and _asserts(around.test, name):
            return not _is_rebound(children(around.body), name)
        if isinstance(around, cst.IndentedBlock):
            before = around.body[: [*around.body].index(cast("cst.BaseStatement", inner))]
            for index, statement in enumerate(before):
                if isinstance(statement, cst.If) and _leaves_without(statement, name):
                    return not _is_rebound(around.body[index + 1 :], name)
        inner, around = around, file.parent(around)
    return False


def _leaves_without(guard: cst.If, name: cst.Name) -> bool:
    """Tell `if user is None: return`, and `if not user: raise ...`."""
    test = guard.test
    is_missing = _compares_to_none(test, name, cst.Is, cst.Equal) or (
        isinstance(test, cst.UnaryOperation)
        and isinstance(test.operator, cst.Not)
        and is_name(test.expression, name.value)
    )
    last = guard.body.body[-1] if guard.body.body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    leaves = isinstance(last, (cst.Return, cst.Raise, cst.Continue, cst.Break))
    return is_missing and leaves and guard.orelse is None


def _asserts(test: Place, name: cst.Name) -> bool:
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        return _asserts(test.left, name) or _asserts(test.right, name)
    return is_name(test, name.value) or _compares_to_none(test, name, cst.IsNot)


def _compares_to_none(test: Place, name: cst.Name, *operators: type[cst.BaseCompOp]) -> bool:
    """Tell `user is None`, with one of these operators."""
    return (
        isinstance(test, cst.Comparison)
        and is_name(test.left, name.value)
        and len(test.comparisons) == 1
        and isinstance(test.comparisons[0].operator, operators)
        and is_name(test.comparisons[0].comparator, "None")
    )


def _is_rebound(statements: Iterable[cst.CSTNode], name: cst.Name) -> bool:
    return any(
        isinstance(node, cst.AssignTarget)
        and isinstance(node.target, cst.Name)
        and node.target.value == name.value
        for statement in statements
        for node in within(statement)
    )


def _is_bound(file: SourceFile, name: cst.Name, depth: int, *, is_saved: bool) -> bool:
    """Tell whether all that a function binds to a name is there."""
    function = _function(file, name)
    if function is None:
        return False
    found = False
    for use in file.find(cst.Name):
        if use.value != name.value or not file.is_within(use, function):
            continue
        around = file.parent(use)
        if isinstance(around, cst.Param) and around.name is use:
            is_own = file.parent(file.parent(around) or around) is function
            is_sure = is_own and not is_saved and _is_told(around)
        elif isinstance(around, cst.AssignTarget):
            statement = file.parent(around)
            is_sure = isinstance(statement, cst.Assign) and is_there(
                file, statement.value, depth + 1, is_saved=is_saved
            )
        elif isinstance(around, (cst.For, cst.CompFor)) and around.target is use:
            looped = file.type_of(around.iter)
            is_sure = bool(looped) and all(value[0] in "QR" for value in looped)
        elif isinstance(around, (cst.NamedExpr, cst.AsName, cst.Tuple, cst.AnnAssign)):
            is_sure = getattr(around, "target", None) is not use and isinstance(
                around, cst.NamedExpr
            )
        else:
            continue
        if not is_sure:
            return False
        found = True
    return found


def _is_told(param: cst.Param) -> bool:
    """Tell whether a parameter is annotated with something other than None, and has no default."""
    if param.annotation is None or param.default is not None:
        return False
    text = cst.Module([]).code_for_node(param.annotation.annotation)
    return "None" not in text and "Optional" not in text


def _function(file: SourceFile, node: cst.CSTNode) -> cst.FunctionDef | None:
    around = file.parent(node)
    while around is not None and not isinstance(around, (cst.FunctionDef, cst.Lambda)):
        around = file.parent(around)
    return around if isinstance(around, cst.FunctionDef) else None
