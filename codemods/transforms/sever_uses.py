"""Who still needs a foreign key: every place that names it, or its reverse side, in a query.

Names are matched, not types: a place that may be meant stands in the way, and is told. What a
plain id column and a `Reference` beside it serve as well is none: reading the attribute, setting
it, giving it to a constructor or `create()`, `prefetch_related("user")`, showing it in the admin
as read only, and a serializer's field that is declared in full. A test's dictionaries are what it
compares with; anybody else's may become a query's arguments.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

REVERSE = "the reverse side"
LOOKUP = re.compile(r"-?[A-Za-z_]\w*")
SHOWN_ONLY = frozenset({"readonly_fields", "list_display"})
TESTS = re.compile(r"(^|/)(tests?/|test_[^/]*$|tests?\.py$|conftest\.py$)")
QUERYING = re.compile(r"Filter|Form")
SHOWING = re.compile(r"Admin|Inline|Form|Serializer|Filter|Create|Update")
NAMING = frozenset({"related_name", "related_query_name"})
MAKING = frozenset({"create", "prefetch_related"})


@dataclass(frozen=True)
class Names:
    """What a relation is called: its field, its model's class, and both names of its reverse side.

    `accessor` and `query_name` are empty where the field hides its reverse side.
    """

    field: str
    model: str
    accessor: str = ""
    query_name: str = ""


@dataclass(frozen=True)
class Callables:
    """The project's functions and classes by name: those that hand on what they are given."""

    known: frozenset[str]
    forwarding: frozenset[str]


def callables(trees: Iterable[ast.Module], models: Iterable[str]) -> Callables:
    """Read which callables of the project take any keyword argument; models' classes do not."""
    known, forwarding = set(models), set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                known.add(node.name)
                if node.args.kwarg:
                    forwarding.add(node.name)
    return Callables(frozenset(known), frozenset(forwarding))


@dataclass(frozen=True, order=True)
class Use:
    """A place that may need the foreign key; `is_reverse` when it names only the reverse side."""

    path: str
    line: int
    what: str
    is_reverse: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def uses(path: str, tree: ast.Module, names: Names, called: Callables) -> list[Use]:
    """Return each place of a file that may need the foreign key."""
    finder = _Finder(path, names, called)
    finder.visit(tree)
    return sorted(finder.found)


def uses_in_template(path: str, text: str, names: Names) -> list[Use]:
    """Return each line of a template that walks the relation's reverse side."""
    if not names.accessor:
        return []
    walked = re.compile(rf"\.{re.escape(names.accessor)}\b")
    return [
        Use(path, number, f"a template walks back through {names.accessor}", is_reverse=True)
        for number, line in enumerate(text.splitlines(), 1)
        if walked.search(line)
    ]


