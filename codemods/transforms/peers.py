"""Reads of a row's one peer in the service, `order.payment`, as the query that they are.

The relation is the service's own, so there is nothing here to divert: each read becomes a call that
gets the peer by the row's key. Only where it is read once: a loop, or a method that is called for
each row of a page, would ask as often as there are rows. A function that reads it twice gets one
instance twice, from the row's cache; two calls might come before and after a write between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.chains import Begin, Chain, owner_condition
from codemods.transforms.links import Unsupported
from codemods.transforms.shapes import Shape
from codemods.transforms.tree import Reading, children

if TYPE_CHECKING:
    from codemods.project.graph import Reverse
    from codemods.transforms.source import SourceFile

AT_ONCE = "ask for all of them at once, by their ids, before the rows are gone through"
IN_A_NAME = "keep it in a name, which is read once"
MISSING = "catch the model's own DoesNotExist"
LOOPS = (cst.For, cst.While, cst.CompFor, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


class NotOnce(Unsupported):
    """A peer that is read again and again, or that is missed by AttributeError."""


def peer_of(file: SourceFile, node: cst.Attribute) -> Chain | None:
    """Return the query for the peer that an attribute reads; None when it reads no such thing.

    Raises:
        NotOnce: it is one, but read again and again, or missed by AttributeError.
    """
    reverse = _reverse(file, node)
    if reverse is None or _is_bound(file, node):
        return None
    _check_around(file, node)
    begin = Begin(node, reverse.model, 0, owner=node.value, lookup=reverse.field)
    own = owner_condition(file, begin)
    return Chain(begin, Shape(node), (own,) if own else (), 0)


def alike(file: SourceFile, node: cst.Attribute) -> tuple[cst.Attribute, ...]:
    """Return every read of the same relation in the function around, which share one instance."""
    around: cst.CSTNode | None = node
    while around is not None and not isinstance(around, cst.FunctionDef):
        around = file.parent(around)
    finder = _Reads(node.attr.value)
    (around or file.module).visit(finder)
    return tuple(each for each in finder.found if _reverse(file, each) is not None)


class _Reads(Reading):
    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[cst.Attribute] = []

    def visit_Attribute(self, node: cst.Attribute) -> None:  # noqa: N802  libcst's name
        if node.attr.value == self.name:
            self.found.append(node)


def _reverse(file: SourceFile, node: cst.Attribute) -> Reverse | None:
    owner = file.certain(node.value)
    if owner is None or owner[0] != "I" or file.is_served(owner[1]):
        return None
    model = file.graph.models.get(owner[1])
    reverse = model.accessors.get(node.attr.value) if model else None
    return reverse if reverse and not reverse.many and file.is_served(reverse.model) else None


def _is_bound(file: SourceFile, node: cst.Attribute) -> bool:
    parent = file.parent(node)
    is_target = isinstance(parent, (cst.AnnAssign, cst.AugAssign, cst.For)) and (
        parent.target is node
    )
    return is_target or isinstance(parent, (cst.AssignTarget, cst.Del))


def _check_around(file: SourceFile, node: cst.Attribute) -> None:
    around = file.parent(node)
    while around is not None and not isinstance(around, cst.FunctionDef):
        if isinstance(around, (*LOOPS, cst.Lambda)):
            raise NotOnce(node, f"{node.attr.value} is read once for each row", AT_ONCE)
        if isinstance(around, cst.Try) and _misses_attribute(around):
            reason = f"a missing {node.attr.value} is told by an AttributeError"
            raise NotOnce(node, reason, MISSING)
        around = file.parent(around)
    body = file.parent(around) if around is not None else None
    if around is None or not isinstance(body, cst.Module):
        reason = f"{node.attr.value} is read in a method, which may be called for each row"
        raise NotOnce(node, reason, AT_ONCE)


def _misses_attribute(node: cst.Try) -> bool:
    return any(
        handler.type is None
        or _names(handler.type) & {"AttributeError", "RelatedObjectDoesNotExist"}
        for handler in node.handlers
    )


def _names(node: cst.CSTNode) -> set[str]:
    found = {node.value} if isinstance(node, cst.Name) else set()
    return found.union(*(_names(child) for child in children(node)))
