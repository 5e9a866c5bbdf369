"""What a function of the owner takes, gives and raises, so that it can be called from elsewhere.

graph (names as bound at run time), source ─> Functions.signature ─> Signature, or why it cannot be

An argument travels as what its annotation names: plain values, lists of them, rows by their keys. A
row of another context is made up again from its key and the columns that the function reads, which
the caller gives along, so nothing else of it may be used (`function_bodies`). The answer is plain,
a row, or lists of such; where it is neither, callers can only do without it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from codemods.contract.function_bodies import Bodies
from codemods.contract.function_kinds import OWN_LISTS, CannotTravel, Kind, Kinds
from codemods.contract.operations import NOTHING, ROW
from codemods.contract.types import DICT_OF, type_of_path

if TYPE_CHECKING:
    from codemods.contract.members import Sources
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

HARMLESS = frozenset({"atomic", "classmethod", "commit_on_success", "staticmethod"})


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. `columns` are read of a row that is not the service's, with their types."""

    name: str
    kind: Kind
    is_optional: bool
    columns: tuple[tuple[str, Kind], ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """A function as "module:Qualname".

    `positional` are the names that may be given by place. `answer` is None where what it gives
    cannot travel. `raises` are the classes of its context's own errors, as "module:Qualname".
    """

    name: str
    arguments: tuple[Argument, ...]
    positional: tuple[str, ...]
    answer: Kind | None
    raises: tuple[str, ...]

    def argument(self, name: str) -> Argument | None:
        """Return an argument by its name."""
        return next((each for each in self.arguments if each.name == name), None)


@dataclass(eq=False)
class Functions:
    """The functions of one service, read once each."""

    graph: Graph
    contexts: Contexts
    sources: Sources
    service: str
    _known: dict[str, Signature | CannotTravel] = field(default_factory=dict)

    @cached_property
    def bodies(self) -> Bodies:
        """Return what reads the code of functions."""
        return Bodies(self.graph, self.sources)

    def is_served(self, name: str) -> bool:
        """Tell whether "module:Qualname" is code of the service."""
        module = self.graph.modules.get(name.partition(":")[0])
        return module is not None and self.contexts.of_path(module.path) == self.service

    def is_elsewhere(self, name: str) -> bool:
        """Tell whether "module:Qualname" is code of another service."""
        module = self.graph.modules.get(name.partition(":")[0])
        owner = self.contexts.of_path(module.path) if module else self.service
        return owner != self.service and owner in self.contexts.services

    def signature(self, name: str) -> Signature:
        """Return what a function takes, gives and raises.

        Raises:
            CannotTravel: it cannot be called from another process, and why.
        """
        found = self._known.get(name)
        if found is None:
            try:
                found = self._read(name)
            except CannotTravel as wrong:
                found = wrong
            self._known[name] = found
        if isinstance(found, CannotTravel):
            raise found
        return found

    def _read(self, name: str) -> Signature:
        bodies = self.bodies
        node = bodies.function(name)
        if node is None or isinstance(node, ast.AsyncFunctionDef) or "<locals>" in name:
            raise CannotTravel("it is no plain function of a module, or of a class")
        _check_plain(node)
        positional = node.args.args[bodies.bound(node) :]
        without = len(positional) - len(node.args.defaults)
        arguments = [
            self._argument(bodies, name, each, is_optional=place >= without)
            for place, each in enumerate(positional)
        ]
        arguments += [
            self._argument(bodies, name, each, is_optional=default is not None)
            for each, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        ]
        return Signature(
            name,
            tuple(arguments),
            tuple(each.arg for each in positional),
            self._answer(bodies, name, node),
            self._raised(bodies, name),
        )

    def _answer(self, bodies: Bodies, name: str, node: ast.FunctionDef) -> Kind | None:
        """Return what a function gives; None where that would be another thing afterwards."""
        if node.returns is None:
            return None
        try:
            answer = self._kind(name.partition(":")[0], node.returns)
        except CannotTravel:
            return None
        if answer.many and ast.unparse(node.returns).partition("[")[0] not in OWN_LISTS:
            return None  # it is no list, or may be None
        if answer.type == "str" and bodies.makes_markup(name):
            return None  # text that is marked as safe is marked no more
        if answer.type == ROW and self.contexts.of_label(answer.model) != self.service:
            return None
        return answer

    def _raised(self, bodies: Bodies, name: str) -> tuple[str, ...]:
        raised, unknown = bodies.raised(name)
        if unknown:
            raise CannotTravel(f"it raises {unknown}, which is no class that is known")
        elsewhere = [each for each in raised if self.is_elsewhere(each)]
        if elsewhere:
            raise CannotTravel(f"it raises {elsewhere[0]} of another service")
        return raised

    def _kind(self, module: str, node: ast.expr) -> Kind:
        return Kinds(self.graph, self.sources).kind(module, node)

    def _argument(
        self, bodies: Bodies, function: str, node: ast.arg, *, is_optional: bool
    ) -> Argument:
        module = function.partition(":")[0]
        try:
            kind = self._kind(module, node.annotation or ast.Constant(None))
            columns = self._columns(bodies, function, node.arg, kind)
        except CannotTravel as wrong:
            raise CannotTravel(f"its argument {node.arg} cannot travel: {wrong}") from None
        return Argument(node.arg, kind, is_optional, columns)

    def _columns(
        self, bodies: Bodies, function: str, name: str, kind: Kind
    ) -> tuple[tuple[str, Kind], ...]:
        if kind.type == NOTHING:
            raise CannotTravel("it is not annotated")
        if kind.type != ROW:
            is_dict = kind.type in ("any", *DICT_OF.values())
            if (kind.many or is_dict) and bodies.changes(function, name):
                raise CannotTravel("the caller's own list or dict is changed")
            return ()
        if kind.many:
            raise CannotTravel("rows are given as a list")
        if self.contexts.of_label(kind.model) == self.service:
            if bodies.changes(function, name):
                raise CannotTravel(f"the caller's {kind.model} is changed")
            return ()
        read = bodies.columns_read(function, name, kind.model)
        if isinstance(read, str):
            raise CannotTravel(f"{kind.model} is of another context, and {read}")
        model = self.graph.models[kind.model]
        found = []
        for column in sorted(read - {"pk", model.pk or "id"}):
            its = model.fields.get(column) or model.attnames[column]
            type_ = type_of_path(self.graph, kind.model, column) or "any"
            if type_ == "any":
                raise CannotTravel(f"{kind.model}.{column} has no plain type")
            found.append((column, Kind(type_, nullable=its.null or kind.nullable)))
        return tuple(found)


def _check_plain(node: ast.FunctionDef) -> None:
    """Check that a function is called as it is written.

    Raises:
        CannotTravel: it is not.
    """
    if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(node)):
        raise CannotTravel("it is a generator, or a context manager")
    if node.args.vararg or node.args.kwarg:
        raise CannotTravel("it takes arguments by * or **")
    if node.args.posonlyargs:
        raise CannotTravel("an argument can only be given by its place")
    for mark in node.decorator_list:
        if ast.unparse(mark).partition("(")[0].rpartition(".")[2] not in HARMLESS:
            raise CannotTravel(f"@{ast.unparse(mark)} may make another function of it")
