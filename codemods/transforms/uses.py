"""What becomes of a value that the client returns, as far as its function shows.

A value is frozen and stands for a row: reading it is fine, changing, saving, or handing it to code
that needs a model's instance is not. Names are followed within their scope. Prefer a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import ScopeProvider

from codemods.transforms.attributes import ITEMS, read_attribute
from codemods.transforms.links import Unsupported, called
from codemods.transforms.passing import check_argument, is_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.transforms.source import SourceFile

READ_ONLY = "read what is needed of it here, or offer what is done with it as an operation"
SEQUENCE_METHODS = frozenset({"sort", "index", "count", "copy", "reverse"})


@dataclass
class Uses:
    """What the file reads of a value: (label, attribute) pairs."""

    file: SourceFile
    needs: set[tuple[str, str]] = field(default_factory=set)
    _seen: set[tuple[int, bool]] = field(default_factory=set)

    def value(self, node: cst.BaseExpression, label: str) -> None:
        """Check what is done with an expression that is a value of a model, or None.

        Raises:
            Unsupported: something that needs a row's instance, or may.
        """
        self._follow(node, label, is_many=False)

    def values(self, node: cst.BaseExpression, label: str) -> None:
        """Check what is done with an expression that is a list of values.

        Raises:
            Unsupported: something that needs rows' instances or their queryset, or may.
        """
        self._follow(node, label, is_many=True)

    def _follow(self, node: cst.BaseExpression, label: str, *, is_many: bool) -> None:
        if (id(node), is_many) in self._seen:
            return
        self._seen.add((id(node), is_many))
        parent = self.file.parent(node)
        if isinstance(parent, (cst.Attribute, cst.Subscript)) and parent.value is node:
            self._link(parent, label, is_many=is_many)
        elif isinstance(parent, cst.Arg):
            self._argument(parent, label, is_many=is_many)
        elif isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.AssignTarget)):
            self._bound(node, parent, label, is_many=is_many)
        elif isinstance(parent, (cst.For, cst.CompFor)) and parent.iter is node and is_many:
            self._target(parent.target, label)
        elif isinstance(parent, (cst.BooleanOperation, cst.IfExp)):
            if not _only_tests(parent, node):
                self._follow(parent, label, is_many=is_many)
        elif not self._is_harmless(node, parent, label, is_many=is_many):
            self._element(node, parent, label, is_many=is_many)

    def _is_harmless(
        self, node: cst.BaseExpression, parent: cst.CSTNode | None, label: str, *, is_many: bool
    ) -> bool:
        """Tell whether what is around only looks: a test, a comparison, a text."""
        if isinstance(parent, cst.FormattedStringExpression):
            if not is_many:
                self.needs.add((label, "__str__"))
            return not is_many
        if isinstance(parent, cst.BinaryOperation) and isinstance(parent.operator, cst.Modulo):
            self.needs.add((label, "__str__"))
            return parent.right is node
        return isinstance(
            parent,
            (
                cst.Expr, cst.If, cst.While, cst.Assert, cst.UnaryOperation, cst.Comparison,
                cst.ComparisonTarget, cst.Index, cst.CompIf, cst.Del,
            ),
        )  # fmt: skip

    def _link(self, parent: cst.Attribute | cst.Subscript, label: str, *, is_many: bool) -> None:
        if isinstance(parent, cst.Subscript):
            if not is_many:
                raise Unsupported(parent, "a row is subscripted", READ_ONLY)
            inner = parent.slice[0].slice
            self._follow(parent, label, is_many=isinstance(inner, cst.Slice))
        elif is_many:
            name = parent.attr.value
            around = self.file.parent(parent)
            if name not in SEQUENCE_METHODS or not isinstance(around, cst.Call):
                raise Unsupported(parent, f"{name} is asked of a list of rows", READ_ONLY)
            self._keys(around, label)
        else:
            found = read_attribute(self.file, parent, label)
            self.needs.add((label, parent.attr.value))
            if found:
                self._follow(parent, found.removeprefix(ITEMS), is_many=found.startswith(ITEMS))

    def _keys(self, call: cst.Call, label: str) -> None:
        """Follow the parameter of `key=lambda row: ...`."""
        for argument in call.args:
            if isinstance(argument.value, cst.Lambda):
                for parameter in argument.value.params.params:
                    self._name(parameter.name, label, is_many=False)

    def _argument(self, argument: cst.Arg, label: str, *, is_many: bool) -> None:
        call = self.file.parent(argument)
        if not isinstance(call, cst.Call):
            raise Unsupported(argument, "it is passed to a class", READ_ONLY)
        name = called(self.file, call).removeprefix("builtins.")
        if is_many and argument.star == "" and argument is call.args[0]:
            if name in ("list", "tuple", "set", "sorted", "reversed", "iter"):
                self._keys(call, label)
                self._follow(call, label, is_many=True)
                return
            if name in ("len", "bool", "any", "all"):
                return
            if name == "enumerate":
                self._enumerated(call, label)
                return
            if name in ("min", "max"):
                self._keys(call, label)
                self._follow(call, label, is_many=False)
                return
            if name in ("next",):
                self._follow(call, label, is_many=False)
                return
        self.needs |= check_argument(self.file, call, argument, label, is_many=is_many)

    def _enumerated(self, call: cst.Call, label: str) -> None:
        parent = self.file.parent(call)
        if isinstance(parent, (cst.For, cst.CompFor)) and isinstance(parent.target, cst.Tuple):
            elements = parent.target.elements
            if len(elements) == 2:  # noqa: PLR2004  the number and the row
                self._target(elements[1].value, label)
                return
        raise Unsupported(call, "rows are numbered and passed on", READ_ONLY)

    def _bound(
        self, node: cst.BaseExpression, parent: cst.CSTNode, label: str, *, is_many: bool
    ) -> None:
        if isinstance(parent, cst.AssignTarget):
            return
        targets: list[cst.BaseExpression] = []
        if isinstance(parent, cst.Assign):
            targets = [target.target for target in parent.targets]
        elif isinstance(parent, (cst.AnnAssign, cst.NamedExpr)):
            if parent.target is node:
                return
            targets = [parent.target]
        for target in targets:
            if isinstance(target, cst.Name):
                self._name(target, label, is_many=is_many)
            elif isinstance(target, cst.Subscript) and is_context(self.file, target.value):
                continue
            elif isinstance(target, cst.Attribute) and not is_many:
                self._stored(target, label)
            else:
                raise Unsupported(target, f"it is kept in {self.file.code(target)}", READ_ONLY)
        if isinstance(parent, cst.NamedExpr):
            self._follow(parent, label, is_many=is_many)

    def _stored(self, target: cst.Attribute, label: str) -> None:
        """Allow `order.user = value` where the relation is diverted; refuse other attributes."""
        owner = self.file.certain(target.value)
        key = (owner[1], target.attr.value) if owner and owner[0] in "IU" else ("", "")
        if self.file.relations.get(key, "no relation of it") == "":
            return
        raise Unsupported(target, f"it is kept in {self.file.code(target)} of {label}", READ_ONLY)

    def _target(self, target: cst.BaseExpression, label: str) -> None:
        if not isinstance(target, cst.Name):
            raise Unsupported(target, "a row is taken apart", READ_ONLY)
        self._name(target, label, is_many=False)

    def _name(self, name: cst.Name, label: str, *, is_many: bool) -> None:
        """Follow every use of a name in its scope."""
        for use in uses_of(self.file, name):
            self._follow(use, label, is_many=is_many)

    def _element(
        self, node: cst.BaseExpression, parent: cst.CSTNode | None, label: str, *, is_many: bool
    ) -> None:
        """Follow a value into the list, the tuple or the context of a template it is put in."""
        del is_many
        if isinstance(parent, cst.DictElement) and parent.value is node:
            around = self.file.parent(parent)
            if isinstance(around, cst.Dict) and is_context(self.file, around):
                return
        if isinstance(parent, (cst.ListComp, cst.GeneratorExp, cst.SetComp)):
            self._follow(parent, label, is_many=True)
            return
        if isinstance(parent, cst.Return):
            raise Unsupported(node, "it is returned to callers", READ_ONLY)
        what = type(parent).__name__ if parent is not None else "nothing"
        raise Unsupported(node, f"it is put into something else ({what})", READ_ONLY)


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
    scope = file.wrapper.resolve(ScopeProvider).get(name)
    if scope is None or type(scope).__name__ in ("GlobalScope", "ClassScope"):
        raise Unsupported(name, "it is kept in a name that others may read", READ_ONLY)
    for access in scope.accesses[name.value]:
        if isinstance(access.node, cst.Name):
            yield access.node
