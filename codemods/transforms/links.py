"""A chain of attributes, calls and subscripts as its links, and what names stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from codemods.transforms.source import SourceFile

SUBSCRIPT = "[]"


class Unsupported(Exception):  # noqa: N818  a finding about the code, not a failure of ours
    """A place that is left as it is: why, and what a person can do instead."""

    def __init__(self, node: cst.CSTNode, reason: str, suggestion: str) -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason
        self.suggestion = suggestion


@dataclass(frozen=True, eq=False)
class Link:
    """One step of a chain: `node` is the chain up to and with it.

    `args` is None when the attribute is read and not called.
    """

    node: cst.BaseExpression
    name: str
    args: tuple[cst.Arg, ...] | None = None
    subscript: cst.Subscript | None = None


def unroll(node: cst.BaseExpression) -> tuple[cst.BaseExpression, tuple[Link, ...]]:
    """Return where a chain begins, and its links in the order they are read."""
    links: list[Link] = []
    while True:
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            links.append(Link(node, node.func.attr.value, tuple(node.args)))
            node = node.func.value
        elif isinstance(node, cst.Attribute):
            links.append(Link(node, node.attr.value))
            node = node.value
        elif isinstance(node, cst.Subscript):
            links.append(Link(node, SUBSCRIPT, subscript=node))
            node = node.value
        else:
            return node, tuple(reversed(links))


def continues(parent: cst.CSTNode | None, node: cst.CSTNode) -> bool:
    """Tell whether the node around a chain is a further link of it."""
    if isinstance(parent, (cst.Attribute, cst.Subscript)):
        return parent.value is node
    return isinstance(parent, cst.Call) and parent.func is node


def qualified(file: SourceFile, node: cst.CSTNode) -> frozenset[str]:
    """Return the dotted names that an expression may stand for by the file's imports."""
    return file.tree.names(node)


def called(file: SourceFile, node: cst.CSTNode) -> str:
    """Return the one dotted name a call's function has; "" when it is none, or several."""
    names = qualified(file, node.func) if isinstance(node, cst.Call) else frozenset()
    return next(iter(names)) if len(names) == 1 else ""


def is_builtin(file: SourceFile, node: cst.CSTNode, *names: str) -> bool:
    """Tell whether a node calls one of these builtins with one positional argument."""
    if not isinstance(node, cst.Call) or len(node.args) != 1:
        return False
    argument = node.args[0]
    if argument.keyword is not None or argument.star:
        return False
    return called(file, node) in {f"builtins.{name}" for name in names}


def imports_behind(file: SourceFile, node: cst.BaseExpression) -> tuple[tuple[str, str], ...]:
    """Return the imports that the chain's first name comes from, as (module, name)."""
    root, _ = unroll(node)
    found = (name.rpartition(".") for name in qualified(file, root))
    return tuple(sorted((module, last) for module, _, last in found if module != "builtins"))
