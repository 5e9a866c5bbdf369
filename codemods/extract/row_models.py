"""What a model's source says of rows that stand in for its service's: order, defaults, methods.

users/models.py, contract ─> columns that callers look up or read ─> their plain defaults
                          ─> members that the value carries ─> those over the row's own columns
"""

from __future__ import annotations

import ast
import builtins
from functools import cached_property
from typing import TYPE_CHECKING

from codemods.contract import openapi
from codemods.contract.place import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.contract.operations import Contract, ValueType
    from codemods.extract.tree import Tree
    from codemods.project.graph import Model

CHOICES = ("TextChoices", "IntegerChoices", "Choices")
ALWAYS = {"is_authenticated": True, "is_anonymous": False}
"""What django.contrib.auth gives every user of AUTH_USER_MODEL."""


class Models:
    """The models that a module of factories makes rows of, and the imports that they need."""

    def __init__(self, tree: Tree, module: str) -> None:
        self.tree = tree
        self.imports: list[tuple[str, set[str]]] = []
        self._classes: dict[str, str] = {}
        owner = tree.contexts.of_path(tree.modules[module])
        self._contract_path = place_of(tree.graph, tree.contexts, owner).contract_path

    def named(self, bound: str, module: str, name: str) -> None:
        """Take note of what a name stands for in the factories' module."""
        self._classes[bound] = f"{module}:{name}"

    def label(self, model: ast.expr) -> str:
        """Return the label of what `Meta.model` names; "" where that cannot be told."""
        if isinstance(model, ast.Constant):
            return str(model.value)
        cls = self._classes.get(ast.unparse(model), "")
        return self.tree.graph.model_of_class.get(cls, "")

    def render(self, label: str) -> str:
        """Return the class that says what the model says of rows; "" where it says nothing."""
        source = _Source(self.tree, self.tree.graph.models[label])
        lines = []
        if order := source.ordering():
            lines.append(f"    ordering = {order!r}")
        wanted = self._wanted(label)
        if defaults := source.defaults(wanted):
            lines.append("    defaults = {")
            lines += [f'        "{name}": {text},' for name, text in sorted(defaults.items())]
            lines.append("    }")
        members = [*source.members(self._members(label))]
        if not lines and not members:
            return ""
        self.imports += source.imports
        name = label.rpartition(".")[2]
        head = [
            f'class {name}Row(RowModel, model="{label}"):',
            f'    """What {label} says of its rows."""',
            "",
        ]
        return "\n".join([*head, *lines, *(f"\n{one}" for one in members)])

    @cached_property
    def _contract(self) -> Contract | None:
        text = self.tree.text(self._contract_path)
        return openapi.load(text, self._contract_path) if text else None

    def _value(self, label: str) -> ValueType | None:
        values = self._contract.values if self._contract else ()
        return next((each for each in values if each.model == label), None)

    def _wanted(self, label: str) -> set[str]:
        """Return the columns that values carry, or that operations look up."""
        value = self._value(label)
        found = {each.name for each in value.columns} if value else set()
        for operation in self._contract.operations if self._contract else ():
            lookups = [*operation.filters, *operation.exclude]
            found |= {each.lookup.split("__")[0] for each in lookups}
            found |= {path.lstrip("-").split("__")[0] for path in operation.order_by}
            for each in lookups:
                found |= set(each.lookup.split("__"))
        return found

    def _members(self, label: str) -> list[str]:
        value = self._value(label)
        if value is None:
            return []
        return [each.name for each in value.members] + ["__str__"] * value.has_text


