"""Rows that one function has to itself: who got them, and whether anybody else sees them change.

What is set on a row of the service is set by its owner instead, so the row here keeps what it was
read with. That is the same only where nobody else holds this instance: it was got by a query in
this function, or by a function of this file that got it so and gave it away, and was not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from codemods.transforms import chains
from codemods.transforms.links import Unsupported, called, unroll
from codemods.transforms.passing import only_reads
from codemods.transforms.tree import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.transforms.source import SourceFile

GETS = frozenset({"get", "first", "last", "earliest", "latest", "create"})
GETS_OF_PAIRS = frozenset({"get_or_create", "update_or_create"})
GETS_OR_404 = "django.shortcuts.get_object_or_404"
HELD = "others may hold this row too, and see it change"
OWN = "get the row here, or offer what is done with it as an operation of the service"
LOOKING_ON = (
    cst.Comparison, cst.ComparisonTarget, cst.If, cst.IfExp, cst.Assert, cst.UnaryOperation,
    cst.BooleanOperation, cst.FormattedStringExpression,
)  # fmt: skip
MAX_DEPTH = 4


def scope_of(file: SourceFile, node: cst.CSTNode) -> Any:
    """Return the function scope that a name lives in; None outside of functions."""
    scope = file.scope(node)
    return scope if type(scope).__name__ == "FunctionScope" else None


def uses_of(file: SourceFile, name: cst.Name) -> list[cst.Name]:
    """Return every place of a function that reads a name, in file order."""
    scope = scope_of(file, name)
    bindings = scope.assignments[name.value] if scope else ()
    nodes = {access.node for each in bindings for access in each.references}
    found = [node for node in nodes if isinstance(node, cst.Name)]
    return sorted(found, key=lambda node: file.span(node)[:2])


def check_own(
    file: SourceFile,
    name: cst.Name,
    *,
    made: cst.CSTNode | None = None,
    is_model_fine: bool = False,
) -> None:
    """Check that a name only ever holds rows that its function got and nobody else has.

    `made` is a binding that is known to be fine; rows that are created here are too when
    `is_model_fine`.

    Raises:
        Unsupported: it may not.
    """
    fine = {made} if made is not None else set()
    scope = scope_of(file, name)
    if is_model_fine and scope is not None:
        fine |= {
            assign
            for each in scope.assignments[name.value]
            if (assign := _assign(file, each.node)) is not None and _is_made(file, assign)
        }
    if not _is_own(file, name, frozenset(fine), MAX_DEPTH):
        raise Unsupported(name, HELD, OWN)


def _assign(file: SourceFile, name: cst.CSTNode) -> cst.CSTNode | None:
    """Return the statement that binds a plain name."""
    bound = file.parent(name)
    return file.parent(bound) if isinstance(bound, cst.AssignTarget) else bound


def _is_made(file: SourceFile, assign: cst.CSTNode) -> bool:
    """Tell whether a statement calls a model, or creates one of its rows."""
    call = assign.value if isinstance(assign, cst.Assign) else None
    if not isinstance(call, cst.Call):
        return False
    made = file.certain(call.func)
    is_created = isinstance(call.func, cst.Attribute) and call.func.attr.value == "create"
    row = file.certain(call)
    return (made is not None and made[0] == "M") or (
        is_created and row is not None and row[0] in "IU"
    )


def _is_own(file: SourceFile, name: cst.Name, fine: frozenset[cst.CSTNode], depth: int) -> bool:
    scope = scope_of(file, name)
    if scope is None or not scope.assignments[name.value]:
        return False
    for each in scope.assignments[name.value]:
        if _assign(file, each.node) in fine:
            continue
        if not _is_got(file, each.node, depth):
            return False
    return all(file.scope(use) is scope for use in uses_of(file, name))


def _is_got(file: SourceFile, name: cst.CSTNode, depth: int) -> bool:
    """Tell whether a binding takes a row fresh from the database."""
    target, index = name, 0
    element = file.parent(name)
    if isinstance(element, cst.Element) and isinstance(pair := file.parent(element), cst.Tuple):
        target, index = pair, list(pair.elements).index(element)
    bound = file.parent(target)
    assign = file.parent(bound) if isinstance(bound, cst.AssignTarget) else bound
    if isinstance(assign, cst.Assign) and len(assign.targets) == 1:
        return _gives_fresh(file, assign.value, None if target is name else index, depth)
    if isinstance(assign, cst.AnnAssign) and assign.value is not None and target is name:
        return _gives_fresh(file, assign.value, None, depth)
    return False


def _gives_fresh(
    file: SourceFile, value: cst.BaseExpression, index: int | None, depth: int
) -> bool:
    """Tell whether an expression, or that part of the tuple it is, is a row that was just read."""
    if not isinstance(value, cst.Call):
        return False
    if is_query(file, value, GETS if index is None else GETS_OF_PAIRS) and not index:
        return True
    return depth > 0 and any(
        _returns_fresh(file, function, index, depth - 1) for function in _called(file, value)
    )


def is_query(file: SourceFile, call: cst.Call, names: frozenset[str] = GETS) -> bool:
    """Tell whether a call gets one row by a query, by one of these methods."""
    if called(file, call) == GETS_OR_404:
        return names is GETS
    _, links = unroll(call)
    if not links or links[-1].args is None or links[-1].name not in names:
        return False
    try:
        begin = chains.begin_of(file, call)
    except Unsupported:
        return True
    return begin is not None


def _called(file: SourceFile, call: cst.Call) -> Iterator[cst.FunctionDef]:
    """Give the function at the top of this file that a call is of."""
    body = file.module.body
    named = call.func.value if isinstance(call.func, cst.Name) else ""
    functions = [each for each in body if isinstance(each, cst.FunctionDef)]
    own = [each for each in functions if each.name.value == named and not each.asynchronous]
    if len(own) == 1 and not own[0].decorators:
        yield own[0]


def _returns_fresh(
    file: SourceFile, function: cst.FunctionDef, index: int | None, depth: int
) -> bool:
    finder = _Returns()
    function.body.visit(finder)
    return bool(finder.found) and all(
        _is_fresh(file, value, index, depth) for value in finder.found
    )


def _is_fresh(
    file: SourceFile, value: cst.BaseExpression | None, index: int | None, depth: int
) -> bool:
    """Tell whether what a function returns, or that part of it, is a row that it just read."""
    if index is not None and isinstance(value, cst.Tuple):
        value = value.elements[index].value if index < len(value.elements) else None
        index = None
    if value is None or _is_none(value):
        return index is None
    if isinstance(value, cst.Name):
        return (
            index is None and _is_own(file, value, frozenset(), depth) and is_untouched(file, value)
        )
    return _gives_fresh(file, value, index, depth)


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


class _Returns(Reading):
    """What a function returns; functions inside it are none of its."""

    def __init__(self) -> None:
        self.found: list[cst.BaseExpression | None] = []

    def visit_Return(self, node: cst.Return) -> None:  # noqa: N802  libcst's name
        self.found.append(node.value)

    def visit_FunctionDef(self, _node: cst.FunctionDef) -> bool:  # noqa: N802  libcst's name
        return False

    def visit_Lambda(self, _node: cst.Lambda) -> bool:  # noqa: N802  libcst's name
        return False


def is_untouched(file: SourceFile, name: cst.Name) -> bool:
    """Tell whether a function only reads the row of a name, and returns it."""
    return all(is_only_read(file, use) or _is_returned(file, use) for use in uses_of(file, name))


def _is_returned(file: SourceFile, use: cst.Name) -> bool:
    parent = file.parent(use)
    if isinstance(parent, cst.Element) and isinstance(file.parent(parent), cst.Tuple):
        parent = file.parent(file.parent(parent) or parent)
    return isinstance(parent, cst.Return)


def is_only_read(file: SourceFile, use: cst.Name) -> bool:
    """Tell whether one use of a row neither changes it nor keeps it."""
    parent = file.parent(use)
    if isinstance(parent, cst.Arg):
        call = file.parent(parent)
        if not isinstance(call, cst.Call):
            return False
        return _looks_up(call, parent) or only_reads(file, call, parent)
    if isinstance(parent, cst.Attribute) and parent.value is use:
        around = file.parent(parent)
        if isinstance(around, (cst.AssignTarget, cst.AugAssign, cst.Del)):
            return False
        if isinstance(around, cst.Call) and around.func is parent:
            return not changes_row(file, parent)
        return True
    return isinstance(parent, LOOKING_ON)


def _looks_up(call: cst.Call, argument: cst.Arg) -> bool:
    """Tell whether a row is a condition of a query: it is asked for its key."""
    name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    return (
        argument.keyword is not None
        and isinstance(name, cst.Name)
        and name.value in ("filter", "exclude", "get", "get_object_or_404", "get_list_or_404")
    )


def changes_row(file: SourceFile, method: cst.Attribute) -> bool:
    """Tell whether a method may set something of the row it is called on."""
    row = file.certain(method.value)
    model = file.graph.models.get(row[1]) if row and row[0] in "IU" else None
    name = method.attr.value
    if model is None:
        return True
    if name.startswith("get_") and name.endswith("_display"):
        return False
    member = model.members.get(name)
    if member is None:
        return True
    definition = file.definitions.get(member.name)
    itself = definition.parameters[0] if definition and definition.parameters else "self"
    return (member.name, itself) in file.written
