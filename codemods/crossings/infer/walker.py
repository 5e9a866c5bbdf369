"""Read one file: its scopes, statements and functions, in an order that lets facts flow."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from codemods.crossings.findings import Findings
from codemods.crossings.reads import TEXT, Read
from codemods.crossings.values import UNKNOWN, Type, cut, one

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codemods.crossings.discover import Source
    from codemods.crossings.facts import Definition, Facts
    from codemods.crossings.walks import Walk
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

FEW_METHODS = 8
Function = ast.FunctionDef | ast.AsyncFunctionDef
EXPRESSIONS: dict[type, Callable[[Walker, ast.AST], Type]] = {}
STATEMENTS: dict[type, Callable[[Walker, ast.AST], None]] = {}


@dataclass(frozen=True)
class Project:
    """All that is known before any file is read: the graph, the contexts, every definition.

    `modules` are the names of all modules that are read, also of those that the probe did not
    import. `supposed` says what stands at some places, by path and span as `ast` counts it, instead
    of what does.
    """

    graph: Graph
    contexts: Contexts
    definitions: dict[str, Definition]
    subclasses: dict[str, tuple[str, ...]]
    guesses: dict[str, Type]
    methods: dict[str, tuple[str, ...]]
    modules: frozenset[str] = frozenset()
    supposed: Mapping[str, Mapping[tuple[int, int, int, int], Type]] = field(default_factory=dict)

    @cached_property
    def of_class(self) -> dict[str, list[str]]:
        """Map a class, or a function, to the definitions right inside it."""
        found: dict[str, list[str]] = {}
        for name in self.definitions:
            found.setdefault(name.rpartition(".")[0], []).append(name)
        return found

    @cached_property
    def methods_called(self) -> dict[str, list[str]]:
        """Map a name to all methods and properties called so."""
        found: dict[str, list[str]] = {}
        for method, definition in self.definitions.items():
            if definition.kind not in ("function", "class"):
                found.setdefault(method.rpartition(".")[2], []).append(method)
        return found


@dataclass(slots=True)
class Frame:
    """A function being read: its id, its class, and what it was seen to return and write."""

    name: str
    cls: str | None
    self_name: str | None
    parameters: tuple[str, ...] = ()
    returns: Type = UNKNOWN
    yields: Type = UNKNOWN
    writes: Type = UNKNOWN
    joined: set[str] = field(default_factory=set)


class Walker:
    """Reads one file. `eval` gives an expression's type; `run` reads statements."""

    def __init__(self, project: Project, source: Source, facts: Facts) -> None:
        self.project = project
        self.graph = project.graph
        self.contexts = project.contexts
        self.source = source
        self.module = source.name
        self.facts = facts
        self.found = Findings(project.graph, project.contexts, source)
        self.scopes: list[dict[str, Type]] = [{}]
        self.frames: list[Frame] = [Frame(f"{source.name}:", None, None)]
        self.branching = 0
        self.lookup_bases: list[tuple[str, ...]] = []
        self.lookup_kinds: list[str] = []
        self.reached: set[str] = set()
        self.computed: set[str] = set()
        self.pending: list[tuple[Function, str, str | None, list[dict[str, Type]]]] = []
        self.qualname = ""
        self.atomic: list[set[str]] = []
        module = project.graph.modules.get(source.name)
        self.bound = module.names if module else {}
        self.arguments: dict[int, Type] = {}
        self.guessed: set[str] = set()
        self.reads: set[Read] = set()
        self.walks: set[Walk] = set()

    def read(self, tree: ast.Module) -> None:
        """Read the whole file: the module first, then its functions, outermost first."""
        from codemods.crossings.infer.functions import read_function

        self.run(tree.body)
        while self.pending:
            node, qualname, cls, scopes = self.pending.pop(0)
            read_function(self, node, qualname, cls, scopes)

    def eval(self, node: ast.AST | None) -> Type:
        """Return the type of an expression; crossings inside it are recorded on the way."""
        if node is None:
            return UNKNOWN
        handler = EXPRESSIONS.get(type(node))
        if handler is not None:
            return handler(self, node)
        for child in ast.iter_child_nodes(node):
            self.eval(child)
        return UNKNOWN

    def note(self, node: ast.AST, type_: Type) -> None:
        """Take note of the type of a node that `eval` does not see, such as a target's."""

    def reads_of(self, label: str, name: str, node: ast.AST, *, is_write: bool = False) -> None:
        """Take note that an attribute of another context's instance, or of its value, is used."""
        if self.found.is_foreign(label) and label in self.graph.models:
            line: int = node.lineno  # type: ignore[attr-defined]
            self.reads.add(Read(label, name, self.source.path, line, is_write))

    def hands(self, node: ast.AST | None, what: str) -> None:
        """Take note that a parameter's own instance is "written" here, or is "escaping"."""
        frame = self.frames[-1]
        if isinstance(node, ast.Name) and node.id in frame.parameters:
            self.facts.tell(one("W", what), "m", frame.name, node.id)

    def writes_out(self, type_: Type, node: ast.AST) -> None:
        """Take note that instances are turned to text."""
        for value in type_:
            if value[0] in "IU":
                self.reads_of(value[1], TEXT, node)

    def known(self, node: ast.expr) -> Type:
        """Return the type of a call's argument that was read already, or read it now."""
        type_ = self.arguments.get(id(node))
        return self.eval(node) if type_ is None else type_

    def run(self, body: list[ast.stmt]) -> None:
        """Read statements in order."""
        for statement in body:
            STATEMENTS[type(statement)](self, statement)

    def branch(self, *bodies: list[ast.stmt]) -> None:
        """Read statements that may not run: what they assign is added, not replaced."""
        self.branching += 1
        for body in bodies:
            self.run(body)
        self.branching -= 1

    def emit(
        self,
        kind: str,
        node: ast.AST,
        label: str,
        *,
        access: str = "read",
        detail: str = "",
        confidence: str = "high",
        via: str = "",
    ) -> None:
        """Record a crossing at `node`, if the model is another context's."""
        if self.guessed and confidence == "high" and root_name(node) in self.guessed:
            confidence = "low"
        self.found.add(
            kind,
            node,
            label,
            function=self.function,
            access=access,
            detail=detail,
            confidence=confidence,
            via=via,
        )

    @property
    def function(self) -> str:
        """Return the qualified name of what encloses the code being read."""
        return self.qualname or "<module>"

    def wrote(self, label: str) -> None:
        """Note that the code being read writes a model's table."""
        self.wrote_contexts(one("W", self.contexts.of_label(label)))

    def wrote_contexts(self, contexts: Type) -> None:
        """Note the contexts that the code being read writes."""
        if contexts:
            frame = self.frames[-1]
            frame.writes = cut(frame.writes | contexts)
            for block in self.atomic:
                block.update(value[1] for value in contexts)

    def lookup(self, name: str) -> Type:
        """Return what a name is bound to, innermost scope first, then as seen at run time."""
        for scope in reversed(self.scopes[1:]):
            if name in scope:
                return scope[name]
        bound = self.bound.get(name)
        if bound is not None:
            return self.from_probe(*bound)
        return self.scopes[0].get(name, UNKNOWN)

    def assign(self, name: str, type_: Type) -> None:
        """Bind a name in the innermost scope; in a branch, add to what it was."""
        scope = self.scopes[-1]
        if self.branching and name in scope:
            type_ = cut(scope[name] | type_)
        scope[name] = type_

    def from_probe(self, kind: str, name: str) -> Type:
        """Return the type of what the probe saw a name bound to."""
        if kind == "model":
            return one("M", name)
        if kind == "manager":
            return one("G", name)
        if kind == "queryset":
            return one("Q", name)
        if kind == "instance":
            return one("I", name)
        if kind == "module":
            return one("N", name)
        own = name in self.project.definitions or name in self.graph.classes
        if kind == "class":
            if name in self.graph.model_of_class:
                return one("M", self.graph.model_of_class[name])
            return one("C", name) if own else one("X", name.replace(":", "."))
        if kind == "function":
            return one("F", name) if own else one("X", name.replace(":", "."))
        return one("O", name)


