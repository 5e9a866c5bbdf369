"""Models and classes loaded by name: `get_model`, `get_user_model`, `get_class`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.values import (
    UNKNOWN,
    Type,
    one,
)

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker


LOADERS = frozenset({"get_class", "get_classes", "get_user_model"})


def get_model(walker: Walker, node: ast.Call) -> Type:
    """Resolve `get_model("app", "Model")` and `get_model("app.Model")`, whoever defines it."""
    texts: list[object] = [
        a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
    ]
    texts += [
        k.value.value
        for k in node.keywords
        if k.arg in ("app_label", "model_name") and isinstance(k.value, ast.Constant)
    ]
    label = walker.graph.labels_by_folded.get(".".join(str(t) for t in texts[:2]).lower())
    if label is None:
        return UNKNOWN
    walker.emit("get-model", node, label)
    return one("M", label)


def by_name(walker: Walker, name: str, node: ast.Call) -> Type:
    """Resolve what a project's own loader, told by its name, returns; unknown for others."""
    if name == "get_model":
        return get_model(walker, node)
    return loaded(walker, name, node) if name in LOADERS else UNKNOWN


def loaded(walker: Walker, name: str, node: ast.Call) -> Type:
    """Resolve a project's own `get_class("module", "Name")` and `get_user_model()`."""
    if name == "get_user_model":
        walker.emit("get-model", node, walker.graph.auth_user_model)
        return one("M", walker.graph.auth_user_model)
    texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    names = [
        e.value
        for a in node.args
        if isinstance(a, (ast.List, ast.Tuple))
        for e in a.elts
        if isinstance(e, ast.Constant)
    ] or texts[1:2]
    if not texts or not names:
        return UNKNOWN
    found = [_class_named(walker, texts[0], str(wanted)) for wanted in names]
    return found[0] if name == "get_class" else one("T", tuple(found))


def _class_named(walker: Walker, module: str, name: str) -> Type:
    ending = f".{module}:{name}"
    matches = [c for c in walker.graph.classes if c.endswith(ending)]
    return one("C", min(matches, key=len)) if matches else UNKNOWN
