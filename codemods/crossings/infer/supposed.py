"""Queries read as if a client answered them: where their values go, and where nobody can follow.

A rewrite supposes at the place of a query what an operation would give there: ("U", label,
"query", origin), or a list or a dict of it. The values then flow as everything does. What is done
to one that only an instance can do is recorded with its origin, as for diverted relations, and
here also where it goes out of sight: to code that is not the project's, into what is not followed,
or back to callers that nobody sees. Then the query has to stay as it is.

    eval ─> what it is, or is supposed to be ─> a call, a lambda, ... of it: followed? ─> misused
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer import diverted, roles
from codemods.crossings.infer.definitions import decorator_name
from codemods.crossings.infer.walker import Walker
from codemods.crossings.values import LAZY, REQUEST, UNKNOWN, Type, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.crossings.discover import Source
    from codemods.crossings.facts import Facts
    from codemods.crossings.infer.walker import Project

OBJECT = "builtins:object"
MAX_TUPLE = 8
MAX_NESTING = 6
LOOKS = frozenset(
    {
        "list", "tuple", "set", "sorted", "reversed", "frozenset", "iter", "chain", "len", "bool",
        "any", "all", "max", "min", "next", "enumerate", "zip", "str", "repr", "print", "format",
        "hash", "id", "force_str", "cast",
    }
)  # fmt: skip
TEXTS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "format"})
RENDERS = frozenset({"render", "render_to_string", "TemplateResponse", "SimpleTemplateResponse"})
LOOKUPS = frozenset({"filter", "exclude", "get", "aget", "create", "acreate", "count", "exists"})
CONDITIONS = frozenset({"Q", "get_object_or_404", "get_list_or_404"})
OF_CONTAINERS = {
    "S": frozenset(
        {"append", "add", "insert", "extend", "index", "sort", "reverse", "copy", "pop", "remove"}
    ),
    "D": frozenset({"get", "pop", "setdefault", "keys", "values", "items", "copy"}),
    "K": frozenset({"get", "pop", "setdefault", "keys", "values", "items", "copy", "update"}),
    "T": frozenset({"index", "count"}),
}
GROWS = frozenset({"append", "add", "insert", "extend"})
PLAIN_DECORATORS = frozenset(
    {
        "staticmethod", "classmethod", "property", "cached_property", "override", "overload",
        "abstractmethod", "atomic", "contextmanager",
    }
)  # fmt: skip
KNOWN_TO_FRAMEWORK = frozenset(
    {"object", "object_list", "instance", "queryset", "user", "initial", "cleaned_data", "kwargs"}
)
ASKED_BY_FRAMEWORK = re.compile(
    r"__\w+__|get_(object|queryset|user|context_data|form\w*|initial|serializer\w*|success_url|"
    r"extra\w*|paginat\w*|ordering|absolute_url)|authenticate|clean\w*|create|update|save\w*|to_\w+|"
    r"validate\w*|form_\w+|perform_\w+|filter_\w+|paginate\w*|process_\w+|resolve\w*|items|"
    r"lastmod|list|retrieve|dispatch|get|post|put|patch|delete|render|label_from\w+"
)


def origins(type_: Type, depth: int = 0) -> Iterator[Value]:
    """Give each value of a supposed query that is anywhere in a type."""
    for value in type_:
        shape = value[0]
        if shape == "U":
            if diverted.is_supposed(value):
                yield value
        elif depth < MAX_NESTING:
            for part in _parts(value):
                yield from origins(part, depth + 1)


def _parts(value: Value) -> Iterable[Type]:
    shape = value[0]
    if shape in "SDH":
        return (value[1],)
    if shape == "T":
        parts: tuple[Type, ...] = value[1]
        return parts
    if shape == "K":
        return [inner for _, inner in value[1]]
    return (value[2],) if shape in "BZ" else ()


class SupposingWalker(Walker):
    """Reads one file with what some of its queries are supposed to give."""

    def __init__(self, project: Project, source: Source, facts: Facts) -> None:
        super().__init__(project, source, facts)
        self._given = project.supposed.get(source.path, {})
        self._starts = {span[:2] for span in self._given}
        self._last: dict[int, Type] = {}
        self._decorated: frozenset[str] = frozenset()
        self._lazy: dict[str, tuple[Any, ast.AST, Type]] = {}

    def read(self, tree: ast.Module) -> None:
        """Read the file; a queryset that runs earlier than it did must not pass any write."""
        self._decorated = frozenset(
            node.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and any(decorator_name(each) not in PLAIN_DECORATORS for each in node.decorator_list)
        )
        super().read(tree)
        for frame, node, type_ in self._lazy.values():
            for value in set(origins(type_)):
                if ("W", self.contexts.of_label(value[1])) in frame.writes:
                    diverted.misused(self, "rows", value, node)

    def eval(self, node: ast.AST | None) -> Type:
        """Return the type of an expression, or what is supposed to stand there."""
        if node is None:
            return UNKNOWN
        type_ = self._supposed(node)
        if type_ is not None:
            self._last[id(node)] = type_
            if isinstance(node, ast.Call):
                _kept_lazy(self, node, type_)
            return type_
        type_ = super().eval(node)
        self._last[id(node)] = type_
        check = CHECKS.get(type(node))
        if check is not None:
            check(self, node, type_)
        return type_

    def _supposed(self, node: Any) -> Type | None:
        """Return what is supposed to stand at a place; of what does, only arguments are read."""
        if not self._starts or (node.lineno, node.col_offset) not in self._starts:
            return None
        type_ = self._given.get(
            (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        )
        while type_ is not None and isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
            if isinstance(node, ast.Call):
                for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                    self.eval(argument)
                node = node.func
            else:
                if isinstance(node, ast.Subscript):
                    self.eval(node.slice)
                node = node.value
        if type_ is not None:
            self.eval(node)
        return type_

    def note(self, node: ast.AST, type_: Type) -> None:
        """Take note of what is called."""
        self._last[id(node)] = type_

    def run(self, body: list[ast.stmt]) -> None:
        """Read statements; what is returned has to come to callers that are seen."""
        for statement in body:
            super().run([statement])
            if isinstance(statement, ast.Return) and statement.value is not None:
                self._returned(statement.value)
            elif isinstance(statement, ast.AugAssign) and not isinstance(
                statement.target, ast.Name
            ):
                self.leaves(self.last(statement.value), statement)
            elif isinstance(statement, ast.Match):
                self.leaves(self.last(statement.subject), statement.subject)
            elif isinstance(statement, ast.Assign):
                for target in statement.targets:
                    self._stored(target, self.last(statement.value))
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                self._stored(statement.target, self.last(statement.value))

    def last(self, node: ast.AST) -> Type:
        """Return what an expression was when it was read last."""
        return self._last.get(id(node), UNKNOWN)

    def leaves(self, type_: Type, node: ast.AST, kind: str = "escape") -> None:
        """Record that supposed values go where nobody follows them."""
        for value in set(origins(type_)):
            diverted.misused(self, kind, value, node)

    def _returned(self, node: ast.expr) -> None:
        type_ = self.last(node)
        if any(True for _ in origins(type_)) and not self._is_seen():
            self.leaves(type_, node)

    def _is_seen(self) -> bool:
        """Tell whether all callers of the function being read are the project's own calls."""
        frame = self.frames[-1]
        definition = self.project.definitions.get(frame.name)
        short = frame.name.rpartition(":")[2].rpartition(".")[2]
        if definition is None or short in self._decorated:
            return False
        if frame.cls is not None:
            role = roles.role(self, frame.cls)
            if ASKED_BY_FRAMEWORK.fullmatch(short) or role in ("serializer", "admin"):
                return False
        return definition.kind == "property" or bool(self.facts.get("c", frame.name))

    def _stored(self, target: ast.expr, type_: Type) -> None:
        """Check that what is kept is kept where its readers are seen."""
        if isinstance(target, ast.Name) or not any(True for _ in origins(type_)):
            return
        if isinstance(target, (ast.Tuple, ast.List)):
            if not all(isinstance(part, ast.Name) for part in target.elts):
                self.leaves(type_, target)
        elif isinstance(target, ast.Attribute):
            base = self.last(target.value)
            if not base or not all(self._keeps(value, target.attr) for value in base):
                self.leaves(type_, target)
        elif not (isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)):
            self.leaves(type_, target)

    def _keeps(self, value: Value, name: str) -> bool:
        """Tell whether all who read what is put into an attribute are seen."""
        if value == REQUEST:
            return name not in KNOWN_TO_FRAMEWORK
        if value[0] == "O":
            others = [
                *roles.lookup_order(self, value[1])[1:],
                *self.project.subclasses.get(value[1], ()),
            ]
            return not any(each in self.project.definitions for each in others) and not roles.role(
                self, value[1]
            )
        return value[0] == "I" and self._is_field(value, name)

    def _is_field(self, value: Value, name: str) -> bool:
        """Tell whether an attribute of a row is a relation: what may be put there is checked."""
        model = self.graph.models.get(value[1])
        field = model.fields.get(name) if model else None
        return field is not None and bool(field.target) and not field.many


