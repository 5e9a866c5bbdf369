"""What the code of a function does with its arguments, followed through the project's functions.

Names are what the graph saw them bound to at run time. Prefer a refusal: what cannot be followed
counts as the worst that it may be.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.contract.function_names import Named
from codemods.contract.purity import PURE_FUNCTIONS, PURE_METHODS

if TYPE_CHECKING:
    from collections.abc import Collection

    from codemods.contract.members import Function

MAX_DEPTH = 5
LOOKUPS = frozenset(
    {"filter", "exclude", "get", "create", "get_or_create", "update_or_create", "update"}
)
CHANGES = frozenset(
    {
        "save", "asave", "delete", "adelete", "refresh_from_db", "add", "append", "clear", "extend",
        "insert", "pop", "popitem", "remove", "reverse", "setdefault", "sort", "update",
    }
)  # fmt: skip
MARKUP = frozenset({"format_html", "format_html_join", "mark_safe", "render_to_string", "SafeText"})
ROW_ERRORS = frozenset({"DoesNotExist", "MultipleObjectsReturned"})
BUILTINS = frozenset({"AssertionError", "NotImplementedError", "OverflowError", "ValueError"})
_EXCEPTIONS = (
    "ImproperlyConfigured", "MultipleObjectsReturned", "ObjectDoesNotExist", "PermissionDenied",
    "ValidationError",
)  # fmt: skip
CARRIED = frozenset(
    {
        *(f"django.core.exceptions:{name}" for name in _EXCEPTIONS),
        "django.db.utils:IntegrityError",
        "django.db.utils:DataError",
    }
)
READS = frozenset(
    {
        "aggregate", "all", "annotate", "count", "distinct", "earliest", "exclude", "exists",
        "filter", "first", "get", "in_bulk", "last", "latest", "none", "only", "defer", "order_by",
        "prefetch_related", "select_related", "values", "values_list",
    }
)  # fmt: skip
OF_MODELS = frozenset({"model", "manager", "queryset", "instance"})


class Bodies(Named):
    """Reads the bodies of the project's functions."""

    def raised(self, name: str) -> tuple[tuple[str, ...], str]:
        """Return the classes of errors that a function may raise, and one that has no name.

        Those that `strangler.client.faults` carries anyway are left out, as are those that tell of
        a mistake in the code.
        """
        found, unknown = set[str](), ""
        for module, node in self._reached(name):
            for each in ast.walk(node):
                if not isinstance(each, ast.Raise) or each.exc is None:
                    continue
                what = each.exc.func if isinstance(each.exc, ast.Call) else each.exc
                kind, error = self._bound_to(module, what)
                if kind == "class":
                    found.add(error)
                elif not self._is_carried(module, what) and not (
                    isinstance(what, ast.Name) and what is each.exc
                ):
                    unknown = ast.unparse(what)
        return tuple(sorted(found - CARRIED)), unknown

    def _is_carried(self, module: str, what: ast.expr) -> bool:
        if isinstance(what, ast.Attribute):
            kind, _ = self._bound_to(module, what.value)
            return kind == "model" and what.attr in ROW_ERRORS
        return isinstance(what, ast.Name) and what.id in BUILTINS

    def _is_error(self, name: str) -> bool:
        known = self.graph.classes.get(name)
        return known is not None and "builtins:Exception" in known.bases

    def reaches_data(self, name: str) -> bool:
        """Tell whether a function, or one that it calls, names a model."""
        for module, node in self._reached(name):
            for each in ast.walk(node):
                if isinstance(each, (ast.Name, ast.Attribute)):
                    kind, _ = self._bound_to(module, each)
                    if kind in OF_MODELS:
                        return True
        return False

    def names_any(self, name: str, attributes: Collection[str]) -> bool:
        """Tell whether a function, or one that it calls, names one of these attributes."""
        return any(
            isinstance(each, ast.Attribute) and each.attr in attributes
            for _, node in self._reached(name)
            for each in ast.walk(node)
        )

    def only_reads(self, name: str) -> bool:
        """Tell whether a function is seen to do nothing but read: only what is known is called."""
        for module, node in self._reached(name):
            for each in ast.walk(node):
                if isinstance(each, ast.Call) and not self._is_reading(module, each):
                    return False
                if isinstance(each, (ast.Attribute, ast.Subscript)):
                    if not isinstance(each.ctx, ast.Load):
                        return False
                elif isinstance(each, (ast.Global, ast.Nonlocal, ast.Await)):
                    return False
        return True

    def _is_reading(self, module: str, node: ast.Call) -> bool:
        kind, name = self._bound_to(module, node.func)
        if kind == "function" and self.function(name) is not None:
            return True  # it is read itself
        if name.startswith(("django.db.models.", "decimal:", "datetime:")):
            return ":" in name
        if kind == "class":
            return self._is_error(name)
        last = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if isinstance(node.func, ast.Name):
            return not kind and node.func.id in PURE_FUNCTIONS
        return not kind and (last in READS or last in PURE_METHODS)

    def makes_markup(self, name: str) -> bool:
        """Tell whether a function may give text that is marked as safe to show."""
        return any(
            getattr(each, "attr", getattr(each, "id", "")) in MARKUP
            for _, node in self._reached(name)
            for each in ast.walk(node)
            if isinstance(each, (ast.Name, ast.Attribute))
        )

    def reached(self, name: str) -> frozenset[tuple[str, str]]:
        """Return the functions that may run when one is called, as (path, qualified name)."""
        return frozenset(
            (self.graph.modules[module].path, qualname)
            for module, qualname, _ in self._walked(name)
        )

    def columns_read(
        self, name: str, argument: str, label: str, depth: int = MAX_DEPTH
    ) -> set[str] | str:
        """Return the columns that a function reads of an argument, or what else it does with it."""
        node = self.function(name)
        if node is None or depth == 0:
            return f"it goes on to {name.rpartition(':')[2]}, which cannot be read"
        found: set[str] = set()
        for use, parents in _uses(node, argument):
            told = self._use(name, use, parents, label, depth)
            if isinstance(told, str):
                return f"{told} (line {use.lineno})"
            found |= told
        return found

    def _use(
        self, name: str, use: ast.Name, parents: list[ast.AST], label: str, depth: int
    ) -> set[str] | str:
        parent = parents[-1]
        model = self.graph.models[label]
        if not isinstance(use.ctx, ast.Load):
            return "it is bound again"
        if isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Load):
            column = parent.attr
            its = model.fields.get(column)
            is_plain = its is not None and not its.target and not its.many and not its.generic
            if column == "pk" or column in model.attnames or is_plain:
                return {column}
            return f"more than its columns is read: {column}"
        if _is_test_for_none(parent):
            return set()
        if isinstance(parent, ast.keyword) and isinstance(parents[-2], ast.Call):
            return self._given(name, parents[-2], parent, label, depth)
        return "it is handed on or kept"

    def _given(
        self, name: str, call: ast.Call, keyword: ast.keyword, label: str, depth: int
    ) -> set[str] | str:
        """Return what a call that is given the row by name does with it."""
        module = name.partition(":")[0]
        called = self.called(module, call)
        if called and keyword.arg:
            return self.columns_read(called, keyword.arg, label, depth - 1)
        is_query = isinstance(call.func, ast.Attribute) and call.func.attr in LOOKUPS
        if is_query and isinstance(call.func, ast.Attribute) and keyword.arg:
            kind, owner = self._model_of(module, call.func.value)
            its = self.graph.models[owner].fields.get(keyword.arg) if kind else None
            if its is not None and its.target == label and not its.many:
                return set()
        return f"it goes on to {ast.unparse(call.func)}()"

    def _model_of(self, module: str, node: ast.expr) -> tuple[str, str]:
        """Return the model that `Model.objects` or `Model.objects.filter(...)` is about."""
        while isinstance(node, (ast.Attribute, ast.Call)):
            kind, name = (
                self._bound_to(module, node) if isinstance(node, ast.Attribute) else ("", "")
            )
            if kind == "model":
                return kind, name
            node = node.value if isinstance(node, ast.Attribute) else node.func
        kind, name = self._bound_to(module, node)
        return (kind, name) if kind == "model" else ("", "")

    def changes(self, name: str, argument: str) -> bool:
        """Tell whether a function may change the very row, list or dict that it is given."""
        node = self.function(name)
        if node is None:
            return True
        first_bound = min(
            (use.lineno for use, _ in _uses(node, argument) if isinstance(use.ctx, ast.Store)),
            default=node.end_lineno or 0,
        )
        for use, parents in _uses(node, argument):
            if use.lineno > first_bound or isinstance(use.ctx, ast.Store):
                continue
            parent = parents[-1]
            if isinstance(parent, ast.Attribute):
                is_called = isinstance(parents[-2], ast.Call) and parents[-2].func is parent
                if not isinstance(parent.ctx, ast.Load) or (is_called and parent.attr in CHANGES):
                    return True
            elif isinstance(parent, ast.Subscript):
                if not isinstance(parent.ctx, ast.Load):
                    return True
            elif isinstance(parent, (ast.keyword, ast.Call)) and self._is_changed_by(
                name, use, parents
            ):
                return True
        return False

    def _is_changed_by(self, name: str, use: ast.Name, parents: list[ast.AST]) -> bool:
        call = parents[-2] if isinstance(parents[-1], ast.keyword) else parents[-1]
        called = self.called(name.partition(":")[0], call) if isinstance(call, ast.Call) else ""
        node = self.function(called) if called else None
        if node is None or not isinstance(call, ast.Call):
            return False  # a library's code, such as a lookup by the row
        if isinstance(parents[-1], ast.keyword):
            return self.changes(called, parents[-1].arg or "")
        names = [each.arg for each in node.args.args][self.bound(node) :]
        place = call.args.index(use) if use in call.args else len(names)
        return place >= len(names) or self.changes(called, names[place])


def _uses(node: Function, argument: str) -> list[tuple[ast.Name, list[ast.AST]]]:
    """Return each place in a function where a name stands, with the nodes around it."""
    found: list[tuple[ast.Name, list[ast.AST]]] = []

    def walk(each: ast.AST, parents: list[ast.AST]) -> None:
        for child in ast.iter_child_nodes(each):
            if isinstance(child, ast.Name) and child.id == argument:
                found.append((child, [*parents, each]))
            else:
                walk(child, [*parents, each])

    for statement in node.body:
        walk(statement, [node])
    return found


def _is_test_for_none(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return all(isinstance(each, (ast.Is, ast.IsNot)) for each in node.ops)
    return False
