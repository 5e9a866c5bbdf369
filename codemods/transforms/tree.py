"""A libcst tree, read without changing it: what is inside a node, and what libcst tells of each.

libcst's own `visit` and `children` make every node that they come by anew, and each of its metadata
providers visits a tree twice so. Here nothing is made: the fields of a node are read in the order
in which libcst visits them, which is asked once of each class. The answers are those of libcst's
providers; scopes are worked out by its own visitor.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import libcst as cst
from libcst.metadata import ExpressionContext, ExpressionContextProvider, ScopeProvider
from libcst.metadata.expression_context_provider import ExpressionContextVisitor
from libcst.metadata.scope_provider import ScopeVisitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Span = tuple[int, int, int, int]
NO_NODES = frozenset({type(None), str, bool, cst.MaybeSentinel})
LAYOUT = frozenset(
    {
        cst.SimpleWhitespace, cst.ParenthesizedWhitespace, cst.TrailingWhitespace, cst.EmptyLine,
        cst.Newline, cst.Comment,
    }
)  # fmt: skip
_FIELDS: dict[type[cst.CSTNode], tuple[str, ...]] = {}


class Reading(cst.CSTVisitor):
    """A visitor that changes nothing, and so sees the tree itself; it is given no attributes.

    Layout is left out when `sees_layout` is False.
    """

    sees_layout = True

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Visit what is inside here, so that libcst does not."""
        if super().on_visit(node):
            for child in children(node):
                if self.sees_layout or type(child) not in LAYOUT:
                    self.on_visit(child)
                    self.on_leave(child)
        return False


class _Order(cst.CSTVisitor):
    """Takes note of the order in which libcst visits the fields of one node."""

    def __init__(self, node: cst.CSTNode) -> None:
        super().__init__()
        self._node = node
        self.names: list[str] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node is self._node

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:  # noqa: ARG002
        self.names.append(attribute)


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the nodes right inside a node, in the order of the source; as `node.children`."""
    names = _FIELDS.get(type(node))
    if names is None:
        names = _FIELDS[type(node)] = _fields(node)
    found: list[cst.CSTNode] = []
    for name in names:
        value = getattr(node, name)
        kind = type(value)
        if kind is list or kind is tuple:
            found += value
        elif kind not in NO_NODES:
            found.append(value)
    return found


def _fields(node: cst.CSTNode) -> tuple[str, ...]:
    """Return the fields of a class of nodes that may hold nodes; one may be unset in this node."""
    order = _Order(node)
    node.visit(order)
    others = (each.name for each in fields(node) if each.type not in (str, bool))
    return tuple(dict.fromkeys([*order.names, *others]))


def within(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Give a node and all that is inside it, each before what is inside it."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += reversed(children(each))


def named(node: cst.CSTNode) -> Iterator[tuple[str, cst.BaseExpression]]:
    """Give what is assigned to one name, anywhere inside a node: the name, and the value."""
    for each in within(node):
        if type(each) is cst.Assign and len(each.targets) == 1:  # quicker than isinstance
            target = each.targets[0].target
            if isinstance(target, cst.Name):
                yield target.value, each.value


def is_name(node: cst.CSTNode | None, *values: str) -> bool:
    """Tell a name: one of `values`, or any when there are none. libcst's matchers load slowly."""
    return isinstance(node, cst.Name) and (not values or node.value in values)


def method_of(node: cst.CSTNode | None, name: str) -> cst.Attribute | None:
    """Return what a call of a method called so calls; None for anything else."""
    func = node.func if isinstance(node, cst.Call) else None
    return func if isinstance(func, cst.Attribute) and func.attr.value == name else None


