"""Admins whose list joined diverted relations: their queryset loads them ahead in one call each.

`list_select_related = ("user__profile", "method")` becomes `("method",)`, and the class gets a
`get_queryset` that adds `prefetch_related("user")`. The list shows the same rows, each read as
before. What stays is an empty tuple rather than nothing, for without one Django joins every
relation that is never null as soon as the list shows one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import libcst as cst

from codemods.transforms import chain_edits
from codemods.transforms.prefetch_paths import meeting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codemods.transforms.source import SourceFile

ATTRIBUTE = "list_select_related"
OWN = frozenset({"get_queryset", "get_list_select_related", "get_changelist_instance"})
Place = cst.BaseStatement | cst.BaseSmallStatement


@dataclass(frozen=True, eq=False)
class Loading:
    """What becomes of one admin: the list of joins, and where the method goes.

    `kept` are the paths that are still joined, by the index of the element that they stand for.
    """

    value: cst.Tuple | cst.List
    kept: tuple[tuple[int, str], ...]
    paths: tuple[str, ...]
    place: Place
    is_before: bool


def loading(file: SourceFile, definition: cst.ClassDef, label: str) -> Loading | None:
    """Return what becomes of an admin; None where a person must look."""
    value = _listed(definition)
    if value is None or not isinstance(definition.body, cst.IndentedBlock):
        return None
    if ".iterator(" in file.code(definition) or OWN & set(_methods(definition)):
        return None
    kept: list[tuple[int, str]] = []
    paths: list[str] = []
    for index, element in enumerate(value.elements):
        path = chain_edits.text(element.value)
        if path is None:
            return None
        met = meeting(file.graph, file.relations, label, path)
        if met is not None and met.through not in paths:
            paths.append(met.through)
        rest = met.before if met is not None else path
        if rest and all(rest != other for _, other in kept):
            kept.append((index, rest))
    statements = definition.body.body
    first = next((each for each in statements if isinstance(each, cst.FunctionDef)), None)
    kept = [
        (index, path)
        for index, path in kept
        if not any(other.startswith(f"{path}__") for _, other in kept)
    ]
    return Loading(value, tuple(kept), tuple(paths), first or statements[-1], first is not None)


def _listed(definition: cst.ClassDef) -> cst.Tuple | cst.List | None:
    """Return the tuple or list that a class gives for its joins, if it does so once."""
    found = [
        small.value
        for line in definition.body.body
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
        if isinstance(small, cst.Assign)
        for target in small.targets
        if isinstance(target.target, cst.Name) and target.target.value == ATTRIBUTE
    ]
    value = found[0] if len(found) == 1 else None
    return value if isinstance(value, (cst.Tuple, cst.List)) and value.elements else None


def _methods(definition: cst.ClassDef) -> list[str]:
    return [each.name.value for each in definition.body.body if isinstance(each, cst.FunctionDef)]


def listed(its: Loading) -> Callable[[cst.CSTNode], object]:
    """Return the edit of the list of joins."""

    def make(node: cst.CSTNode) -> object:
        value = cast("cst.Tuple | cst.List", node)
        elements = [_renamed(value.elements[index], path) for index, path in its.kept]
        if elements:
            elements[-1] = elements[-1].with_changes(comma=_last(value, len(elements)))
        changed = value.with_changes(elements=elements)
        if isinstance(value, cst.Tuple) and not value.lpar:
            return changed.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return changed

    return make


def _renamed(element: cst.BaseElement, path: str) -> cst.Element:
    string = element.value
    assert isinstance(string, cst.SimpleString)  # noqa: S101  `loading` read it as a plain text
    value = f"{string.quote}{path}{string.quote}"
    return cst.Element(string.with_changes(value=value), comma=cast("cst.Element", element).comma)


def _last(value: cst.Tuple | cst.List, count: int) -> cst.Comma | cst.MaybeSentinel:
    own = cast("cst.Element", value.elements[-1]).comma
    if isinstance(own, cst.Comma):
        return own
    is_alone = isinstance(value, cst.Tuple) and count == 1
    return cst.Comma() if is_alone else cst.MaybeSentinel.DEFAULT


def method(paths: Sequence[str], quote: str) -> cst.FunctionDef:
    """Return `get_queryset`, which loads paths ahead."""
    names = ", ".join(f"{quote}{path}{quote}" for path in paths)
    made = cst.parse_statement(
        "def get_queryset(self, request):\n"
        f"    return super().get_queryset(request).prefetch_related({names})\n"
    )
    return cast("cst.FunctionDef", made).with_changes(leading_lines=[cst.EmptyLine(indent=False)])


def placed(its: Loading, quote: str) -> Callable[[cst.CSTNode], object]:
    """Return the edit that puts the method before the first one, or at the class's end."""

    def make(node: cst.CSTNode) -> object:
        own, there = method(its.paths, quote), cast("cst.BaseStatement", node)
        return cst.FlattenSentinel([own, there] if its.is_before else [there, own])

    return make
