"""A query on a model of the service: where its chain begins, and what it asks for.

`Model.objects...`, a manager of one row's related rows (`user.addresses...`), a manager that the
model names itself, and the queryset or model that `get_object_or_404` is given.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract import types
from codemods.contract.operations import Parameter
from codemods.transforms import scopes, shapes
from codemods.transforms.conditions import Condition, conditions, walk
from codemods.transforms.handing import COLUMN, KEY, key_column, may_be_none
from codemods.transforms.links import Link, Unsupported, unroll
from codemods.transforms.tree import Reading

if TYPE_CHECKING:
    from codemods.crossings.values import Value
    from codemods.project.graph import Model
    from codemods.transforms.scopes import Own
    from codemods.transforms.shapes import Shape
    from codemods.transforms.source import SourceFile

PLAIN_MANAGERS = frozenset(
    {
        "django.db.models.manager:Manager", "django.db.models.manager:BaseManager",
        "django.contrib.auth.models:UserManager", "django.contrib.auth.base_user:BaseUserManager",
    }
)  # fmt: skip
AT_ONCE = "ask for all of them at once, by the rows' ids, instead of the prefetch"
EXACT_ONLY = "name the model's manager here, and build the query in place"


_PREFETCHED: weakref.WeakKeyDictionary[SourceFile, frozenset[str]] = weakref.WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Begin:
    """Where a chain begins: at `node`, on `label`, by `manager` ("" for every row).

    Its own links come after `skip` others.
    `owner` is the row whose related rows are asked for, None for a model's own manager; `lookup`
    then leads from the rows to it.
    """

    node: cst.BaseExpression
    label: str
    skip: int
    manager: str = ""
    owner: cst.BaseExpression | None = None
    lookup: str = ""
    variable: cst.Name | None = None


@dataclass(frozen=True, eq=False)
class Chain:
    """A query, of `length` links. The condition of an owner is the first of `conditions`.

    `owned` are the methods of the manager's own that it begins with.
    """

    begin: Begin
    shape: Shape
    conditions: tuple[Condition, ...]
    length: int
    owned: tuple[Own, ...] = ()

    @property
    def label(self) -> str:
        """Return the model asked for."""
        return self.begin.label

    @property
    def is_asked(self) -> bool:
        """Tell whether a method of the manager's own gives the row."""
        return bool(self.owned) and not self.owned[-1].gives_rows


def begin_of(
    file: SourceFile, top: cst.BaseExpression, *, after: int = 0, known: int | None = None
) -> Begin | None:
    """Find where a chain on a model of the service begins; None when it is no such chain.

    It is looked for `after` so many links, and only the first `known` ones stand in the file.

    Raises:
        Unsupported: it is one, but by a manager or a relation that no operation stands for.
    """
    root, links = unroll(top)
    before: cst.BaseExpression = root
    written = links if known is None else links[:known]
    for skip, node in enumerate((root, *(link.node for link in written))):
        value = file.certain(node) if skip >= after else None
        if value is not None and value[0] in "MGRQV" and file.is_served(value[1]):
            return _begin(file, value, node, before, links[skip:], skip)
        before = node
    return None


def _begin(
    file: SourceFile,
    value: Value,
    node: cst.BaseExpression,
    before: cst.BaseExpression,
    links: tuple[Link, ...],
    skip: int,
) -> Begin | None:
    shape, label = value[0], value[1]
    model = file.graph.models[label]
    if shape == "M":
        name = links[0].name if links[1:] and links[0].args is None else ""
        if name not in (*model.managers, "_default_manager", "_base_manager"):
            return None
        return Begin(node, label, skip + 1, manager_of(file, model, name))
    if not links and shape in "GR":
        return None
    if shape == "R":
        is_at_hand = travels(file, value, before, links)
        return None if is_at_hand else _related(file, value, node, before, skip)
    if shape in "QV" and isinstance(node, cst.Name):
        return Begin(node, label, skip, variable=node)
    if links and links[0].name in ("all", "filter", "get", "exclude", *shapes.TERMINALS):
        what = "a queryset" if shape in "QV" else "a manager"
        reason = f"{what} that was built elsewhere: {file.code(node)}"
        raise Unsupported(node, reason, EXACT_ONLY)
    return None


def _related(
    file: SourceFile, value: Value, node: cst.BaseExpression, owner: cst.BaseExpression, skip: int
) -> Begin:
    _, label, owner_label, name = value
    if not isinstance(node, cst.Attribute):
        raise Unsupported(node, "a manager of related rows was kept in a name", EXACT_ONLY)
    if may_be_none(file, owner):
        reason = f"{file.code(owner)} may be None"
        raise Unsupported(node, reason, "make sure that it is not, with an early return")
    lookup = lookup_to_owner(file, label, owner_label, name)
    if not lookup:
        reason = f"the relation {owner_label}.{name} has no name on the other side"
        raise Unsupported(node, reason, "give it a related_name")
    if not file.is_served(owner_label) and is_loaded_ahead(file, name):
        raise Unsupported(node, f"{name} may have been loaded ahead, all or some of it", AT_ONCE)
    model = file.graph.models[label]
    manager = manager_of(file, model, model.default_manager or "")
    return Begin(node, label, skip, manager, owner=owner, lookup=lookup)


