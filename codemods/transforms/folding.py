"""Querysets that a function builds step by step in a name, folded into the one query they are.

    q = Check.objects.filter(project=project)
    q = q.order_by("name")
    for check in q: ...

is `for check in Check.objects.filter(project=project).order_by("name")`, when the name is bound in
straight sequence, and its conditions mean the same where the query runs as where they were written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import libcst as cst

from codemods.transforms.links import Unsupported, unroll
from codemods.transforms.tree import Reading

if TYPE_CHECKING:
    from codemods.transforms.source import SourceFile

IN_PLACE = "build the query in one expression, where it runs"
LOOPS = (cst.For, cst.While)


@dataclass(frozen=True, eq=False)
class Definition:
    """What a name stands for where it is used: one expression, and the statements that built it.

    `key` tells the name apart from equal ones of other functions; `loads` are all its uses.
    """

    value: cst.BaseExpression
    statements: tuple[cst.SimpleStatementLine, ...]
    key: tuple[int, str]
    loads: tuple[cst.Name, ...]


def graft(node: cst.BaseExpression, value: cst.BaseExpression) -> cst.BaseExpression:
    """Return a chain with another beginning."""
    if isinstance(node, cst.Call):
        return node.with_changes(func=graft(node.func, value))
    if isinstance(node, (cst.Attribute, cst.Subscript)):
        return node.with_changes(value=graft(node.value, value))
    return value


def is_load(file: SourceFile, name: cst.Name) -> bool:
    """Tell whether a name is read here, inside a function."""
    scope = _scope(file, name)
    return scope is not None and any(access.node is name for access in scope.accesses[name.value])


def is_built_here(file: SourceFile, node: cst.BaseExpression) -> bool:
    """Tell whether a queryset is put into a name of a function, whose uses tell what it is for."""
    value = file.certain(node)
    assign = file.parent(node)
    if value is None or value[0] not in "QV" or not isinstance(assign, (cst.Assign, cst.AnnAssign)):
        return False
    target = assign.targets[0].target if isinstance(assign, cst.Assign) else assign.target
    scope = _scope(file, target) if isinstance(target, cst.Name) else None
    return scope is not None and type(scope).__name__ == "FunctionScope"


def definition_of(file: SourceFile, use: cst.Name) -> Definition:
    """Return what a name that holds a queryset stands for at one use.

    Raises:
        Unsupported: it is bound in branches, by a loop, or from outside the function; or the
            conditions may mean something else by now.
    """
    scope = _scope(file, use)
    if scope is None or type(scope).__name__ != "FunctionScope":
        raise Unsupported(use, "the queryset is kept outside the function", IN_PLACE)
    bindings = [_binding(file, each.node, use) for each in scope.assignments[use.value]]
    bindings.sort(key=lambda each: file.span(each)[:2])
    loads = tuple(a.node for a in scope.accesses[use.value] if isinstance(a.node, cst.Name))
    chain = _chain(file, use, use, bindings)
    value = assigned(chain[0])
    for statement in chain[1:]:
        value = graft(assigned(statement), value)
    _check_still_means(file, use, chain, scope)
    return Definition(value, tuple(chain), (id(scope), use.value), loads)


def _binding(file: SourceFile, name: cst.CSTNode, use: cst.Name) -> cst.SimpleStatementLine:
    """Return the statement `name = ...` that a binding is; nothing else will do."""
    target = file.parent(name)
    assign = file.parent(target) if isinstance(target, cst.AssignTarget) else target
    line = file.parent(assign) if isinstance(assign, (cst.Assign, cst.AnnAssign)) else None
    if (
        isinstance(line, cst.SimpleStatementLine)
        and len(line.body) == 1
        and not (isinstance(assign, cst.Assign) and len(assign.targets) != 1)
        and getattr(assign, "value", None) is not None
    ):
        return line
    raise Unsupported(use, f"the queryset {use.value} is bound elsewhere", IN_PLACE)


def assigned(statement: cst.SimpleStatementLine) -> cst.BaseExpression:
    """Return what a binding statement binds."""
    assign = statement.body[0]
    assert isinstance(assign, (cst.Assign, cst.AnnAssign))  # noqa: S101  see `_binding`
    assert assign.value is not None  # noqa: S101  see `_binding`
    return assign.value


def _chain(
    file: SourceFile,
    at: cst.CSTNode,
    use: cst.Name,
    bindings: list[cst.SimpleStatementLine],
) -> list[cst.SimpleStatementLine]:
    """Return the statements that build what the name is at a place, the first one first."""
    before = [each for each in bindings if _ends_before(file, each, at)]
    if not before:
        raise Unsupported(use, f"the queryset {use.value} comes from elsewhere", IN_PLACE)
    last = before[-1]
    block = file.parent(last)
    if not _is_within(file, at, block):
        raise Unsupported(use, f"the queryset {use.value} is built in branches", IN_PLACE)
    loop = _loop_between(file, at, block)
    if loop is not None and any(_is_within(file, each, loop) for each in bindings):
        raise Unsupported(use, f"the queryset {use.value} grows in a loop", IN_PLACE)
    root, _ = unroll(assigned(last))
    if isinstance(root, cst.Name) and root.value == use.value:
        return [*_chain(file, last, use, bindings), last]
    return [last]


def _check_still_means(
    file: SourceFile, use: cst.Name, chain: list[cst.SimpleStatementLine], scope: Any
) -> None:
    """Check that conditions written earlier give the same where the query runs."""
    start, end = file.span(chain[0])[:2], file.span(use)[:2]
    loop = _loop_between(file, use, file.parent(chain[-1]))
    finder = _Parts()
    for statement in chain:
        for link in unroll(assigned(statement))[1]:
            for arg in link.args or ():
                arg.value.visit(finder)
    for name in finder.names:
        for each in scope.assignments[name] if name in scope else ():
            place = file.span(each.node)[:2]
            if start < place < end or (loop is not None and _is_within(file, each.node, loop)):
                raise Unsupported(use, f"{name} changes before the query runs", IN_PLACE)
    if finder.calls and not _is_next(file, use, chain):
        raise Unsupported(finder.calls[0], "it would be called later than it is now", IN_PLACE)
    writes = _Writes(finder.attributes)
    file.module.visit(writes)
    for node in writes.found:
        place = file.span(node)[:2]
        if start < place < end or (loop is not None and _is_within(file, node, loop)):
            raise Unsupported(use, f"{node.attr.value} changes before the query runs", IN_PLACE)


def _is_next(file: SourceFile, use: cst.Name, chain: list[cst.SimpleStatementLine]) -> bool:
    """Tell whether the query runs in the statement right after those that build it."""
    block = file.parent(chain[-1])
    statements = list(getattr(block, "body", ()))
    around: cst.CSTNode | None = use
    while around is not None and file.parent(around) is not block:
        around = file.parent(around)
    if around not in statements or _loop_between(file, use, block) is not None:
        return False
    first, last = statements.index(chain[0]), statements.index(around)
    return all(each in statements for each in chain) and last - first == len(chain)


def _loop_between(
    file: SourceFile, node: cst.CSTNode, block: cst.CSTNode | None
) -> cst.CSTNode | None:
    """Return the outermost loop inside a block that runs the place again and again."""
    found: cst.CSTNode | None = None
    inner: cst.CSTNode = node
    around = file.parent(node)
    while around is not None and around is not block:
        is_body = isinstance(around, LOOPS) and inner is not getattr(around, "iter", None)
        if is_body or isinstance(around, (cst.Lambda, cst.FunctionDef)):
            found = around
        inner, around = around, file.parent(around)
    return found


def _is_within(file: SourceFile, node: cst.CSTNode, block: cst.CSTNode | None) -> bool:
    around: cst.CSTNode | None = node
    while around is not None and around is not block:
        around = file.parent(around)
    return around is block and block is not None


def _ends_before(file: SourceFile, statement: cst.CSTNode, at: cst.CSTNode) -> bool:
    return statement is not at and file.span(statement)[2:] <= file.span(at)[:2]


def _scope(file: SourceFile, node: cst.CSTNode) -> Any:
    return file.scope(node)


class _Parts(Reading):
    """The names, attributes and calls that conditions are made of."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.calls: list[cst.CSTNode] = []

    def visit_Name(self, node: cst.Name) -> None:  # noqa: N802  libcst's name
        self.names.add(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> None:  # noqa: N802  libcst's name
        self.attributes.add(node.attr.value)

    def visit_Call(self, node: cst.Call) -> None:  # noqa: N802  libcst's name
        if not (isinstance(node.func, cst.Name) and node.func.value == "Q"):
            self.calls.append(node)


class _Writes(Reading):
    """Assignments to attributes of these names."""

    def __init__(self, names: set[str]) -> None:
        self.names = names
        self.found: list[cst.Attribute] = []

    def _target(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Attribute) and node.attr.value in self.names:
            self.found.append(node)

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:  # noqa: N802  libcst's name
        self._target(node.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:  # noqa: N802  libcst's name
        self._target(node.target)
