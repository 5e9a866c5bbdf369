"""What a function of the owner takes, gives and raises, so that it can be called from elsewhere.

graph (names as bound at run time), source ─> Functions.signature ─> Signature, or why it cannot be

An argument travels as what its annotation names: plain values, lists of them, rows by their keys. A
row of another context is made up again from its key and the columns that the function reads, which
the caller gives along, so nothing else of it may be used (`function_bodies`). The answer is plain,
a row, or lists of such; where it is neither, callers can only do without it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codemods.contract.function_bodies import Bodies
from codemods.contract.operations import NOTHING, ROW
from codemods.contract.types import type_of_path

if TYPE_CHECKING:
    from codemods.contract.members import Sources
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

PLAIN = {
    **{f"builtins:{name}": name for name in ("int", "str", "bool", "float", "bytes")},
    **{f"datetime:{name}": name for name in ("datetime", "date", "time", "timedelta")},
    "decimal:Decimal": "Decimal",
    "uuid:UUID": "UUID",
}
LISTS = frozenset({"list", "List", "Sequence", "Iterable", "Collection"})
OWN_LISTS = frozenset({"list", "List"})
DICTS = frozenset({"dict", "Dict", "Mapping"})
OPTIONAL = frozenset({"Optional"})
JSON_SCALARS = frozenset({"int", "str", "bool", "float"})
TOO_OPEN = "it takes arguments by * or **"
PAIR = 2


class CannotTravel(Exception):  # noqa: N818  a finding about the code, not a failure of ours
    """Why a function cannot be called from another process."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an annotation says: a type of `types.TYPES`, ROW of `model`, or NOTHING."""

    type: str
    model: str = ""
    many: bool = False
    nullable: bool = False


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
    `reaches_data` tells that it touches a model somewhere.
    """

    name: str
    arguments: tuple[Argument, ...]
    positional: tuple[str, ...]
    answer: Kind | None
    raises: tuple[str, ...]
    reaches_data: bool

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

    def is_served(self, name: str) -> bool:
        """Tell whether "module:Qualname" is code of the service."""
        module = self.graph.modules.get(name.partition(":")[0])
        return module is not None and self.contexts.of_path(module.path) == self.service

    def _is_elsewhere(self, name: str) -> bool:
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
        bodies = Bodies(self.graph, self.sources)
        node = bodies.function(name)
        if node is None or isinstance(node, ast.AsyncFunctionDef) or "<locals>" in name:
            raise CannotTravel("it is no plain function of a module, or of a class")
        if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(node)):
            raise CannotTravel("it is a generator, or a context manager")
        if node.args.vararg or node.args.kwarg:
            raise CannotTravel(TOO_OPEN)
        module = name.partition(":")[0]
        positional = [*node.args.posonlyargs, *node.args.args][bodies.bound(node) :]
        if node.args.posonlyargs:
            raise CannotTravel("an argument can only be given by its place")
        without = len(positional) - len(node.args.defaults)
        arguments = [
            self._argument(bodies, name, each, is_optional=place >= without)
            for place, each in enumerate(positional)
        ]
        arguments += [
            self._argument(bodies, name, each, is_optional=default is not None)
            for each, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        ]
        try:
            answer = self._kind(module, node.returns) if node.returns is not None else None
        except CannotTravel:
            answer = None
        if answer and answer.many and ast.unparse(node.returns).split("[")[0] not in OWN_LISTS:  # type: ignore[arg-type]
            answer = None  # what is no list, or may be None, would be another thing afterwards
        if answer and answer.type == ROW and self.contexts.of_label(answer.model) != self.service:
            answer = None
        raised, unknown = bodies.raised(name)
        if unknown:
            raise CannotTravel(f"it raises {unknown}, which is no class that is known")
        elsewhere = [each for each in raised if self._is_elsewhere(each)]
        if elsewhere:
            raise CannotTravel(f"it raises {elsewhere[0]} of another service")
        return Signature(
            name,
            tuple(arguments),
            tuple(each.arg for each in positional),
            answer,
            raised,
            bodies.reaches_data(name) or any(each.kind.type == ROW for each in arguments),
        )

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
            if (kind.many or kind.type == "any") and bodies.changes(function, name):
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

    def _kind(self, module: str, node: ast.expr) -> Kind:
        """Return what an annotation says.

        Raises:
            CannotTravel: it names nothing that can.
        """
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        if isinstance(node, ast.Constant) and node.value is None:
            return Kind(NOTHING)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._either(module, node.left, node.right, node)
        if isinstance(node, ast.Subscript):
            return self._generic(module, node)
        name = self._name(module, node)
        if label := self.graph.model_of_class.get(name):
            return Kind(ROW, label)
        if name in PLAIN:
            return Kind(PLAIN[name])
        raise CannotTravel(f"nothing is known of {ast.unparse(node)} that JSON could carry")

    def _either(self, module: str, left: ast.expr, right: ast.expr, node: ast.expr) -> Kind:
        kinds = [self._kind(module, each) for each in (left, right)]
        own = [each for each in kinds if each.type != NOTHING]
        if len(own) != 1:
            raise CannotTravel(f"{ast.unparse(node)} may be one of several types")
        return replace(own[0], nullable=True)

    def _generic(self, module: str, node: ast.Subscript) -> Kind:
        outer = ast.unparse(node.value).rpartition(".")[2]
        if outer in OPTIONAL:
            return replace(self._kind(module, node.slice), nullable=True)
        if outer in LISTS:
            inner = self._kind(module, node.slice)
            if not inner.many and not inner.nullable and inner.type not in (NOTHING, "any"):
                return replace(inner, many=True)
        is_pair = isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == PAIR
        if outer in DICTS and is_pair:
            key, item = (self._kind(module, each) for each in node.slice.elts)  # type: ignore[attr-defined]
            is_plain = not (key.many or key.nullable or item.many)
            if is_plain and key.type == "str" and item.type in JSON_SCALARS:
                return Kind("any")
        raise CannotTravel(f"nothing is known of {ast.unparse(node)} that JSON could carry")

    def _name(self, module: str, node: ast.expr) -> str:
        """Return what a name in an annotation is, as "module:Qualname"; "" when unknown."""
        known = self.graph.modules.get(module)
        dotted = ast.unparse(node)
        first, _, rest = dotted.partition(".")
        kind, name = known.names.get(first, ("", "")) if known else ("", "")
        if kind == "model":
            return self.graph.models[name].name if not rest else ""
        if kind == "module" and rest:
            inner = self.graph.modules.get(name)
            if inner is not None:
                return self._name(name, node.value and ast.parse(rest, mode="eval").body)  # type: ignore[attr-defined]
            return f"{name}:{rest}"
        if kind:
            return f"{name}.{rest}" if rest else name
        if not rest and first in JSON_SCALARS | {"bytes"}:
            return f"builtins:{first}"
        return self._imported(module, dotted)

    def _imported(self, module: str, dotted: str) -> str:
        """Return what is only imported for annotations, under `if TYPE_CHECKING:`."""
        known = self.graph.modules.get(module)
        tree = self.sources.tree(known.path) if known else None
        first, _, rest = dotted.partition(".")
        for each in ast.walk(tree) if tree else ():
            if isinstance(each, ast.ImportFrom) and each.module and not each.level:
                for alias in each.names:
                    if (alias.asname or alias.name) == first:
                        return f"{each.module}:{alias.name}" + f".{rest}" * bool(rest)
            elif isinstance(each, ast.Import) and rest:
                for alias in each.names:
                    if (alias.asname or alias.name) == first:
                        return f"{alias.name}:{rest}"
        return ""