def travels(
    file: SourceFile, value: Value, owner: cst.BaseExpression, links: tuple[Link, ...]
) -> bool:
    """Tell whether related rows are at hand: they travel with what a diverted relation gives."""
    _, _, label, name = value
    field = key_column(file, owner)
    holder = file.certain(owner.value) if field and isinstance(owner, cst.Attribute) else None
    if field is None or holder is None or file.relations.get((holder[1], field.name)) != "":
        return False
    model = file.graph.models[label]
    ends = (model.fields.get(name), model.accessors.get(name))
    is_carried = any(end.carried for end in ends if end is not None)
    return is_carried and [link.name for link in links] in (["all"], ["count"], ["exists"])


def is_loaded_ahead(file: SourceFile, name: str) -> bool:
    """Tell whether a prefetch in this file names a relation: its rows are in memory by then."""
    if file not in _PREFETCHED:
        finder = _Prefetches()
        file.module.visit(finder)
        _PREFETCHED[file] = frozenset(finder.found)
    return name in _PREFETCHED[file]


class _Prefetches(Reading):
    """The relations that `prefetch_related("a__b")` and `Prefetch("a")` name."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_Call(self, node: cst.Call) -> None:  # noqa: N802  libcst's name
        func = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
        if isinstance(func, cst.Name) and func.value in ("prefetch_related", "Prefetch"):
            for argument in node.args:
                self.found.update((shapes.text(argument.value) or "").split("__"))


def lookup_to_owner(file: SourceFile, label: str, owner: str, name: str) -> str:
    """Return how rows of `label` look up the row whose `name` gives them; "" when they cannot."""
    model = file.graph.models[owner]
    if (reverse := model.accessors.get(name)) is not None:
        return reverse.field
    field = model.fields.get(name)
    if field is None or field.generic:
        return ""
    return next(
        (
            reverse.query_name
            for reverse in file.graph.models[label].query_names.values()
            if reverse.model == owner and reverse.field == name and reverse.accessor
        ),
        "",
    )


def manager_of(file: SourceFile, model: Model, name: str) -> str:
    """Return the manager to name to the service: "" for one that hides no rows."""
    if name == "_base_manager":
        return ""
    name = model.default_manager or "" if name == "_default_manager" else name
    manager = model.managers.get(name)
    if manager is None or manager.cls in PLAIN_MANAGERS:
        return ""
    for base in manager.bases:
        if base in PLAIN_MANAGERS:
            return ""
        known = file.graph.classes.get(base)
        if known is None or "get_queryset" in known.names:
            return name
    return ""


def owner_condition(file: SourceFile, begin: Begin) -> Condition | None:
    """Return the condition that a related manager adds; None for a model's own manager."""
    if begin.owner is None:
        return None
    target = walk(file, begin.label, begin.lookup, begin.owner)
    type_, _ = types.type_of_lookup(file.graph, begin.label, target.lookup) or ("any", False)
    parameter = Parameter("", target.lookup, type_, nullable=target.nullable)
    field = key_column(file, begin.owner)
    hand = COLUMN if field is not None and not field.null else KEY
    return Condition(parameter, hand, is_negated=False, call=0, is_multiple=target.is_multiple)


def chain_of(
    file: SourceFile, begin: Begin, end: cst.BaseExpression, links: tuple[Link, ...]
) -> Chain:
    """Read a chain's links into the query they ask.

    Raises:
        Unsupported: no operation stands for it.
    """
    owned: tuple[Own, ...] = ()
    if begin.owner is None and begin.variable is None:
        manager = scopes.manager_name(file, begin.label, end, begin.skip)
        if owned := scopes.own_calls(file, begin.label, manager, links):
            begin = replace(begin, manager=manager)
    shape = _shape(owned, end, links)
    check_paths(file, begin.label, shape)
    length = next((n for n, link in enumerate(links, 1) if link.node is shape.end), 0)
    own = owner_condition(file, begin)
    found = conditions(file, begin.label, shape.conditions)
    if own is None:
        return Chain(begin, shape, found, length, owned)
    for condition in found:
        if condition.parameter.lookup == own.parameter.lookup and not condition.is_negated:
            raise Unsupported(end, "its relation is a condition too", shapes.OPERATION)
        if own.is_multiple and condition.is_multiple:
            reason = "several conditions on rows of a relation with many"
            raise Unsupported(end, reason, shapes.OPERATION)
    return Chain(begin, shape, (own, *found), length)


def _shape(owned: tuple[Own, ...], end: cst.BaseExpression, links: tuple[Link, ...]) -> Shape:
    """Read the links of a chain, of which the first are methods of the manager's own."""
    if not owned:
        return shapes.read(end, links)
    last = links[len(owned) - 1].node
    is_row = not owned[-1].gives_rows
    shape = shapes.read(last, () if is_row else links[len(owned) :])
    shape.given = tuple(own.values(link.node) for own, link in zip(owned, links, strict=False))
    return shape


def check_paths(file: SourceFile, label: str, shape: Shape) -> None:
    """Check that the order and the columns of a query stay inside the service."""
    for path in shape.order_by:
        if path != "?":
            walk(file, label, path.lstrip("-"), shape.end)
    for path in shape.columns:
        walk(file, label, path, shape.end)


def reread(chain: Chain, node: cst.BaseExpression) -> tuple[Shape, tuple[cst.BaseExpression, ...]]:
    """Return the shape of a chain whose inside may be rewritten, and its conditions' values."""
    _, links = unroll(node)
    first = len(links) - chain.length
    shape = _shape(chain.owned, node, links[first:])
    values = tuple(raw.value for raw in shape.conditions)
    if chain.begin.owner is None:
        return shape, values
    related = links[first - 1].node
    assert isinstance(related, cst.Attribute)  # noqa: S101  checked where the chain began
    return shape, (related.value, *values)
