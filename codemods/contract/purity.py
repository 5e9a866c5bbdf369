"""Whether a method only computes with the row's own columns: a small abstract interpretation.

It also tells whether the computing may fail: by a column that may be null, an item that may be
missing, a text that may be no number.

An expression is a row (of a model, reached by a path of relations), plain (a value that is read
without a query), or unknown; one unknown makes the whole method costly.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.contract.members import Function, Sources
    from codemods.project.graph import Field, Graph

PURE_FUNCTIONS = frozenset(
    {
        "abs", "all", "any", "bool", "bytes", "chr", "dict", "divmod", "enumerate", "float",
        "format", "frozenset", "hash", "hex", "int", "isinstance", "len", "list", "max", "min",
        "oct", "ord", "pow", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum",
        "tuple", "zip", "Decimal", "Fraction", "UUID", "date", "datetime", "time", "timedelta",
        "escape", "conditional_escape", "format_html", "mark_safe", "slugify", "force_str",
        "reverse", "reverse_lazy", "quote", "quote_plus", "urlencode",
    }
)  # fmt: skip
PURE_METHODS = frozenset(
    {
        "capitalize", "casefold", "center", "count", "date", "encode", "decode", "endswith",
        "find", "format", "get", "index", "isalnum", "isalpha", "isdigit", "isoformat", "isupper",
        "islower", "isspace", "items", "join", "keys", "ljust", "lower", "lstrip", "partition",
        "quantize", "removeprefix", "removesuffix", "replace", "rfind", "rjust", "rpartition",
        "rsplit", "rstrip", "split", "splitlines", "startswith", "strftime", "strip", "swapcase",
        "time", "title", "total_seconds", "upper", "values", "weekday", "isoweekday", "zfill",
    }
)  # fmt: skip
_NEVER_FAIL = frozenset(
    {
        "abs", "all", "any", "bool", "conditional_escape", "dict", "enumerate", "escape",
        "force_str", "format_html", "frozenset", "isinstance", "len", "list", "mark_safe", "range",
        "repr", "reversed", "round", "set", "slugify", "sorted", "str", "sum", "tuple", "zip",
    }
)  # fmt: skip
_FAILING_METHODS = frozenset({"decode", "index", "quantize", "strftime"})
_MAY_FAIL = (ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Row:
    """An instance of a model, reached from the method's own by relations; "" is `self`."""

    label: str
    path: str = ""


PLAIN = Row("")
WHOLLY_PLAIN = (
    ast.BinOp, ast.Constant, ast.Dict, ast.JoinedStr, ast.List, ast.Set, ast.Slice, ast.Subscript,
    ast.Tuple, ast.UnaryOp,
)  # fmt: skip
Kind = Row | None