def root_name(node: ast.AST) -> str:
    """Return the name a chain starts with: "order" of `order.lines.all()[0].product`."""
    while True:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, (ast.Attribute, ast.Subscript, ast.Await, ast.Starred)):
            node = node.value
        else:
            return ""


def methods_by_name(definitions: dict[str, Definition]) -> dict[str, tuple[str, ...]]:
    """Map a method's name to all that define it, for names that only a few classes share."""
    found: dict[str, list[str]] = {}
    for name, definition in definitions.items():
        if definition.kind == "method" and len(definition.parameters) > 1:
            found.setdefault(name.rpartition(".")[2], []).append(name)
    return {
        name: tuple(sorted(names)) for name, names in found.items() if len(names) <= FEW_METHODS
    }


def guesses(graph: Graph) -> dict[str, Type]:
    """Map a name to the one model called so: "order_line" to orders.OrderLine, "orders" to rows."""
    by_name: dict[str, set[str]] = {}
    for model in graph.models.values():
        if not model.auto_created:
            name = model.label.split(".")[1]
            snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
            for spelled in {name.lower(), snake}:
                by_name.setdefault(spelled, set()).add(model.label)
    by_name["user"] = {graph.auth_user_model}
    found: dict[str, Type] = {}
    for name, labels in by_name.items():
        if len(labels) == 1:
            plural = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
            found[name] = one("I", *labels)
            found.setdefault(plural, one("Q", *labels))
    return found
