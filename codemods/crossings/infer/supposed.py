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
from codemods.crossings.infer.definitions import decorator_name, statements
from codemods.crossings.infer.diverted import origins
from codemods.crossings.infer.outlets import CHECKS
from codemods.crossings.infer.walker import Walker
from codemods.crossings.values import LAZY, REQUEST, UNKNOWN, Type, Value

if TYPE_CHECKING:
    from codemods.crossings.discover import Source
    from codemods.crossings.facts import Facts
    from codemods.crossings.infer.walker import Project

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
            for node in statements(tree)
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
                self.keep_lazy(node, type_)
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
        whole = node
        while type_ is not None and isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
            if isinstance(node, ast.Call):
                for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                    self.eval(argument)
                node = node.func
            else:
                if isinstance(node, ast.Subscript):
                    self.eval(node.slice)
                node = node.value
        if type_ is not None and node is whole:  # no chain: what is in it is read as ever
            super().eval(node)
        elif type_ is not None:
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
                self.returned(statement.value)
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

    def keep_lazy(self, node: ast.AST, type_: Type) -> None:
        """Take note of a queryset that a function would get as a list, read already."""
        if any(value[3].endswith(LAZY) for value in origins(type_)):
            frame = self.frames[-1]
            self._lazy.setdefault(f"{frame.name}:{id(node)}", (frame, node, type_))

    def leaves(self, type_: Type, node: ast.AST, kind: str = "escape") -> None:
        """Record that supposed values go where nobody follows them."""
        for value in set(origins(type_)):
            diverted.misused(self, kind, value, node)

    def returned(self, node: ast.expr) -> None:
        """Check that what is returned or yielded comes to callers that are seen."""
        type_ = self.last(node)
        if any(True for _ in origins(type_)) and not self._is_seen(type_):
            self.leaves(type_, node)

    def _is_seen(self, type_: Type) -> bool:
        """Tell whether all callers of the function being read are the project's own calls.

        Nobody but tests calls a plain function that the project does not call: what Django calls
        by a setting is given a request, gives a dict, or belongs to a class.
        """
        frame = self.frames[-1]
        definition = self.project.definitions.get(frame.name)
        short = frame.name.rpartition(":")[2].rpartition(".")[2]
        if definition is None or short in self._decorated:
            return False
        if frame.cls is not None:
            role = roles.role(self, frame.cls)
            if ASKED_BY_FRAMEWORK.fullmatch(short) or role in ("serializer", "admin"):
                return False
        if definition.kind == "property" or self.facts.get("c", frame.name):
            return True
        is_for_django = frame.parameters[:1] == ("request",) or any(v[0] in "KD" for v in type_)
        return definition.kind == "function" and not is_for_django

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
