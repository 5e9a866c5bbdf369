"""Migrations: what other contexts' apps they depend on, and the historical models they look up."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.findings import Findings
from codemods.project.contexts import FRAMEWORK

if TYPE_CHECKING:
    from codemods.crossings.crossing import Crossing
    from codemods.crossings.discover import Source
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph


def read_migration(
    graph: Graph, contexts: Contexts, source: Source, text: str, tree: ast.Module
) -> list[Crossing]:
    """Return a migration's dependencies on other contexts and its `apps.get_model` calls."""
    found = Findings(graph, contexts, source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id in ("dependencies", "run_before") for t in node.targets
        ):
            for item in getattr(node.value, "elts", ()):
                _dependency(graph, contexts, source, found, item)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get_model":
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            label = graph.labels_by_folded.get(".".join(str(t) for t in texts[:2]).lower())
            if label:
                found.add("get-model", node, label, function="Migration")
    return found.crossings(text)


def _dependency(
    graph: Graph, contexts: Contexts, source: Source, found: Findings, item: ast.expr
) -> None:
    app = ""
    if isinstance(item, ast.Tuple) and item.elts and isinstance(item.elts[0], ast.Constant):
        app = str(item.elts[0].value)
    elif isinstance(item, ast.Call) and getattr(item.func, "attr", "") == "swappable_dependency":
        app = graph.auth_user_model.split(".")[0]
    target = contexts.by_app.get(app, FRAMEWORK)
    if app and target not in (FRAMEWORK, source.context):
        found.add_to(target, "migration", item, "", function="Migration", access="schema")