class _Source:
    """The source of one model's class, and of those of its bases that the project has."""

    def __init__(self, tree: Tree, model: Model) -> None:
        self.tree, self.model = tree, model
        self.imports: list[tuple[str, set[str]]] = []
        self.classes: list[tuple[ast.ClassDef, ast.Module]] = []
        for dotted in dict.fromkeys((model.name, *model.bases)):
            module, _, name = dotted.partition(":")
            text = tree.text(tree.modules.get(module, ""))
            parsed = ast.parse(text) if text else None
            for node in parsed.body if parsed else ():
                if parsed and isinstance(node, ast.ClassDef) and node.name == name:
                    self.classes.append((node, parsed))

    def ordering(self) -> tuple[str, ...]:
        order = self.model.ordering
        return order[: order.index("?")] if "?" in order else order

    def defaults(self, wanted: set[str]) -> dict[str, str]:
        """Return the default of each column as Python text, where it is plain."""
        found: dict[str, str] = {}
        for node, parsed in reversed(self.classes):
            for name, call in _fields(node):
                field = self.model.fields.get(name)
                if field is None or not {name, field.attname} & wanted:
                    continue
                keywords = {one.arg: one.value for one in call.keywords}
                if {"auto_now", "auto_now_add"} & set(keywords):
                    self.imports.append(("from django.utils import timezone", {"timezone"}))
                    found[field.attname] = "timezone.now"
                elif "default" in keywords:
                    text = self._plain(keywords["default"], node, parsed)
                    if text:
                        found[field.attname] = text
        return found

    def _plain(self, default: ast.expr, cls: ast.ClassDef, parsed: ast.Module) -> str:
        members = _choices(ast.unparse(default).rpartition(".")[0], cls, parsed)
        name = ast.unparse(default).rpartition(".")[2]
        if name in members:
            return repr(members[name][0])
        lines = self._imports_of(default, parsed)
        if lines is None:
            return ""
        self.imports += lines
        return ast.unparse(default)

    def _imports_of(self, node: ast.AST, parsed: ast.Module) -> list[tuple[str, set[str]]] | None:
        """Return the imports of libraries that a node needs; None where it needs more."""
        bound = {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
        bound |= {
            one.id
            for one in ast.walk(node)
            if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)
        }
        free = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} - bound
        free -= set(dir(builtins)) - {"super"}
        found = [
            (line, names & free) for line, names in _libraries(parsed, self.tree) if names & free
        ]
        return None if free - {name for _, names in found for name in names} else found

    def members(self, names: list[str]) -> Iterator[str]:
        """Yield the methods and properties that need the row's own columns and no more."""
        waiting, done = list(names), set()
        while waiting:
            name = waiting.pop(0)
            if name in done:
                continue
            done.add(name)
            defined = next(
                ((one, parsed) for cls, parsed in self.classes for one in cls.body
                 if isinstance(one, ast.FunctionDef) and one.name == name), None,
            )  # fmt: skip
            if defined is None:
                yield from self._of_django(name)
                continue
            node, parsed = defined
            lines, others = self._imports_of(_running(node), parsed), _own(node)
            methods = {other for other in others if not self._is_column(other)}
            has_them = all(self._is_defined(other) for other in methods)
            if lines is not None and has_them and _is_plain_member(node):
                self.imports += lines
                waiting += sorted(methods)
                yield _segment(node)

    def _is_column(self, name: str) -> bool:
        field = self.model.fields.get(name)
        if field is not None:
            return not field.many
        return name in self.model.attnames or name in {"pk", "id"}

    def _is_defined(self, name: str) -> bool:
        return any(getattr(one, "name", "") == name for cls, _ in self.classes for one in cls.body)

    def _of_django(self, name: str) -> Iterator[str]:
        """Yield what Django gives a model: the text of a choice, what every user says of itself."""
        if name in ALWAYS and self.model.label == self.tree.graph.auth_user_model:
            yield f"    {name} = {ALWAYS[name]}"
        column = name.removeprefix("get_").removesuffix("_display")
        for cls, parsed in self.classes:
            for field, call in _fields(cls):
                chosen = next((one.value for one in call.keywords if one.arg == "choices"), None)
                if field != column or chosen is None or name != f"get_{field}_display":
                    continue
                owner = ast.unparse(chosen).removesuffix(".choices")
                members = _choices(owner, cls, parsed)
                if members:
                    labels = dict(members.values())
                    yield (
                        f"    def {name}(self):\n"
                        f"        return {labels!r}.get(self.{column}, self.{column})"
                    )


def _fields(cls: ast.ClassDef) -> Iterator[tuple[str, ast.Call]]:
    for node in cls.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Call):
            yield target.id, value


def _choices(name: str, cls: ast.ClassDef, parsed: ast.Module) -> dict[str, tuple[object, str]]:
    """Return the members of a choices class of the same module: value and label by name."""
    last = name.rpartition(".")[2]
    for node in (*cls.body, *parsed.body):
        if not (isinstance(node, ast.ClassDef) and node.name == last):
            continue
        if not any(ast.unparse(base).rpartition(".")[2] in CHOICES for base in node.bases):
            continue
        found: dict[str, tuple[object, str]] = {}
        for one in node.body:
            if not (isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)):
                continue
            its = one.targets[0].id
            parts = one.value.elts if isinstance(one.value, ast.Tuple) else [one.value]
            told = [part.value for part in parts if isinstance(part, ast.Constant)]
            if told and len(told) == len(parts):
                label = told[1] if len(told) > 1 else its.replace("_", " ").title()
                found[its] = (told[0], str(label))
        return found
    return {}


def _libraries(parsed: ast.Module, tree: Tree) -> Iterator[tuple[str, set[str]]]:
    """Yield a module's imports of libraries, one name each."""
    own = {name.split(".")[0] for name in tree.modules}
    for node in parsed.body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                if node.level or (node.module or "").split(".")[0] in own:
                    continue
                one: ast.stmt = ast.ImportFrom(node.module, [alias], 0)
            elif alias.name.split(".")[0] in own:
                continue
            else:
                one = ast.Import([alias])
            yield ast.unparse(one), {alias.asname or alias.name.partition(".")[0]}


def _own(node: ast.FunctionDef) -> set[str]:
    """Return the attributes of `self` that a method reads."""
    me = node.args.args[0].arg if node.args.args else "self"
    return {
        one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == me
    }


def _is_plain_member(node: ast.FunctionDef) -> bool:
    """Tell whether a member is a method or property that only reads."""
    allowed = all(ast.unparse(each).rpartition(".")[2] in {"property", "cached_property"}
                  for each in node.decorator_list)  # fmt: skip
    writes = any(isinstance(one, ast.Attribute) and not isinstance(one.ctx, ast.Load)
                 for one in ast.walk(node))  # fmt: skip
    return allowed and not writes


def _running(node: ast.FunctionDef) -> ast.AST:
    """Return what of a method runs: all but its annotations."""
    names = [ast.arg(one.arg) for one in node.args.args]
    arguments = ast.arguments([], names, None, [], [], None, [])
    return ast.Module([ast.Expr(ast.Lambda(arguments, ast.Constant(None))), *node.body], [])


def _segment(node: ast.FunctionDef) -> str:
    """Return a member's text without its annotations, which may name what is not here."""
    bare: ast.FunctionDef = ast.parse(ast.unparse(node)).body[0]  # type: ignore[assignment]
    bare.returns = None
    for argument in ast.walk(bare.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return "\n".join(f"    {line}" for line in ast.unparse(bare).splitlines())