def _call(walker: SupposingWalker, node: Any, type_: Type) -> None:
    """Check each argument of a call that has supposed values in it, and what it is called on."""
    function = node.func
    callees = walker.last(function)
    for value in callees:
        if value[0] in "FB" and any(True for _ in origins(walker.facts.get("r", value[1]))):
            walker.facts.tell(frozenset((("W", "called"),)), "c", value[1])
    base = walker.last(function.value) if isinstance(function, ast.Attribute) else UNKNOWN
    if isinstance(function, ast.Attribute):
        _asked(walker, base, function.attr, node)
        if not base:
            _unseen(walker, function.attr, node)
    for argument in (*node.args, *node.keywords):
        inner = argument.value if isinstance(argument, (ast.keyword, ast.Starred)) else argument
        given = walker.last(inner)
        if any(True for _ in origins(given)) and not _is_followed(
            walker, node, argument, given, base, callees
        ):
            walker.leaves(given, inner)
    _kept_lazy(walker, node, type_)


def _kept_lazy(walker: SupposingWalker, node: ast.AST, type_: Type) -> None:
    if any(value[3].endswith(LAZY) for value in origins(type_)):
        frame = walker.frames[-1]
        walker._lazy.setdefault(f"{frame.name}:{id(node)}", (frame, node, type_))  # noqa: SLF001


