"""What it costs to read a method, a property or the text of a row: told from its source, by ast.

Cheap is what reads the row's own columns, constants and pure functions; all else may run a query
or do anything, so it stays with the owner and is asked for. A library's code is not read: a few
of Django's own members are known, any other is taken for costly.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.contract.types import TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from codemods.project.graph import Graph, Model

Function = ast.FunctionDef | ast.AsyncFunctionDef

_AUTH = "django.contrib.auth.base_user:AbstractBaseUser."
_AUTH_USER = "django.contrib.auth.models:AbstractUser."
KNOWN_CHEAP = {
    f"{_AUTH}get_username": "str",
    f"{_AUTH}is_anonymous": "bool",
    f"{_AUTH}is_authenticated": "bool",
    f"{_AUTH}natural_key": "any",
    f"{_AUTH_USER}get_full_name": "str",
    f"{_AUTH_USER}get_short_name": "str",
}
WRITES = frozenset(
    {
        "add", "asave", "adelete", "bulk_create", "bulk_update", "clear", "create", "delay",
        "delete", "get_or_create", "remove", "save", "send", "send_mail", "set", "update",
        "update_or_create",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading a member takes. `loads` are the relations it walks, as lookups.

    `needs` is how many arguments a method cannot do without; `type` is what it returns, as far as
    an annotation tells. It `may_fail` where a row's columns are not as its code takes for granted.
    """

    is_pure: bool
    is_method: bool
    needs: int = 0
    is_write: bool = False
    type: str = "any"
    is_nullable: bool = False
    may_fail: bool = False
    loads: tuple[str, ...] = ()

    @property
    def is_cheap(self) -> bool:
        """Tell whether the row alone answers."""
        return self.is_pure and not self.loads and not self.needs


@dataclass(eq=False)
class Sources:
    """The project's modules as trees, each parsed once; a file that does not parse is None."""

    root: Path
    _trees: dict[str, ast.Module | None] = field(default_factory=dict)

    def tree(self, path: str) -> ast.Module | None:
        """Return the tree of a file under the root."""
        if path not in self._trees:
            try:
                self._trees[path] = ast.parse((self.root / path).read_bytes())
            except (OSError, SyntaxError, ValueError):
                self._trees[path] = None
        return self._trees[path]

    def function(self, path: str, line: int, name: str) -> Function | None:
        """Return the function of a name that begins, with its decorators, at a line."""
        for node in ast.walk(self.tree(path) or ast.Module([], [])):
            if isinstance(node, Function) and node.name == name:
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                if first <= line <= node.lineno:
                    return node
        return None

    def class_body(self, path: str, qualname: str) -> list[ast.stmt]:
        """Return what stands in a class of a file."""
        tree = self.tree(path)
        body = tree.body if tree else []
        for part in qualname.split("."):
            body = next(
                (
                    each.body
                    for each in body
                    if isinstance(each, ast.ClassDef) and each.name == part
                ),
                [],
            )
        return body


def cost_of(graph: Graph, sources: Sources, label: str, name: str) -> Cost | None:
    """Return what it takes to read a member of a model; None when it has none of that name."""
    from codemods.contract.purity import Reading

    model = graph.models[label]
    if member := model.members.get(name):
        function = (
            sources.function(member.path, member.line, _bare(member.name)) if member.path else None
        )
        is_method = member.kind == "method"
        if function is None:
            return Cost(is_pure=False, is_method=is_method, is_write=is_method)
        reading = Reading(graph, sources, label, member.path or "")
        is_pure = reading.is_pure(function)
        type_, is_nullable = returned(function)
        return Cost(
            is_pure=is_pure,
            is_method=is_method,
            needs=_needs(function) if is_method else 0,
            is_write=is_method and not is_pure and _writes(function),
            type=type_,
            is_nullable=is_nullable,
            may_fail=reading.may_fail,
            loads=tuple(sorted(reading.loads)),
        )
    if found := model.library_members.get(name):
        type_ = KNOWN_CHEAP.get(found.name, "")
        is_method = found.kind == "method"
        return Cost(bool(type_), is_method, found.needs, type=type_ or "any")
    if name.startswith("get_") and name.endswith("_display") and name[4:-8] in model.fields:
        return Cost(is_pure=True, is_method=True, type="str")
    return None


def cost_of_text(graph: Graph, sources: Sources, label: str) -> Cost:
    """Return what `str()` of a row takes."""
    from codemods.contract.purity import Reading

    found = find_in_classes(graph, sources, graph.models[label], "__str__")
    if found is None:
        return Cost(is_pure=True, is_method=True, type="str")
    function, path = found
    reading = Reading(graph, sources, label, path)
    is_pure = reading.is_pure(function)
    return Cost(
        is_pure,
        is_method=True,
        type="str",
        may_fail=reading.may_fail or not is_pure,
        loads=tuple(sorted(reading.loads)),
    )


def find_in_classes(
    graph: Graph, sources: Sources, model: Model, name: str
) -> tuple[Function, str] | None:
    """Return a method of the project's own among a model's classes, and the file it is in."""
    for each in (model.name, *model.bases):
        module, _, qualname = each.partition(":")
        if found := graph.modules.get(module):
            for statement in sources.class_body(found.path, qualname):
                if isinstance(statement, Function) and statement.name == name:
                    return statement, found.path
    return None


def returned(function: Function) -> tuple[str, bool]:
    """Return the type that a function's annotation names, and whether it may be None."""
    return annotated(function.returns)


def annotated(node: ast.expr | None) -> tuple[str, bool]:
    """Return the type that an annotation names, and whether it may be None; "any" for others."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return "any", False
    is_nullable = False
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [side for side in (node.left, node.right) if ast.unparse(side) != "None"]
        node, is_nullable = sides[0], len(sides) == 1
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("Optional"):
        node, is_nullable = node.slice, True
    name = ast.unparse(node).rpartition(".")[2] if node is not None else ""
    return (name, is_nullable) if name in TYPES and name != "any" else ("any", False)


def _bare(name: str) -> str:
    return name.rpartition(".")[2].rpartition(":")[2]


def _needs(function: Function) -> int:
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults) - 1
    return max(positional, 0) + sum(default is None for default in arguments.kw_defaults)


def _writes(function: Function) -> bool:
    return any(
        isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr in WRITES)
            or (isinstance(node.func, ast.Name) and node.func.id in WRITES)
        )
        for node in ast.walk(function)
    )
