"""Whether a value that is looked up is surely not None, by what the function around it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.key_types import is_guarded
from codemods.transforms.links import called

if TYPE_CHECKING:
    from codemods.transforms.source import SourceFile

TEXT_METHODS = frozenset(
    {
        "strip", "lower", "upper", "title", "replace", "join", "format", "lstrip", "rstrip",
        "casefold", "capitalize", "removeprefix", "removesuffix", "decode", "zfill", "isoformat",
    }
)  # fmt: skip
MAKERS = frozenset({"str", "int", "len", "float", "bool", "repr", "sum", "abs", "round"})
LITERALS = (cst.BaseString, cst.FormattedString, cst.ConcatenatedString, cst.BaseNumber)
NOTHING = frozenset({"None", "Optional", "Any", "object"})


def is_given(file: SourceFile, node: cst.BaseExpression) -> bool:
    """Tell whether an expression is surely not None."""
    if isinstance(node, LITERALS):
        return True
    if isinstance(node, cst.Name):
        is_constant = node.value in ("True", "False")
        return is_constant or is_guarded(file, node) or _is_told(file, node)
    if isinstance(node, cst.BinaryOperation):
        return True
    if isinstance(node, cst.Call):
        name = called(file, node).removeprefix("builtins.")
        is_text = isinstance(node.func, cst.Attribute) and node.func.attr.value in TEXT_METHODS
        return is_text or name in MAKERS
    return False


def _is_told(file: SourceFile, name: cst.Name) -> bool:
    """Tell whether a name is a parameter that is annotated as a value, and never bound anew."""
    around: cst.CSTNode | None = name
    while around is not None and not isinstance(around, (cst.FunctionDef, cst.Lambda)):
        around = file.parent(around)
    if not isinstance(around, cst.FunctionDef):
        return False
    told = False
    for use in file.find(cst.Name):
        if use.value != name.value or not file.is_within(use, around):
            continue
        place = file.parent(use)
        if isinstance(place, cst.Param) and place.name is use:
            told = file.parent(file.parent(place) or place) is around and _is_annotated(place)
            if not told:
                return False
        elif isinstance(
            place, (cst.AssignTarget, cst.AnnAssign, cst.NamedExpr, cst.For, cst.AsName)
        ):
            is_bound = getattr(place, "target", None) is use or isinstance(place, cst.AsName)
            if is_bound:
                return False
        elif isinstance(place, cst.Element) and _is_target(file, place):
            return False
    return told


def _is_target(file: SourceFile, element: cst.CSTNode) -> bool:
    around = file.parent(element)
    while isinstance(around, (cst.Tuple, cst.List, cst.Element, cst.StarredElement)):
        element, around = around, file.parent(around)
    return getattr(around, "target", None) is element


def _is_annotated(param: cst.Param) -> bool:
    default = param.default
    if param.annotation is None or (isinstance(default, cst.Name) and default.value == "None"):
        return False
    words = cst.Module([]).code_for_node(param.annotation.annotation)
    return not any(word in words for word in NOTHING)