def _asked(walker: SupposingWalker, base: Type, name: str, node: ast.Call) -> None:
    """Check a method of a list or a dict: a list has not all that a queryset has."""
    for value in base:
        known = OF_CONTAINERS.get(value[0])
        if known is None or not any(True for _ in origins(frozenset((value,)))):
            continue
        is_counted = name == "count" and value[0] in "ST" and bool(node.args)
        if name not in known and not is_counted:
            walker.leaves(frozenset((value,)), node, "rows")


def _unseen(walker: SupposingWalker, name: str, node: ast.AST) -> None:
    """Record that a method called so, on what nobody knows, may be one that gives values."""
    for method in _named(walker.project, name):
        walker.leaves(walker.facts.get("r", method), node)


_NAMED: dict[int, dict[str, list[str]]] = {}


def _named(project: Project, name: str) -> list[str]:
    """Return the methods and properties called so."""
    known = _NAMED.get(id(project.definitions))
    if known is None:
        _NAMED.clear()
        known = _NAMED[id(project.definitions)] = {}
        for method, definition in project.definitions.items():
            if definition.kind not in ("function", "class"):
                known.setdefault(method.rpartition(".")[2], []).append(method)
    return known.get(name, [])


def _is_followed(
    walker: SupposingWalker,
    node: ast.Call,
    argument: ast.expr | ast.keyword,
    given: Type,
    base: Type,
    callees: Type,
) -> bool:
    """Tell whether everything that a call does with an argument is seen."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    is_value = all(value[0] == "U" for value in given)
    if name in TEXTS and is_value and not callees:
        return True
    if any(value[0] in "QGR" for value in base) or (base and all(v[0] == "M" for v in base)):
        return is_value and isinstance(argument, ast.keyword) and name in LOOKUPS
    if not callees:
        return _is_builtin(walker, node, name, base)
    return all(_takes(walker, value, name, node, argument, given) for value in callees)


def _is_builtin(walker: SupposingWalker, node: ast.Call, name: str, base: Type) -> bool:
    """Tell whether this is one of Python's own functions, or a list that grows in this function."""
    if isinstance(node.func, ast.Name):
        others = (
            walker.last(k.value if isinstance(k, ast.keyword) else k)
            for k in (*node.args, *node.keywords)
        )
        return name in LOOKS and not any(v[0] in "FB" for type_ in others for v in type_)
    assert isinstance(node.func, ast.Attribute)  # noqa: S101  a call of something else has callees
    place = node.func.value
    if not base:
        is_own = isinstance(place, ast.Name) and place.id not in walker.frames[-1].parameters
        return name in ("append", "add") and is_own
    if not all(value[0] in "SDK" and name in OF_CONTAINERS[value[0]] for value in base):
        return False
    if isinstance(place, ast.Name):
        return place.id not in walker.frames[-1].parameters
    return (
        name in GROWS
        and isinstance(place, ast.Attribute)
        and all(value[0] in "OC" for value in walker.last(place.value))
    )