@dataclass(eq=False)
class Reading:
    """Reads one method of `label`; `loads` gathers the relations that it walks."""

    graph: Graph
    sources: Sources
    label: str
    path: str
    start: Row | None = None
    depth: int = 0
    loads: set[str] = field(default_factory=set)
    may_fail: bool = False

    def is_pure(self, function: Function) -> bool:
        """Tell whether a method without further arguments reads only columns and constants."""
        arguments = [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
        if isinstance(function, ast.AsyncFunctionDef) or not arguments:
            return False
        names: dict[str, Kind] = dict.fromkeys(arguments, PLAIN)
        names[arguments[0]] = self.start or Row(self.label)
        return all(self._statement(each, names) for each in function.body)

    def _statement(self, node: ast.stmt, names: dict[str, Kind]) -> bool:
        match node:
            case ast.Expr(ast.Constant()) | ast.Pass():
                return True
            case ast.Return(value):
                return value is None or self._kind(value, names) == PLAIN
            case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(ast.Name(name), _, value):
                names[name] = self._kind(value, names) if value else None
                return names[name] is not None
            case ast.AugAssign(ast.Name(name), _, value):
                return self._kind(value, names) == PLAIN and names.get(name) == PLAIN
            case ast.If(test, body, orelse):
                inside = [self._statement(each, names) for each in (*body, *orelse)]
                return self._kind(test, names) is not None and all(inside)
        return False

    def _kind(self, node: ast.expr, names: dict[str, Kind]) -> Kind:
        match node:
            case ast.Name(name):
                return names[name] if name in names else self._global(name)
            case ast.Attribute(value, attribute):
                is_constant = self._is_class_constant(node, names)
                return (
                    PLAIN if is_constant else self._attribute(self._kind(value, names), attribute)
                )
            case ast.Call():
                return self._call(node, names)
            case ast.FormattedValue(value):
                return self._text(self._kind(value, names))
            case ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                return self._comprehension(node, names)
        return self._composed(node, names)

    def _composed(self, node: ast.expr, names: dict[str, Kind]) -> Kind:
        """Return what an expression is whose parts decide alone."""
        kinds = [
            self._kind(each, names)
            for each in ast.iter_child_nodes(node)
            if isinstance(each, ast.expr)
        ]
        self.may_fail |= isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice)
        self.may_fail |= isinstance(node, ast.BinOp) and isinstance(node.op, _MAY_FAIL)
        if isinstance(node, WHOLLY_PLAIN):
            return PLAIN if all(each == PLAIN for each in kinds) else None
        if None in kinds or not isinstance(node, (ast.BoolOp, ast.IfExp, ast.Compare)):
            return None
        if isinstance(node, ast.Compare):
            return PLAIN
        results = kinds[1:] if isinstance(node, ast.IfExp) else kinds
        return next((each for each in results if each != PLAIN), PLAIN)

    def _global(self, name: str) -> Kind:
        """Return what a name of the module is: plain when it is bound to a literal, once."""
        if name == "settings":
            return PLAIN
        tree = self.sources.tree(self.path)
        bound = [
            each.value
            for each in (tree.body if tree else [])
            if isinstance(each, (ast.Assign, ast.AnnAssign))
            for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
            if isinstance(target, ast.Name) and target.id == name
        ]
        return PLAIN if len(bound) == 1 and isinstance(bound[0], ast.Constant) else None

    def _is_class_constant(self, node: ast.Attribute, names: dict[str, Kind]) -> bool:
        """Tell whether an expression is `Order.Status.PAID` of a class of this very module."""
        dotted = ast.unparse(node).split(".")
        if dotted[0] in names or len(dotted) > MAX_DEPTH:
            return False
        body = self.sources.class_body(self.path, ".".join(dotted[:-1]))
        return any(
            isinstance(each, ast.Assign)
            and isinstance(each.value, (ast.Constant, ast.Tuple))
            and any(isinstance(to, ast.Name) and to.id == dotted[-1] for to in each.targets)
            for each in body
        )

    def _attribute(self, kind: Kind, name: str) -> Kind:
        if kind is None or kind == PLAIN:
            return kind
        model = self.graph.models[kind.label]
        reverse = model.accessors.get(name)
        if field := model.fields.get(name):
            return self._field(kind, field)
        if name == "pk" or name in model.attnames:
            return PLAIN
        if reverse and not reverse.many:
            return self._walked(kind, name, reverse.model)
        if name in model.members and model.members[name].kind == "property":
            return self._member(kind, name)
        return self._constant(kind.label, name)

    def _field(self, kind: Row, field: Field) -> Kind:
        if field.many or field.generic:
            return None
        if field.target in self.graph.models:
            return self._walked(kind, field.name, field.target or "")
        self.may_fail |= field.null or field.internal_type == "JSONField"
        return PLAIN if field.internal_type not in {None, "FileField"} else None

    def _walked(self, kind: Row, name: str, target: str) -> Kind:
        path = f"{kind.path}__{name}".removeprefix("__")
        self.loads.add(path)
        return Row(target, path)

    def _constant(self, label: str, name: str) -> Kind:
        """Return plain for a class attribute that is a literal or a class of constants."""
        model = self.graph.models[label]
        for each in (model.name, *model.bases):
            module, _, qualname = each.partition(":")
            if found := self.graph.modules.get(module):
                for node in self.sources.class_body(found.path, qualname):
                    if isinstance(node, ast.ClassDef) and node.name == name:
                        return PLAIN
                    if (
                        isinstance(node, ast.Assign)
                        and isinstance(node.value, ast.Constant)
                        and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
                    ):
                        return PLAIN
        return None

    def _member(self, kind: Row, name: str) -> Kind:
        """Return plain when a further method or property of a row is pure as well."""
        from codemods.contract.members import KNOWN_CHEAP, find_in_classes

        model = self.graph.models[kind.label]
        if (found := model.library_members.get(name)) and name not in model.members:
            return PLAIN if found.name in KNOWN_CHEAP else None
        source = find_in_classes(self.graph, self.sources, model, name)
        if source is None or self.depth >= MAX_DEPTH or len(source[0].args.args) != 1:
            return None
        inner = Reading(
            self.graph, self.sources, kind.label, source[1], kind, self.depth + 1, self.loads
        )
        is_pure = inner.is_pure(source[0])
        self.may_fail |= inner.may_fail
        return PLAIN if is_pure else None

    def _text(self, kind: Kind) -> Kind:
        if kind is None or kind == PLAIN:
            return kind
        model = self.graph.models[kind.label]
        from codemods.contract.members import find_in_classes

        if find_in_classes(self.graph, self.sources, model, "__str__") is None:
            return PLAIN
        return self._member(kind, "__str__")

    def _call(self, node: ast.Call, names: dict[str, Kind]) -> Kind:
        arguments = [*node.args, *(each.value for each in node.keywords)]
        match node.func:
            case ast.Name("str") if len(arguments) == 1:
                return self._text(self._kind(arguments[0], names))
            case ast.Name(name) if name in PURE_FUNCTIONS:
                self.may_fail |= name not in _NEVER_FAIL
            case ast.Attribute(value, name):
                kind = self._kind(value, names)
                self.may_fail |= name in _FAILING_METHODS
                if kind is not None and kind != PLAIN:
                    return None if arguments else self._method(kind, name)
                if kind is None or name not in PURE_METHODS:
                    return None
            case _:
                return None
        return PLAIN if all(self._kind(each, names) == PLAIN for each in arguments) else None

    def _method(self, kind: Row, name: str) -> Kind:
        model = self.graph.models[kind.label]
        is_display = name.startswith("get_") and name.endswith("_display")
        if is_display and name not in model.members and name[4:-8] in model.fields:
            return PLAIN
        return self._member(kind, name)

    def _comprehension(
        self,
        node: ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp,
        names: dict[str, Kind],
    ) -> Kind:
        inner = dict(names)
        for each in node.generators:
            if self._kind(each.iter, inner) != PLAIN:
                return None
            for target in ast.walk(each.target):
                if isinstance(target, ast.Name):
                    inner[target.id] = PLAIN
            if any(self._kind(test, inner) != PLAIN for test in each.ifs):
                return None
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return PLAIN if all(self._kind(each, inner) == PLAIN for each in parts) else None
