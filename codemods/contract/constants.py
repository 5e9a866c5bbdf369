"""Constants that a model's class holds, told from its source: choices, and plain literals.

Only what stands there in full is told: `class Status(models.TextChoices)` with values and plain
labels, and names bound to a literal. A label that is translated, or a member that is computed,
depends on the owner's process, so such a class is not told.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.contract.operations import Choice, Constant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.contract.members import Sources
    from codemods.project.graph import Graph

KINDS = {"TextChoices": str, "IntegerChoices": int}
PLAIN = (str, int, float, bool, type(None))


def constant_of(graph: Graph, sources: Sources, label: str, name: str) -> Constant | None:
    """Return the constant of that name; None when the model has none that can be told."""
    model = graph.models[label]
    if name.startswith("_") or name in model.fields or name in model.attnames:
        return None
    for statement in _bodies(graph, sources, label):
        if isinstance(statement, ast.ClassDef) and statement.name == name:
            return _choices(statement)
        target = _target(statement)
        if target is not None and target[0] == name:
            return _plain(name, target[1])
    return None


def constants_of(graph: Graph, sources: Sources, labels: Iterable[str]) -> set[tuple[str, str]]:
    """Return the (label, name) of every constant that these models have and that can be told."""
    return {
        (label, name)
        for label in labels
        for statement in _bodies(graph, sources, label)
        if (name := _name(statement)) and constant_of(graph, sources, label, name)
    }


def _name(statement: ast.stmt) -> str:
    if isinstance(statement, ast.ClassDef):
        return statement.name
    target = _target(statement)
    return target[0] if target else ""


def _bodies(graph: Graph, sources: Sources, label: str) -> Iterator[ast.stmt]:
    """Give what stands in the model's class and in those of the project it inherits from."""
    for name in (graph.models[label].name, *graph.models[label].bases):
        module, _, qualname = name.partition(":")
        if module in graph.modules:
            yield from sources.class_body(graph.modules[module].path, qualname)


def _choices(definition: ast.ClassDef) -> Constant | None:
    base = definition.bases[0] if len(definition.bases) == 1 else None
    kind = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
    if kind not in KINDS or definition.keywords or definition.decorator_list:
        return None
    found = []
    for statement in definition.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        target = _target(statement)
        member = _member(*target, KINDS[kind]) if target is not None else None
        if member is None:
            return None
        found.append(member)
    return Constant(definition.name, kind, tuple(found)) if found else None


def _member(name: str, value: ast.expr, kind: type) -> Choice | None:
    label = None
    if isinstance(value, ast.Tuple):
        if len(value.elts) != 2:  # noqa: PLR2004 - a value and its label
            return None
        value, told = value.elts
        if not (isinstance(told, ast.Constant) and isinstance(told.value, str)):
            return None
        label = told.value
    found = value.value if isinstance(value, ast.Constant) else None
    if isinstance(found, (str, int)) and type(found) is kind:
        return Choice(name, found, label)
    return None


def _plain(name: str, value: ast.expr) -> Constant | None:
    try:
        found = ast.literal_eval(value)
    except (ValueError, TypeError):
        return None
    parts = found if isinstance(found, tuple) else (found,)
    if not all(isinstance(part, PLAIN) for part in parts):
        return None
    return Constant(name, value=found)


def _target(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    """Return the one name that a statement binds, and to what."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return None
    if isinstance(target, ast.Name) and statement.value is not None:
        return target.id, statement.value
    return None
