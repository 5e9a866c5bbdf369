"""Celery tasks of another service that are only sent: a name is all that they need here.

    @shared_task(name="orders.mail_confirmation")          at their owner
    def mail_confirmation(order_id): ...
 ─> mail_confirmation = task("orders.mail_confirmation")   here: `.delay(...)` sends it there

Only where the source pins the name, and where nothing is done with it but sending: a call in place
would need the function. What is no plain JSON is refused as it is sent.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codemods.extract.tree import Tree

MAKERS = frozenset({"shared_task", "task"})
SENDING = frozenset({"delay", "apply_async", "delay_on_commit", "s"})
"""What `strangler.client.tasks.PinnedTask` does as Celery's own tasks do."""


def pinned(text: str) -> dict[str, str]:
    """Return the tasks of a module that have a name of their own, by function."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            for made in node.decorator_list:
                name = _name(made)
                if name:
                    found[node.name] = name
    return found


def only_sent(text: str, name: str) -> bool:
    """Tell whether a module does nothing with a task but send it."""
    parsed = ast.parse(text)
    sent = {
        id(node.value)
        for node in ast.walk(parsed)
        if isinstance(node, ast.Attribute) and node.attr in SENDING
    }
    loads = [node for node in ast.walk(parsed) if isinstance(node, ast.Name) and node.id == name]
    return bool(loads) and all(id(node) in sent for node in loads)


def is_sent(tree: Tree, path: str, name: str) -> bool:
    """Tell whether a file imports a task of another service under this name, and only sends it."""
    found = tree.read(path)
    for one in found.imports if found else ():
        there = tree.modules.get(one.module)
        if one.name == name and there and name in pinned(tree.text(there) or ""):
            return only_sent(tree.text(path) or "", name)
    return False


def standing_in(names: Mapping[str, str]) -> list[str]:
    """Return the lines that stand for tasks, by their pinned names."""
    return [f'{function} = task("{name}")' for function, name in sorted(names.items())]


def _name(made: ast.expr) -> str:
    is_made = isinstance(made, ast.Call) and ast.unparse(made.func).rpartition(".")[2] in MAKERS
    for one in made.keywords if is_made and isinstance(made, ast.Call) else ():
        if one.arg == "name" and isinstance(one.value, ast.Constant):
            return str(one.value.value)
    return ""
