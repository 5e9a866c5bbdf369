"""Rows that a service makes with each row of a model, in a receiver of `post_save`.

users/signals.py ─> post_save of User: if created, Profile.objects.create(user=instance)
    ─> {"users.User": {"users.Profile": "user"}}

No contract tells of signals, and a fake has none: stand-in factories are told. A receiver that does
more than this with the row, or under another condition, is none of these.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codemods.extract.tree import Tree

SIGNAL = "post_save"
MAKING = frozenset({"create", "get_or_create"})
ACCOUNTS = frozenset({"settings.AUTH_USER_MODEL", "get_user_model()"})


def made_with(tree: Tree, owner: str) -> Mapping[str, Mapping[str, str]]:
    """Return, by label, the labels of what is made with each row, with the relation to it."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for module, path in sorted(tree.modules.items()):
        text = tree.text(path) if tree.contexts.of_path(path) == owner else None
        if text is None or SIGNAL not in text:
            continue
        receiving = _Receiving(tree, module, ast.parse(text))
        for model, made, relation in receiving.made():
            found[model][made] = relation
    return found


class _Receiving:
    """The receivers of one module."""

    def __init__(self, tree: Tree, module: str, parsed: ast.Module) -> None:
        self.tree, self.parsed = tree, parsed
        self.classes = {node.name: f"{module}:{node.name}" for node in parsed.body
                        if isinstance(node, ast.ClassDef)}  # fmt: skip
        for node in parsed.body:
            if isinstance(node, ast.ImportFrom) and not node.level:
                for one in node.names:
                    self.classes[one.asname or one.name] = f"{node.module}:{one.name}"

    def made(self) -> Iterator[tuple[str, str, str]]:
        """Yield the model of each such receiver, the one it makes a row of, and the relation."""
        for node in self.parsed.body:
            if not isinstance(node, ast.FunctionDef):
                continue
            call = _made_of_created(node)
            if call is None or not isinstance(call.func, ast.Attribute):
                continue
            made = self._label(call.func.value.value)  # type: ignore[attr-defined]
            relation = call.keywords[0].arg
            for sender in map(_sender, node.decorator_list):
                model = self._label(sender) if sender else ""
                if model and made and relation:
                    yield model, made, relation

    def _label(self, node: ast.expr) -> str:
        """Return the label that an expression names; "" where it names no model."""
        name = ast.unparse(node)
        if name in ACCOUNTS:
            return self.tree.graph.auth_user_model
        return self.tree.graph.model_of_class.get(self.classes.get(name, ""), "")


def _sender(decorator: ast.expr) -> ast.expr | None:
    """Return the one sender that `@receiver(post_save, sender=...)` names."""
    if not (isinstance(decorator, ast.Call) and decorator.args):
        return None
    if ast.unparse(decorator.args[0]).rpartition(".")[2] != SIGNAL:
        return None
    return next((one.value for one in decorator.keywords if one.arg == "sender"), None)


def _made_of_created(node: ast.FunctionDef) -> ast.Call | None:
    """Return the call that makes a row with only its relation to a row that is created."""
    body = [one for one in node.body if not _is_text(one)]
    if len(body) != 1 or not isinstance(body[0], ast.If):
        return None
    if body[0].orelse or len(body[0].body) != 1 or not _is_created(body[0].test):
        return None
    call = getattr(body[0].body[0], "value", None)
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return None
    is_given = [ast.unparse(one.value) for one in call.keywords] == ["instance"]
    is_of_manager = isinstance(call.func.value, ast.Attribute) and call.func.value.attr == "objects"
    is_making = call.func.attr in MAKING and is_of_manager
    return call if is_making and is_given and not call.args else None


def _is_created(test: ast.expr) -> bool:
    """Tell whether a condition holds for every row that is created, but for fixtures."""
    parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    told = {ast.unparse(one) for one in parts}
    return "created" in told and told <= {"created", "not raw"}


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
