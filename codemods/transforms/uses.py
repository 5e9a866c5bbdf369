"""What becomes of a value that the client returns, as far as its function shows.

A value is frozen and stands for a row: reading it is fine, changing, saving, or handing it to code
that needs a model's instance is not. Names are followed within their scope. Prefer a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst

from codemods.crossings.values import LAZY, QUERY, UNKNOWN
from codemods.transforms import row_writes
from codemods.transforms.attributes import RELATED, check_templates, read_attribute
from codemods.transforms.links import Unsupported, called
from codemods.transforms.passing import check_argument, is_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.crossings.values import Type, Value
    from codemods.transforms.source import SourceFile

ELSEWHERE = "evaluate it here, with list(), or ask where it is used"
READ_ONLY = "read what is needed of it here, or offer what is done with it as an operation"
ONE, MANY, MAPPING, PAIRS, NUMBERED = "one", "many", "mapping", "pairs", "numbered"
TWO = 2
METHODS = {
    **{(MANY, name): "" for name in ("sort", "index", "count", "reverse", "append", "add")},
    (MANY, "copy"): MANY, (MAPPING, "get"): ONE, (MAPPING, "pop"): ONE, (MAPPING, "keys"): "",
    (MAPPING, "values"): MANY, (MAPPING, "items"): PAIRS,
}  # fmt: skip
BUILTINS = {
    **{(MANY, name): MANY for name in ("list", "tuple", "set", "sorted", "reversed", "iter")},
    **{(kind, name): "" for name in ("len", "bool") for kind in (MANY, MAPPING)},
    **{(MAPPING, name): "" for name in ("list", "set", "tuple", "sorted")},
    **{(MANY, name): ONE for name in ("min", "max", "next")},
    (MANY, "any"): "", (MANY, "all"): "", (MANY, "enumerate"): NUMBERED,
}  # fmt: skip
LOOKING_ON = (
    cst.Expr, cst.If, cst.While, cst.Assert, cst.UnaryOperation, cst.Comparison,
    cst.ComparisonTarget, cst.Index, cst.CompIf, cst.Del,
)  # fmt: skip


@dataclass
class Uses:
    """What the file reads of a value: (label, attribute) pairs.

    `related` are the places where related rows of the service are asked of it, each of which must
    become a call of its own. When it is `trusting`, what else is done is known to be fine from
    elsewhere, and nothing is refused. `written` is the group of writes that are given a row.
    """

    file: SourceFile
    trusting: bool = False
    given: Type = UNKNOWN
    supposed: Value | None = None
    written: str = ""
    needs: set[tuple[str, str]] = field(default_factory=set)
    related: list[cst.Attribute] = field(default_factory=list)
    _seen: set[tuple[int, str]] = field(default_factory=set)

    def follow(self, node: cst.BaseExpression, label: str, kind: str) -> None:
        """Check what is done with an expression that is one of `kind` on a model's values.

        Raises:
            Unsupported: something that needs a row's instance, or may.
        """
        if (id(node), kind) in self._seen:
            return
        self._seen.add((id(node), kind))
        try:
            self._follow(node, label, kind)
        except Unsupported:
            if not self.trusting:
                raise

    def _follow(self, node: cst.BaseExpression, label: str, kind: str) -> None:
        parent = self.file.parent(node)
        if _is_written(self.file, node):
            self.written = row_writes.group_of(self.file, node)
            return
        if isinstance(parent, (cst.Attribute, cst.Subscript)) and parent.value is node:
            self._link(parent, label, kind)
        elif isinstance(parent, cst.Arg):
            self._argument(parent, label, kind)
        elif isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.AssignTarget)):
            self._bound(node, parent, label, kind)
        elif isinstance(parent, (cst.For, cst.CompFor)) and parent.iter is node:
            self._iterated(parent, label, kind)
        elif isinstance(parent, (cst.BooleanOperation, cst.IfExp)):
            if not _only_tests(parent, node):
                self.follow(parent, label, kind)
        elif not self._is_harmless(node, parent, label, kind):
            self._element(node, parent, label, kind)

    def _is_harmless(
        self, node: cst.BaseExpression, parent: cst.CSTNode | None, label: str, kind: str
    ) -> bool:
        """Tell whether what is around only looks: a test, a comparison, a text."""
        is_formatted = isinstance(parent, cst.FormattedStringExpression) or (
            isinstance(parent, cst.BinaryOperation)
            and isinstance(parent.operator, cst.Modulo)
            and parent.right is node
        )
        if is_formatted and kind == ONE:
            self.needs.add((label, "__str__"))
        return is_formatted or isinstance(parent, LOOKING_ON)

    def _iterated(self, parent: cst.For | cst.CompFor, label: str, kind: str) -> None:
        target: cst.BaseExpression = parent.target
        if kind == PAIRS and isinstance(target, cst.Tuple) and len(target.elements) == TWO:
            target = target.elements[1].value
        elif kind not in (MANY, MAPPING):
            raise Unsupported(parent.iter, "its rows are taken apart", READ_ONLY)
        if kind != MAPPING:
            self._target(target, label)

    def _link(self, parent: cst.Attribute | cst.Subscript, label: str, kind: str) -> None:
        if isinstance(parent, cst.Subscript):
            if kind not in (MANY, MAPPING):
                raise Unsupported(parent, "a row is subscripted", READ_ONLY)
            is_slice = isinstance(parent.slice[0].slice, cst.Slice)
            self.follow(parent, label, MANY if is_slice else ONE)
        elif kind == ONE:
            found = read_attribute(self.file, parent, label)
            if found == RELATED:
                self.related.append(parent)
                return
            self.needs.add((label, parent.attr.value))
            if found:
                self.follow(parent, found, ONE)
        else:
            self._method(parent, label, kind)

    def _method(self, attribute: cst.Attribute, label: str, kind: str) -> None:
        """Follow what a method of a list or a dict gives."""
        name, call = attribute.attr.value, self.file.parent(attribute)
        gives = METHODS.get((kind, name))
        if gives is None or not isinstance(call, cst.Call) or call.func is not attribute:
            raise Unsupported(attribute, f"{name} is asked of a list of rows", READ_ONLY)
        self._keys(call, label)
        if gives:
            self.follow(call, label, gives)

    def _keys(self, call: cst.Call, label: str) -> None:
        """Follow the parameter of `key=lambda row: ...`."""
        for argument in call.args:
            if isinstance(argument.value, cst.Lambda):
                for parameter in argument.value.params.params:
                    self._name(parameter.name, label, ONE)

    def _argument(self, argument: cst.Arg, label: str, kind: str) -> None:
        call = self.file.parent(argument)
        if not isinstance(call, cst.Call):
            raise Unsupported(argument, "it is passed to a class", READ_ONLY)
        name = called(self.file, call).removeprefix("builtins.")
        is_first = argument.star == "" and argument is call.args[0]
        gives = BUILTINS.get((kind, name)) if is_first else None
        if kind == ONE and is_first and (collection := self._collection(call)) is not None:
            self._name(collection, label, MANY)
            return
        if gives is None:
            self.needs |= check_argument(self.file, call, argument, label, is_many=kind != ONE)
            return
        self._keys(call, label)
        if gives == NUMBERED:
            self._enumerated(call, label)
        elif gives:
            self.follow(call, label, gives)

    def _collection(self, call: cst.Call) -> cst.Name | None:
        """Return the list or set of this function that a row is put into."""
        method = call.func
        if not isinstance(method, cst.Attribute) or method.attr.value not in ("append", "add"):
            return None
        name = method.value
        scope: Any = self.file.scope(name)
        if not isinstance(name, cst.Name) or type(scope).__name__ != "FunctionScope":
            return None
        bindings = [self._binding(each.node) for each in scope.assignments[name.value]]
        is_own = all(each is not None and _is_empty(self.file, each) for each in bindings)
        return name if bindings and is_own else None

    def _binding(self, name: cst.CSTNode) -> cst.BaseExpression | None:
        """Return what a name is bound to by a plain assignment; None by anything else."""
        parent = self.file.parent(name)
        if isinstance(parent, cst.AssignTarget):
            parent = self.file.parent(parent)
        return parent.value if isinstance(parent, (cst.Assign, cst.AnnAssign)) else None

    def _enumerated(self, call: cst.Call, label: str) -> None:
        parent = self.file.parent(call)
        if not isinstance(parent, (cst.For, cst.CompFor)):
            raise Unsupported(call, "rows are numbered and passed on", READ_ONLY)
        self._iterated(parent, label, PAIRS)

    def _bound(self, node: cst.BaseExpression, parent: cst.CSTNode, label: str, kind: str) -> None:
        targets: list[cst.BaseExpression] = []
        if isinstance(parent, cst.Assign):
            targets = [target.target for target in parent.targets]
        elif isinstance(parent, (cst.AnnAssign, cst.NamedExpr)) and parent.target is not node:
            targets = [parent.target]
        for target in targets:
            if isinstance(target, cst.Name):
                self._name(target, label, kind)
            elif isinstance(target, cst.Attribute) and kind == ONE:
                self._stored(target, label)
            elif isinstance(target, cst.Subscript) and is_context(self.file, target.value):
                check_templates(self.file, target, label)
            else:
                raise Unsupported(target, f"it is kept in {self.file.code(target)}", READ_ONLY)
        if isinstance(parent, cst.NamedExpr) and targets:
            self.follow(parent, label, kind)

    def _stored(self, target: cst.Attribute, label: str) -> None:
        """Allow `order.user = value` where the relation is diverted; refuse other attributes."""
        owner = self.file.certain(target.value)
        key = (owner[1], target.attr.value) if owner and owner[0] in "IU" else ("", "")
        if self.file.relations.get(key, "no relation of it") != "":
            reason = f"a row of {label} is kept in {self.file.code(target)}"
            raise Unsupported(target, reason, READ_ONLY)

    def _target(self, target: cst.BaseExpression, label: str) -> None:
        if not isinstance(target, cst.Name):
            raise Unsupported(target, "a row is taken apart", READ_ONLY)
        self._name(target, label, ONE)

    def follow_name(self, name: cst.Name, label: str) -> None:
        """Check what is done with the row that a name is bound to.

        Raises:
            Unsupported: something that needs a row's instance, or may.
        """
        self._name(name, label, ONE)

    def _name(self, name: cst.Name, label: str, kind: str) -> None:
        """Follow every use of a name in its scope."""
        for use in uses_of(self.file, name):
            self.follow(use, label, kind)

    def _element(
        self, node: cst.BaseExpression, parent: cst.CSTNode | None, label: str, kind: str
    ) -> None:
        """Follow a value into the list, the tuple or the context of a template it is put in."""
        if isinstance(parent, cst.DictElement) and parent.value is node:
            around = self.file.parent(parent)
            if isinstance(around, cst.Dict) and is_context(self.file, around):
                check_templates(self.file, node, label)
                return
        if isinstance(parent, (cst.ListComp, cst.GeneratorExp, cst.SetComp)) and kind == ONE:
            self.follow(parent, label, MANY)
            return
        if isinstance(parent, cst.DictComp) and kind == ONE:
            if parent.value is node:
                self.follow(parent, label, MAPPING)
            return
        if isinstance(parent, cst.Return):
            raise Unsupported(node, "it is returned to callers", READ_ONLY)
        raise Unsupported(node, "it is put into something else and passed on", READ_ONLY)


def _is_written(file: SourceFile, node: cst.BaseExpression) -> bool:
    """Tell whether what is done with a row there becomes a call of its own, by its key."""
    from codemods.transforms import save_row

    return row_writes.write_around(file, node) is not None or save_row.is_saved(file, node)


def uses_in(file: SourceFile, node: cst.BaseExpression, label: str, kind: str) -> Uses:
    """Return what is read of what a query gives, as its function shows it, or else the project.

    Raises:
        Unsupported: something needs a row's instance, or may, and is not trusted not to.
    """
    uses = Uses(file, given=frozenset((_shaped(("U", label), kind),)))
    try:
        uses.follow(node, label, kind)
    except Unsupported as refused:
        if not file.trusts(node):
            refused.reason = file.distrusted.get(file.origin(node), refused.reason)
            raise
        uses = Uses(file, trusting=True, supposed=_given(file, node, label, kind))
        uses.follow(node, label, kind)
    return uses


def _given(
    file: SourceFile, node: cst.BaseExpression, label: str, kind: str, suffix: str = ""
) -> Value:
    """Return what a query is supposed to give."""
    return _shaped(("U", label, QUERY, file.origin(node) + suffix), kind)


def _shaped(value: Value, kind: str) -> Value:
    if kind == ONE:
        return value
    return ("D" if kind == MAPPING else "S", frozenset((value,)))


def lazily_used(file: SourceFile, node: cst.BaseExpression, label: str) -> Uses:
    """Return the uses of a queryset that is returned unread, where lists serve all its callers.

    Raises:
        Unsupported: it is not trusted that they do.
    """
    if not file.trusts(node):
        reason = file.distrusted.get(
            file.origin(node), "a queryset is passed on and evaluated elsewhere"
        )
        raise Unsupported(node, reason, ELSEWHERE)
    return Uses(file, trusting=True, supposed=_given(file, node, label, MANY, LAZY))


def _is_empty(file: SourceFile, value: cst.BaseExpression) -> bool:
    """Tell whether a name is bound to a list or a set that is made here, and empty."""
    if isinstance(value, cst.Call):
        return not value.args and called(file, value) in ("builtins.list", "builtins.set")
    return isinstance(value, cst.List) and not value.elements


def _only_tests(parent: cst.BooleanOperation | cst.IfExp, node: cst.CSTNode) -> bool:
    """Tell whether `node` decides which value it is, and is none of them: a row is true."""
    if isinstance(parent, cst.IfExp):
        return parent.test is node
    return parent.left is node and isinstance(parent.operator, cst.And)


def uses_of(file: SourceFile, name: cst.Name) -> Iterator[cst.Name]:
    """Give every place that reads a name, in the scope where `name` binds it.

    Raises:
        Unsupported: the name lives on outside its function.
    """
    scope = file.scope(name)
    if scope is None or type(scope).__name__ in ("GlobalScope", "ClassScope"):
        raise Unsupported(name, "it is kept in a name that others may read", READ_ONLY)
    for access in scope.accesses[name.value]:
        if isinstance(access.node, cst.Name):
            yield access.node