def _takes(
    walker: SupposingWalker,
    callee: Value,
    name: str,
    node: ast.Call,
    argument: ast.expr | ast.keyword,
    given: Type,
) -> bool:
    """Tell whether one thing that is called takes an argument in plain sight."""
    shape = callee[0]
    if shape in "FB":
        definition = walker.project.definitions.get(callee[1])
        is_bound = definition is not None and definition.kind in ("method", "classmethod")
        return _has_parameter(
            walker, callee[1], node, argument, 1 if shape == "B" and is_bound else 0
        )
    if shape == "C":
        order = roles.lookup_order(walker, callee[1])
        made = (f"{each}.__init__" for each in order)
        initial = next((each for each in made if each in walker.project.definitions), None)
        if initial is not None:
            return _has_parameter(walker, initial, node, argument, 1)
        is_own = all(each in walker.project.definitions for each in order if each != OBJECT)
        return is_own and isinstance(argument, ast.keyword) and argument.arg is not None
    if shape == "M":
        model = walker.graph.models.get(callee[1])
        named = argument.arg if isinstance(argument, ast.keyword) else None
        field = model.fields.get(named) if model and named else None
        return field is not None and bool(field.target) and not field.many
    if shape != "X":
        return False
    is_value = all(value[0] == "U" for value in given)
    if name in CONDITIONS:
        return is_value and isinstance(argument, ast.keyword)
    if name in RENDERS:
        types = [walker.last(each) for each in node.args]
        types += [walker.last(each.value) for each in node.keywords]
        is_named = any(v[0] == "L" and "." in v[1] for type_ in types for v in type_)
        return is_named and all(value[0] == "K" for value in given)
    return name in LOOKS or (name in TEXTS and is_value)


def _has_parameter(
    walker: SupposingWalker, name: str, node: ast.Call, argument: ast.expr | ast.keyword, skip: int
) -> bool:
    """Tell whether an argument is bound to a parameter of a function of the project."""
    definition = walker.project.definitions.get(name)
    if definition is None:
        return False
    parameters = definition.parameters[skip:]
    if isinstance(argument, ast.keyword):
        return argument.arg in parameters
    if any(isinstance(each, ast.Starred) for each in node.args):
        return False
    return node.args.index(argument) < len(parameters)


def _reference(walker: SupposingWalker, node: Any, type_: Type) -> None:
    """Check a function that is handed on instead of called, and what is asked of a list."""
    for value in type_:
        if value[0] in "FB":
            walker.leaves(walker.facts.get("r", value[1]), node)
    if isinstance(node, ast.Attribute):
        base = walker.last(node.value)
        lists = frozenset(value for value in base if value[0] in "SDT")
        walker.leaves(lists, node, "rows")
        if not base and isinstance(node.ctx, ast.Load):
            _unseen(walker, node.attr, node)


def _lambda(walker: SupposingWalker, node: Any, _type: Type) -> None:
    walker.leaves(walker.last(node.body), node)


def _dict(walker: SupposingWalker, node: Any, type_: Type) -> None:
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            walker.leaves(walker.last(key), key)
        is_text = isinstance(key, ast.Constant) and isinstance(key.value, str)
        if not is_text and any(each[0] == "K" for each in type_):
            walker.leaves(walker.last(value), value)


def _dict_comprehension(walker: SupposingWalker, node: Any, _type: Type) -> None:
    walker.leaves(walker.last(node.key), node.key)


def _tuple(walker: SupposingWalker, node: Any, _type: Type) -> None:
    if len(node.elts) > MAX_TUPLE:
        for part in node.elts:
            walker.leaves(walker.last(part), part)


def _binary(walker: SupposingWalker, node: Any, _type: Type) -> None:
    if isinstance(node.op, (ast.BitOr, ast.BitAnd, ast.BitXor)):
        for side in (node.left, node.right):
            lists = frozenset(value for value in walker.last(side) if value[0] == "S")
            walker.leaves(lists, side, "rows")


def _yielded(walker: SupposingWalker, node: Any, _type: Type) -> None:
    if node.value is not None:
        walker._returned(node.value)  # noqa: SLF001  what is yielded comes to callers too


CHECKS: dict[type, Any] = {
    ast.Call: _call,
    ast.Name: _reference,
    ast.Attribute: _reference,
    ast.Lambda: _lambda,
    ast.Dict: _dict,
    ast.DictComp: _dict_comprehension,
    ast.Tuple: _tuple,
    ast.BinOp: _binary,
    ast.Yield: _yielded,
    ast.YieldFrom: _yielded,
}
