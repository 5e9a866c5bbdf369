"""One file as transforms see it: the libcst tree, and what each expression of it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

import libcst as cst

from codemods.crossings.values import UNKNOWN, Type, Value
from codemods.transforms.tree import Span, Tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codemods.contract.functions import Functions
    from codemods.crossings.crossing import Crossing
    from codemods.crossings.facts import Definition
    from codemods.crossings.reads import Read
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

Node = TypeVar("Node", bound=cst.CSTNode)


@dataclass(eq=False)
class SourceFile:
    """A file of another context than the service that leaves.

    `types` maps the span of an expression (line from 1, column from 0 in characters, and the
    exclusive end) to its inferred type. `crossings` are the file's crossings into the service.
    `client` is what the client module is called in this file. `relations` maps each relation, as
    (model label, field name), that leads from outside the service to one of its models to why it
    cannot be diverted; "" when it is, or will be, diverted. The types of `guessed` come from a name
    alone. `written` and `escaping` are the (function, parameter) pairs of the whole project whose
    argument is changed, or handed on to where nobody can follow it; `definitions` are its
    functions and classes by "module:Qualname", and `reads` what its code reads of instances.
    `chosen` are the names of the transforms that are asked for; None for all. `trusted` are the
    places of queries whose values the project's code was seen to use as values can be used, as
    `origin` names them; None while that is still to be seen of all. `distrusted` says of others
    where they are used otherwise. `constants` are the (label, name) of constants that a value class
    can have. `functions` reads the service's own; `spanning` are the (path, function) that may run
    in a transaction which writes the service and others.
    """

    path: str
    text: str
    context: str
    service: str
    graph: Graph
    contexts: Contexts
    types: Mapping[Span, Type]
    crossings: tuple[Crossing, ...]
    client_module: str
    client: str
    relations: Mapping[tuple[str, str], str] = field(default_factory=dict)
    guessed: frozenset[Span] = frozenset()
    written: frozenset[tuple[str, str]] = frozenset()
    escaping: frozenset[tuple[str, str]] = frozenset()
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    reads: frozenset[Read] = frozenset()
    chosen: frozenset[str] | None = None
    trusted: frozenset[str] | None = frozenset()
    distrusted: Mapping[str, str] = field(default_factory=dict)
    constants: frozenset[tuple[str, str]] = frozenset()
    functions: Functions | None = None
    spanning: frozenset[tuple[str, str]] = frozenset()
    tree: Tree = field(init=False)

    def __post_init__(self) -> None:
        self.tree = Tree(cst.parse_module(self.text))

    @property
    def module(self) -> cst.Module:
        """Return the tree that changes point into."""
        return self.tree.module

    def span(self, node: cst.CSTNode) -> Span:
        """Return where a node stands, without its own parentheses."""
        return self.tree.span(node)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node around this one; None at the top."""
        return self.tree.parent(node)

    def scope(self, node: cst.CSTNode) -> Any:
        """Return libcst's scope that a node is in; None for a node of another tree."""
        return self.tree.scope(node)

    @cached_property
    def _by_kind(self) -> dict[type[cst.CSTNode], list[cst.CSTNode]]:
        found: dict[type[cst.CSTNode], list[cst.CSTNode]] = {}
        for node in self.tree.nodes():
            found.setdefault(type(node), []).append(node)
        return found

    def find(self, kind: type[Node]) -> list[Node]:
        """Return the nodes of exactly one kind, inner ones first; far quicker than a matcher."""
        return cast("list[Node]", self._by_kind.get(kind, []))

    def is_within(self, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
        """Tell whether a node is part of another, or the same."""
        around: cst.CSTNode | None = node
        while around is not None and around is not outer:
            around = self.tree.parent(around)
        return around is outer

    def type_of(self, node: cst.CSTNode) -> Type:
        """Return what an expression is; unknown when nothing was inferred."""
        return self.types.get(self.span(node), UNKNOWN)

    @property
    def client_import(self) -> tuple[str, str]:
        """Return the (module, name) pair that imports the client module."""
        module, _, name = self.client_module.rpartition(".")
        return (module, name)

    def origin(self, node: cst.CSTNode) -> str:
        """Return what the place of a query is called."""
        line, column = self.span(node)[:2]
        return f"{self.path}:{line}:{column}"

    def trusts(self, node: cst.CSTNode) -> bool:
        """Tell whether what a query gives may be a value although its uses here do not show it."""
        return self.trusted is None or self.origin(node) in self.trusted

    def certain(self, node: cst.CSTNode) -> Value | None:
        """Return the one thing an expression is; None when that is open, or only a guess."""
        span = self.span(node)
        type_ = self.types.get(span, UNKNOWN)
        return next(iter(type_)) if len(type_) == 1 and span not in self.guessed else None

    def is_served(self, label: str) -> bool:
        """Tell whether a model belongs to the service that leaves."""
        return self.contexts.of_label(label) == self.service

    def crossings_in(self, node: cst.CSTNode) -> tuple[Crossing, ...]:
        """Return the crossings into the service that begin inside a node."""
        line, column, end_line, end_column = self.span(node)
        return tuple(
            crossing
            for crossing in self.crossings
            if (line, column) <= (crossing.line, crossing.column - 1) < (end_line, end_column)
        )

    def code(self, node: cst.CSTNode) -> str:
        """Return a node's source text."""
        return self.module.code_for_node(node)
