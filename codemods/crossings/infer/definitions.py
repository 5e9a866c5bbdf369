"""List the functions and classes a file defines, by "module:Qualname"."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.facts import Definition

if TYPE_CHECKING:
    from collections.abc import Iterator

NESTING = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While, ast.ExceptHandler)
BODIES = ("body", "handlers", "orelse", "finalbody", "cases")
Function = ast.FunctionDef | ast.AsyncFunctionDef

DATACLASSES = frozenset({"dataclass", "define", "frozen", "mutable"})


def definitions(tree: ast.Module, module: str, path: str) -> dict[str, Definition]:
    """Return what a module defines, nested functions and classes included."""
    found: dict[str, Definition] = {}
    _collect(tree, module, "", path, found, in_class=False)
    return found


def _collect(
    node: ast.AST,
    module: str,
    prefix: str,
    path: str,
    found: dict[str, Definition],
    *,
    in_class: bool,
) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            name = f"{module}:{prefix}{child.name}"
            kind = _kind(child) if in_class else "function"
            arguments = child.args
            new = Definition(
                kind,
                path,
                tuple(
                    a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
                ),
                is_task=any(_is_task(d) for d in child.decorator_list),
                module=module,
            )
            kept = found.get(name)
            if kept is None or kept.kind != "property":  # a property's setter keeps it a property
                found[name] = new
            _collect(child, module, f"{prefix}{child.name}.<locals>.", path, found, in_class=False)
        elif isinstance(child, ast.ClassDef):
            name = f"{module}:{prefix}{child.name}"
            bases = tuple(ast.unparse(base) for base in child.bases)
            found[name] = Definition("class", path, _fields(child), bases=bases, module=module)
            _collect(child, module, f"{prefix}{child.name}.", path, found, in_class=True)
        elif isinstance(child, NESTING):
            _collect(child, module, prefix, path, found, in_class=in_class)


def statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Give every statement, handler and case of a module, also inside others; quicker than a walk.

    Each comes after the one it is in.
    """
    waiting: list[ast.AST] = [tree]
    while waiting:
        around = waiting.pop()
        for name in BODIES:
            inside = getattr(around, name, ())
            yield from inside
            waiting += inside


def decorator_name(decorator: ast.expr) -> str:
    """Return the last name of a decorator: "receiver" of `@dispatch.receiver(signal)`."""
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    if isinstance(decorator, ast.Attribute):
        return decorator.attr
    return decorator.id if isinstance(decorator, ast.Name) else ""


def _fields(node: ast.ClassDef) -> tuple[str, ...]:
    """Return the fields of a dataclass, in the order in which its `__init__` takes them."""
    names = {decorator_name(each) for each in node.decorator_list}
    is_tuple = any(isinstance(base, ast.Name) and base.id == "NamedTuple" for base in node.bases)
    if not is_tuple and (node.bases or not names & DATACLASSES):
        return ()
    return tuple(
        statement.target.id
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        if "ClassVar" not in ast.unparse(statement.annotation)
    )


def _kind(node: Function) -> str:
    names = {decorator_name(decorator) for decorator in node.decorator_list}
    if names & {"property", "cached_property", "setter", "getter"}:
        return "property"
    if "staticmethod" in names:
        return "static"
    return "classmethod" if "classmethod" in names else "method"


def _is_task(decorator: ast.expr) -> bool:
    return decorator_name(decorator) in (
        "task",
        "shared_task",
        "periodic_task",
        "db_task",
        "job",
        "actor",
    )
