"""What a call does with a supposed value, and whether all of it is seen.

The project's own functions are followed through their parameters; a few of Python's and Django's
are known only to read what they are given, or to give it back. Everything else is out of sight.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.infer import roles

if TYPE_CHECKING:
    from codemods.crossings.infer.supposed import SupposingWalker
    from codemods.crossings.values import Type, Value

OBJECT = "builtins:object"
LOOKS = frozenset(
    {
        "list", "tuple", "set", "sorted", "reversed", "frozenset", "iter", "chain", "len", "bool",
        "any", "all", "max", "min", "next", "enumerate", "zip", "str", "repr", "print", "format",
        "hash", "id", "force_str", "cast",
    }
)  # fmt: skip
TEXTS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "format"})
RENDERS = frozenset({"render", "render_to_string", "TemplateResponse", "SimpleTemplateResponse"})
LOOKUPS = frozenset({"filter", "exclude", "get", "aget", "create", "acreate", "count", "exists"})
CONDITIONS = frozenset({"Q", "get_object_or_404", "get_list_or_404"})
OF_CONTAINERS = {
    "S": frozenset(
        {"append", "add", "insert", "extend", "index", "sort", "reverse", "copy", "pop", "remove"}
    ),
    "D": frozenset({"get", "pop", "setdefault", "keys", "values", "items", "copy"}),
    "K": frozenset({"get", "pop", "setdefault", "keys", "values", "items", "copy", "update"}),
    "T": frozenset({"index", "count"}),
    "P": frozenset({"all", "count", "exists"}),
}
GROWS = frozenset({"append", "add", "insert", "extend"})


def is_followed(
    walker: SupposingWalker,
    node: ast.Call,
    argument: ast.expr | ast.keyword,
    given: Type,
    base: Type,
    callees: Type,
) -> bool:
    """Tell whether everything that a call does with an argument is seen."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    is_value = all(value[0] in "UI" for value in given)
    if name in TEXTS and is_value and not callees:
        return True
    if any(value[0] in "QGR" for value in base) or (base and all(v[0] == "M" for v in base)):
        return is_value and isinstance(argument, ast.keyword) and name in LOOKUPS
    if not callees:
        return _is_builtin(walker, node, name, base)
    return all(_takes(walker, value, name, node, argument, given) for value in callees)


def _is_builtin(walker: SupposingWalker, node: ast.Call, name: str, base: Type) -> bool:
    """Tell whether this is one of Python's own functions, or a list that grows in this function."""
    if isinstance(node.func, ast.Name):
        others = (
            walker.last(k.value if isinstance(k, ast.keyword) else k)
            for k in (*node.args, *node.keywords)
        )
        return name in LOOKS and not any(v[0] in "FB" for type_ in others for v in type_)
    assert isinstance(node.func, ast.Attribute)  # noqa: S101  a call of something else has callees
    place = node.func.value
    if not base:
        is_own = isinstance(place, ast.Name) and place.id not in walker.frames[-1].parameters
        return name in ("append", "add") and is_own
    if not all(value[0] in "SDK" and name in OF_CONTAINERS[value[0]] for value in base):
        return False
    if isinstance(place, ast.Name):
        return place.id not in walker.frames[-1].parameters
    return (
        name in GROWS
        and isinstance(place, ast.Attribute)
        and all(value[0] in "OC" for value in walker.last(place.value))
    )


def _takes(
    walker: SupposingWalker,
    callee: Value,
    name: str,
    node: ast.Call,
    argument: ast.expr | ast.keyword,
    given: Type,
) -> bool:
    """Tell whether one thing that is called takes an argument in plain sight."""
    shape = callee[0]
    if shape in "FB":
        definition = walker.project.definitions.get(callee[1])
        is_bound = definition is not None and definition.kind in ("method", "classmethod")
        return _has_parameter(
            walker, callee[1], node, argument, 1 if shape == "B" and is_bound else 0
        )
    if shape == "C":
        order = roles.lookup_order(walker, callee[1])
        made = (f"{each}.__init__" for each in order)
        initial = next((each for each in made if each in walker.project.definitions), None)
        if initial is not None:
            return _has_parameter(walker, initial, node, argument, 1)
        is_own = all(each in walker.project.definitions for each in order if each != OBJECT)
        return is_own and isinstance(argument, ast.keyword) and argument.arg is not None
    if shape == "M":
        model = walker.graph.models.get(callee[1])
        named = argument.arg if isinstance(argument, ast.keyword) else None
        field = model.fields.get(named) if model and named else None
        return field is not None and bool(field.target) and not field.many
    if shape != "X":
        return False
    is_value = all(value[0] in "UI" for value in given)
    if name in CONDITIONS:
        return is_value and isinstance(argument, ast.keyword)
    if name in RENDERS:
        types = [walker.last(each) for each in node.args]
        types += [walker.last(each.value) for each in node.keywords]
        is_named = any(v[0] == "L" and "." in v[1] for type_ in types for v in type_)
        return is_named and all(value[0] == "K" for value in given)
    return name in LOOKS or (name in TEXTS and is_value)


def _has_parameter(
    walker: SupposingWalker, name: str, node: ast.Call, argument: ast.expr | ast.keyword, skip: int
) -> bool:
    """Tell whether an argument is bound to a parameter of a function of the project."""
    definition = walker.project.definitions.get(name)
    if definition is None:
        return False
    parameters = definition.parameters[skip:]
    if isinstance(argument, ast.keyword):
        return argument.arg in parameters
    if any(isinstance(each, ast.Starred) for each in node.args):
        return False
    return node.args.index(argument) < len(parameters)