@dataclass
class _Finder(ast.NodeVisitor):
    path: str
    names: Names
    called: Callables
    found: set[Use] = field(default_factory=set)
    declared: list[frozenset[str]] = field(default_factory=list)
    around: list[str] = field(default_factory=list)

    def _tell(self, node: ast.expr | ast.stmt | ast.keyword, what: str) -> None:
        self.found.add(Use(self.path, node.lineno, what, what.startswith(REVERSE)))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        bases = " ".join(_last_name(base) for base in node.bases)
        own = frozenset(name for line in node.body for name in _targets(line))
        self._shows_all(node, bases)
        if self.names.field in own and QUERYING.search(bases):
            self._tell(node, f"{node.name} declares {self.names.field} of its own")
        self.declared.append(own if "Serializer" in bases else frozenset())
        self.around.append(bases)
        self.generic_visit(node)
        self.around.pop()
        self.declared.pop()

    def visit_Assign(self, node: ast.Assign) -> None:
        if self.declared and SHOWN_ONLY & set(_targets(node)):
            return
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        if not isinstance(node.slice, ast.Constant):
            self.visit(node.slice)

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None and not (TESTS.search(self.path) and isinstance(key, ast.Constant)):
                self.visit(key)
            self.visit(value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if not isinstance(node.value, str) or not LOOKUP.fullmatch(node.value):
            return
        if self.names.field == node.value and self._is_declared():
            return
        if named := self._named(node.value):
            self._tell(node, f"{named} is named in {node.value!r}")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr == self.names.accessor:
            self._tell(node, f"{REVERSE} {node.attr} is used")
        elif (
            node.attr == self.names.field
            and isinstance(node.value, ast.Name)
            and node.value.id == self.names.model
        ):
            self._tell(node, f"{self.names.model}.{node.attr} is used as Django's descriptor")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        callee = _last_name(node.func)
        for keyword in node.keywords:
            if keyword.arg and (named := self._named(keyword.arg)):
                is_made = keyword.arg == self.names.field and self._takes_attributes(callee)
                if not is_made:
                    self._tell(keyword, f"{named} is given to {callee or 'a call'}()")
        if callee == "register" and self.names.model in map(_last_name, node.args):
            self._tell(node, f"{self.names.model} is registered, with every field of it")
        self.visit(node.func)
        for argument in node.args:
            if callee in MAKING and isinstance(argument, ast.Constant):
                self._loaded_ahead(argument)
            else:
                self.visit(argument)
        for keyword in node.keywords:
            self._expanded(keyword)
            if keyword.arg not in NAMING:
                self.visit(keyword.value)

    def _expanded(self, keyword: ast.keyword) -> None:
        """Find names in `**{"user": x}`, which are arguments."""
        if keyword.arg is None and isinstance(keyword.value, ast.Dict):
            for key in keyword.value.keys:
                if isinstance(key, ast.Constant):
                    self.visit_Constant(key)

    def _loaded_ahead(self, argument: ast.Constant) -> None:
        parts = set(str(argument.value).split("__"))
        if self.names.accessor in parts:
            self._tell(argument, f"{REVERSE} {self.names.accessor} is loaded ahead")

    def _takes_attributes(self, callee: str) -> bool:
        if callee == "create":
            return True
        return callee in self.called.known and callee not in self.called.forwarding

    def _named(self, lookup: str) -> str:
        parts = lookup.lstrip("-").split("__")
        if self.names.field in parts:
            return self.names.field
        for reverse in (self.names.accessor, self.names.query_name):
            if reverse and reverse in parts and (len(parts) > 1 or reverse == self.names.accessor):
                return f"{REVERSE} {reverse}"
        return ""

    def _is_declared(self) -> bool:
        """Tell a name in the `Meta` of a class that declares that very attribute by itself."""
        return len(self.declared) > 1 and self.names.field in self.declared[-2]

    def _shows_all(self, node: ast.ClassDef, bases: str) -> None:
        """Find forms, serializers and admins of the model that show each field there is."""
        own = {name: line for line in node.body for name in _targets(line)}
        model = getattr(own.get("model"), "value", None)
        registered = any(
            isinstance(mark, ast.Call)
            and _last_name(mark.func) == "register"
            and any(_last_name(argument) == self.names.model for argument in mark.args)
            for mark in node.decorator_list
        )
        shown_by = self.around[-1] if node.name == "Meta" and self.around else bases
        is_shown = _last_name(model) == self.names.model and SHOWING.search(shown_by)
        if not registered and not is_shown:
            return
        shown = getattr(own.get("fields"), "value", None)
        is_all = isinstance(shown, ast.Constant) and shown.value == "__all__"
        if is_all or not own.keys() & {"fields", "fieldsets"}:
            self._tell(node, f"{node.name} shows every field of {self.names.model}")


def _targets(line: ast.stmt) -> Iterator[str]:
    targets: list[ast.expr] = []
    if isinstance(line, ast.Assign):
        targets = line.targets
    elif isinstance(line, ast.AnnAssign):
        targets = [line.target]
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id


def _last_name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _last_name(node.value)
    return node.id if isinstance(node, ast.Name) else ""


def parsed(texts: Mapping[str, str]) -> dict[str, ast.Module]:
    """Parse each text that can be parsed."""
    found = {}
    for path, text in texts.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found[path] = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
    return found
