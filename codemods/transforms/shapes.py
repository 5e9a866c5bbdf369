"""What a chain of queryset methods asks for, read from its text alone.

Reading the same chain again after its arguments have been rewritten gives the same shape with the
conditions in the same order, so values can be taken from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.links import SUBSCRIPT, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.transforms.links import Link

ROW = ("get", "first", "last", "earliest", "latest")
TERMINALS = frozenset(
    {
        *ROW, "exists", "count", "in_bulk", "create", "update", "get_or_create", "update_or_create",
    }
)  # fmt: skip
BARE = frozenset({"first", "last", "exists", "count", "iterator", "all", "distinct"})
LOADING = frozenset({"select_related", "prefetch_related", "only", "defer"})
OPERATION = "offer it as an operation of the service"
REFUSED = {
    "annotate": ("an annotation is computed in the database", OPERATION),
    "alias": ("an annotation is computed in the database", OPERATION),
    "aggregate": ("an aggregate is computed in the database", OPERATION),
    "extra": ("extra() adds SQL", OPERATION),
    "raw": ("raw() is SQL", OPERATION),
    "union": ("querysets are combined", "make two calls and join their results"),
    "intersection": ("querysets are combined", OPERATION),
    "difference": ("querysets are combined", OPERATION),
    "select_for_update": ("it locks rows until the transaction ends", "use a saga, or an outbox"),
    "using": ("it names a database", "let the service choose its database"),
    "dates": ("it groups by a part of a date", OPERATION),
    "datetimes": ("it groups by a part of a date", OPERATION),
    "none": ("it is the empty queryset", "write an empty list"),
    "delete": ("it deletes rows", OPERATION),
    "bulk_create": ("it creates many rows at once", OPERATION),
    "bulk_update": ("it updates many rows at once", OPERATION),
    "add": ("it links rows", OPERATION),
    "set": ("it links rows", OPERATION),
    "remove": ("it unlinks rows", OPERATION),
    "clear": ("it unlinks rows", OPERATION),
}
ASYNC = frozenset(
    {
        "aget", "afirst", "alast", "aearliest", "alatest", "aexists", "acount", "ain_bulk",
        "acreate", "aupdate", "adelete", "abulk_create", "abulk_update", "aget_or_create",
        "aupdate_or_create", "aaggregate", "aiterator",
    }
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Raw:
    """One condition as written: `call` tells which filter() or exclude() it belongs to."""

    lookup: str
    value: cst.BaseExpression
    node: cst.CSTNode
    is_negated: bool
    call: int


@dataclass(eq=False)
class Shape:
    """What is asked for. `end` is the chain up to its last link that belongs to the query.

    `window` is a slice's start and stop, `index` that of one row; `terminal` is the link that runs
    the query, None when the queryset itself is the value. `loads` are the paths of
    select_related() and its like. `opening` is what stands before the last conditions, and
    `given` what the manager's own methods are given before all that.
    """

    end: cst.BaseExpression
    conditions: list[Raw] = field(default_factory=list)
    order_by: tuple[str, ...] = ()
    is_distinct: bool = False
    columns: tuple[str, ...] = ()
    is_rows: bool = False
    is_flat: bool = False
    is_mapping: bool = False
    window: tuple[cst.BaseExpression | None, cst.BaseExpression | None] | None = None
    index: cst.BaseExpression | None = None
    terminal: Link | None = None
    loads: list[str] = field(default_factory=list)
    opening: cst.BaseParenthesizableWhitespace | None = None
    given: tuple[tuple[cst.BaseExpression, ...], ...] = ()

    def add(self, link: Link) -> None:
        """Take a further link of the chain.

        Raises:
            Unsupported: it does what no operation stands for.
        """
        name = link.name
        if name == SUBSCRIPT:
            self._subscript(link)
            return
        if name in REFUSED:
            raise Unsupported(link.node, *REFUSED[name])
        if name in ASYNC:
            raise Unsupported(link.node, f"{name}() is asynchronous", "wrap it in sync_to_async")
        if link.args is None:
            reason = f"the queryset's method {name} is passed on, not called"
            raise Unsupported(link.node, reason, "call it in place")
        if self.window is not None:
            raise Unsupported(link.node, f"{name}() on a slice", "slice what the call returns")
        self._call(link, name, link.args)

    def _call(self, link: Link, name: str, args: tuple[cst.Arg, ...]) -> None:
        if name in ("filter", "exclude", "get"):
            self._conditions(name, args)
            if args and isinstance(link.node, cst.Call):
                self.opening = link.node.whitespace_before_args
        elif name in ("order_by", "earliest", "latest"):
            self.order_by = self._order(link, name, args)
        elif name == "reverse":
            self.order_by = self._reversed(link.node)
        elif name in LOADING:
            self.loads += texts(args, link.node, name)
        elif name in ("values", "values_list"):
            self._columns(link, name, args)
        elif name in BARE:
            self._no_arguments(link, args, allowed="chunk_size" if name == "iterator" else "")
            self.is_distinct = self.is_distinct or name == "distinct"
        elif name not in TERMINALS:
            reason = f"{name}() is a method of the model's own manager or queryset"
            raise Unsupported(link.node, reason, OPERATION)
        if name in TERMINALS:
            self.terminal = link

    def _order(self, link: Link, name: str, args: tuple[cst.Arg, ...]) -> tuple[str, ...]:
        if name != "order_by" and not args:
            raise Unsupported(link.node, f"{name}() by the model's own column", "name it")
        return texts(args, link.node, name) or ("pk",)

    def _conditions(self, name: str, args: tuple[cst.Arg, ...]) -> None:
        call = 1 + max((each.call for each in self.conditions), default=-1)
        found = [
            raw for arg in args for raw in conditions_of(arg, call, is_negated=name == "exclude")
        ]
        if name == "exclude" and len(found) > 1:
            reason = "exclude() with several conditions drops rows that match all of them at once"
            raise Unsupported(args[0], reason, OPERATION)
        self.conditions += found

    def _reversed(self, node: cst.CSTNode) -> tuple[str, ...]:
        if not self.order_by:
            raise Unsupported(node, "reverse() of the model's own order", "name the order")
        return tuple(path[1:] if path[0] == "-" else f"-{path}" for path in self.order_by)

    def _columns(self, link: Link, name: str, args: tuple[cst.Arg, ...]) -> None:
        flags = {arg.keyword.value: arg.value for arg in args if arg.keyword is not None}
        plain = tuple(arg for arg in args if arg.keyword is None)
        is_flat = _is_true(flags.pop("flat", None))
        if flags:
            reason = f"{name}() with {', '.join(sorted(flags))}"
            raise Unsupported(link.node, reason, "name plain columns")
        self.columns = texts(plain, link.node, name)
        if not self.columns:
            raise Unsupported(link.node, f"{name}() of every column", "name the columns read")
        self.is_rows, self.is_flat, self.is_mapping = True, is_flat, name == "values"

    def _no_arguments(self, link: Link, args: tuple[cst.Arg, ...], allowed: str = "") -> None:
        for arg in args:
            if arg.keyword is None or arg.keyword.value != allowed:
                raise Unsupported(link.node, f"{link.name}() with arguments", OPERATION)

    def _subscript(self, link: Link) -> None:
        assert link.subscript is not None  # noqa: S101  every subscript's link has it
        if self.window is not None:
            raise Unsupported(link.node, "a slice of a slice", "slice what the call returns")
        elements = link.subscript.slice
        inner = elements[0].slice if len(elements) == 1 else None
        if isinstance(inner, cst.Index):
            if inner.star or is_negative(inner.value):
                raise Unsupported(link.node, "it counts from the end", "order it the other way")
            self.index = inner.value
        elif isinstance(inner, cst.Slice) and inner.step is None:
            if is_negative(inner.lower) or is_negative(inner.upper):
                raise Unsupported(link.node, "it counts from the end", "order it the other way")
            self.window = (inner.lower, inner.upper)
        else:
            raise Unsupported(link.node, "a slice with steps", "slice what the call returns")


def read(end: cst.BaseExpression, links: Iterable[Link]) -> Shape:
    """Read the links that follow a manager or a queryset, up to the one that runs the query.

    Raises:
        Unsupported: a link does what no operation stands for.
    """
    shape = Shape(end)
    for link in links:
        if shape.terminal is not None or shape.index is not None:
            break
        shape.add(link)
        shape.end = link.node
    return shape


def texts(args: Iterable[cst.Arg], node: cst.CSTNode, name: str) -> tuple[str, ...]:
    """Return arguments that must all be plain strings."""
    found = []
    for arg in args:
        value = text(arg.value)
        if arg.keyword is not None or arg.star or value is None:
            reason = f"{name}() with something other than plain names"
            raise Unsupported(node, reason, "name plain columns, or " + OPERATION)
        found.append(value)
    return tuple(found)


def text(node: cst.BaseExpression) -> str | None:
    """Return what a plain string literal says; None for anything else."""
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def is_negative(node: cst.BaseExpression | None) -> bool:
    """Tell whether an index certainly counts from the end."""
    return isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus)


def _is_true(node: cst.BaseExpression | None) -> bool:
    if node is None:
        return False
    if isinstance(node, cst.Name) and node.value in ("True", "False"):
        return node.value == "True"
    raise Unsupported(node, "flat= is decided at run time", "write it out")


def conditions_of(arg: cst.Arg, call: int, *, is_negated: bool) -> list[Raw]:
    """Return the conditions that one argument of filter(), exclude() or get() brings."""
    if arg.star:
        reason = "the conditions are put together at run time"
        raise Unsupported(arg, reason, "name the conditions, one call per set of them")
    if arg.keyword is not None:
        return [Raw(arg.keyword.value, arg.value, arg, is_negated, call)]
    return _q(arg.value, call, is_negated=is_negated)


def _q(node: cst.BaseExpression, call: int, *, is_negated: bool) -> list[Raw]:
    """Read `Q(a=1) & ~Q(b=2)`."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitAnd):
        both = (node.left, node.right)
        return [raw for side in both for raw in _q(side, call, is_negated=is_negated)]
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        raise Unsupported(node, "conditions are joined by |", OPERATION)
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.BitInvert):
        inner = _q(node.expression, call, is_negated=True)
        if len(inner) != 1 or is_negated or inner[0].is_negated is False:
            raise Unsupported(node, "~Q of several conditions", OPERATION)
        return inner
    if isinstance(node, cst.Call) and _is_q(node.func):
        return [
            raw for each in node.args for raw in conditions_of(each, call, is_negated=is_negated)
        ]
    raise Unsupported(node, "a condition is built elsewhere", "name the condition in place")


def _is_q(node: cst.BaseExpression) -> bool:
    name = node.attr if isinstance(node, cst.Attribute) else node
    return isinstance(name, cst.Name) and name.value == "Q"