class Tree:
    """A module and what is told of its nodes, each worked out when it is asked for first.

    Nodes that are no part of the module have no parent, scope or span.
    """

    def __init__(self, module: cst.Module) -> None:
        self.module = module

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node around this one; None at the top."""
        return self._parents.get(id(node))

    def span(self, node: cst.CSTNode) -> Span:
        """Return where a node stands, without its own parentheses.

        Raises:
            KeyError: the node is none of this module.
        """
        return self._spans[id(node)]

    def scope(self, node: cst.CSTNode) -> Any:
        """Return the scope that a node is in; None for one of another tree, and for layout."""
        return self._scopes.get(node)

    def scopes(self) -> set[Any]:
        """Return every scope."""
        return set(self._scopes.values())

    def names(self, node: cst.CSTNode) -> frozenset[str]:
        """Return the dotted names that an expression may stand for by the file's imports."""
        found = self._names.get(id(node))
        if found is None:
            scope = self.scope(node)
            known = scope.get_qualified_names_for(node) if scope is not None else ()
            found = frozenset(name.name for name in known)
            if scope is not None:
                self._names[id(node)] = found
        return found

    def nodes(self) -> Iterator[cst.CSTNode]:
        """Give all nodes but the module, those right inside a node together, inner ones first."""
        return iter(self._inner_first)

    @cached_property
    def _names(self) -> dict[int, frozenset[str]]:
        return {}

    @cached_property
    def _parents(self) -> dict[int, cst.CSTNode]:
        return {id(child): node for node, inside in self._inside for child in inside}

    @cached_property
    def _inner_first(self) -> list[cst.CSTNode]:
        return list({id(child): child for _, inside in self._inside for child in inside}.values())

    @cached_property
    def _inside(self) -> list[tuple[cst.CSTNode, list[cst.CSTNode]]]:
        """Each node with those right inside it; a node comes after what is inside it."""
        found: list[tuple[cst.CSTNode, list[cst.CSTNode]]] = []
        waiting: list[cst.CSTNode] = [self.module]
        while waiting:  # each before what is inside it, last ones first: the other way round below
            node = waiting.pop()
            inside = children(node)
            if inside:
                found.append((node, inside))
                waiting += inside
        return found[::-1]

    @cached_property
    def _spans(self) -> Mapping[int, Span]:
        state = _Positions(self.module.default_indent, self.module.default_newline)
        self.module._codegen(state)  # type: ignore[arg-type]  # noqa: SLF001  as PositionProvider
        return state.spans

    @cached_property
    def _scopes(self) -> Mapping[cst.CSTNode, Any]:
        contexts = ExpressionContextProvider()
        self.module.visit(_Contexts(contexts, ExpressionContext.LOAD))
        provider = ScopeProvider()
        provider.metadata = {ExpressionContextProvider: contexts._computed}  # noqa: SLF001
        visitor = _Scopes(provider)
        self.module.visit(visitor)
        visitor.infer_accesses()
        return {n: s for n, s in provider._computed.items() if s is not None}  # noqa: SLF001


class _Contexts(Reading, ExpressionContextVisitor):
    sees_layout = False


class _Scopes(Reading, ScopeVisitor):
    sees_layout = False


class _Positions:
    """What a node writes itself into, as libcst's PositionProvider has it, but that keeps no text.

    The first position that a node gets is the one without its whitespace, if it tells one.
    """

    def __init__(self, default_indent: str, default_newline: str) -> None:
        self.default_indent = default_indent
        self.default_newline = default_newline
        self.indent_tokens: list[str] = []
        self.tokens: list[str] = []
        self.spans: dict[int, Span] = {}
        self.at = (1, 0)
        self._starts: list[tuple[int, int]] = []

    def increase_indent(self, value: str) -> None:
        self.indent_tokens.append(value)

    def decrease_indent(self) -> None:
        self.indent_tokens.pop()

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        line, column = self.at
        if "\n" not in value and "\r" not in value:
            self.at = (line, column + len(value))
        else:
            lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self.at = (line + len(lines) - 1, len(lines[-1]))

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.tokens.pop()

    def before_codegen(self, _node: cst.CSTNode) -> None:
        self._starts.append(self.at)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._starts.pop()
        if id(node) not in self.spans:
            self.spans[id(node)] = (*start, *self.at)

    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> _Recording:
        return _Recording(self, node, start_node, end_node)


class _Recording:
    """Records where a node stands once it is written."""

    __slots__ = ("_end", "_node", "_start", "_started", "_state")

    def __init__(
        self,
        state: _Positions,
        node: cst.CSTNode,
        start: cst.CSTNode | None,
        end: cst.CSTNode | None,
    ) -> None:
        self._state, self._node, self._start, self._end = state, node, start, end

    def __enter__(self) -> None:
        self._started = self._state.at

    def __exit__(self, *_: object) -> None:
        spans = self._state.spans
        start = self._started if self._start is None else spans[id(self._start)][:2]
        end = self._state.at if self._end is None else spans[id(self._end)][2:]
        spans[id(self._node)] = (*start, *end)
