"""How a value in an ORM condition is handed to an operation: as it is, or by its key.

An operation takes ids where the ORM takes instances too. What an expression is must be certain,
for an id and an instance are handed over in different ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.links import Unsupported, called, qualified, unroll
from codemods.transforms.tree import Reading, children

if TYPE_CHECKING:
    from codemods.crossings.values import Type
    from codemods.project.graph import Field
    from codemods.transforms.source import SourceFile

PLAIN, KEY, COLUMN, LISTED, KEYS, NULL = "plain", "key", "column", "listed", "keys", "null"
BY_ID = "give the id"
SEQUENCE_NOTES = frozenset(
    {
        "list", "set", "frozenset", "tuple", "sequence", "mutablesequence", "iterator",
        "abstractset", "collection",
    }
)  # fmt: skip
SEQUENCE_CALLS = frozenset(
    f"builtins.{name}" for name in ("list", "set", "tuple", "sorted", "frozenset", "range")
)


def hand_plain(file: SourceFile, node: cst.BaseExpression) -> str:
    """Check that an expression is a plain value, not an ORM expression or an instance."""
    _no_expression(file, node)
    if shapes := _shapes(file.type_of(node)) & set("IUQVRGMY"):
        what = "a queryset" if shapes & set("QVRG") else "an instance, or an ORM expression,"
        raise Unsupported(node, f"{what} is compared with a plain column", BY_ID)
    return PLAIN


def hand_list(file: SourceFile, node: cst.BaseExpression) -> str:
    """Check that an expression is a list of plain values, not a queryset that becomes SQL."""
    _no_expression(file, node)
    type_ = file.type_of(node)
    if _shapes(type_) & set("QVRGY"):
        raise Unsupported(node, "a queryset becomes a part of the query", "ask for its ids first")
    if any(value[0] == "S" and _shapes(value[1]) & set("IU") for value in type_):
        raise Unsupported(node, "instances are compared with a plain column", BY_ID)
    if type_ or _is_sequence(file, node):
        return LISTED
    raise Unsupported(node, "whether this is a list or a queryset is not certain", "make it a list")


def hand_key(file: SourceFile, node: cst.BaseExpression, label: str) -> str:
    """Say how the key of a related row is handed over, whether its instance or its id is given."""
    _no_expression(file, node)
    if is_none(node) or _names_an_id(node) or isinstance(node, (cst.Integer, cst.BaseString)):
        return PLAIN
    value = file.certain(node)
    if value is None or value[0] not in "IU" or value[1] != label:
        what = f"whether this is an instance of {label} or an id is not certain"
        raise Unsupported(node, what, BY_ID)
    if key_column(file, node) is not None:
        return COLUMN
    if may_be_none(file, node):
        raise Unsupported(node, f"this instance of {label} may be None", BY_ID)
    return KEY


def hand_keys(file: SourceFile, node: cst.BaseExpression, label: str) -> str:
    """Say how the keys of several related rows are handed over."""
    _no_expression(file, node)
    type_ = file.type_of(node)
    if _shapes(type_) & set("QVRGY"):
        raise Unsupported(node, "a queryset becomes a part of the query", "ask for its ids first")
    value = file.certain(node)
    if value is not None and value[0] == "S":
        inner = value[1]
        if inner and all(each[0] in "IU" and each[1] == label for each in inner):
            return KEYS
    if isinstance(node, (cst.List, cst.Tuple, cst.Set)) and all(
        _names_an_id(each.value) or isinstance(each.value, cst.Integer) for each in node.elements
    ):
        return LISTED
    if _names_ids(node):
        return LISTED
    raise Unsupported(node, f"whether these are instances of {label} or ids is not certain", BY_ID)


def handed(node: cst.BaseExpression, hand: str, *, column: str = "") -> cst.BaseExpression:
    """Return the expression that hands a value over."""
    if hand == NULL:
        return cst.Name("True")
    if hand == KEY:
        return cst.Attribute(_atom(node), cst.Name("pk"))
    if hand == COLUMN and isinstance(node, cst.Attribute):
        return node.with_changes(attr=cst.Name(column))
    if hand == KEYS:
        return cst.ListComp(
            elt=cst.Attribute(cst.Name("each"), cst.Name("pk")),
            for_in=cst.CompFor(target=cst.Name("each"), iter=_atom(node)),
        )
    return node


def key_column(file: SourceFile, node: cst.BaseExpression) -> Field | None:
    """Return the relation that an expression reads, when its id column stands on the same row."""
    if not isinstance(node, cst.Attribute):
        return None
    owner = file.certain(node.value)
    if owner is None or owner[0] not in "IU":
        return None
    model = file.graph.models.get(owner[1])
    field = model.fields.get(node.attr.value) if model else None
    return field if field and field.target and not field.many and not field.generic else None


def may_be_none(file: SourceFile, node: cst.BaseExpression, deeper: int = 2) -> bool:
    """Tell whether an instance may be None as far as the function around it shows."""
    if isinstance(node, cst.Name):
        return deeper > 0 and _name_may_be_none(file, node, deeper - 1)
    if isinstance(node, (cst.BooleanOperation, cst.IfExp)):
        return True
    _, links = unroll(node)
    return bool(links) and links[-1].name in ("first", "last") and links[-1].args is not None


def _name_may_be_none(file: SourceFile, node: cst.Name, deeper: int) -> bool:
    function = _function(file, node)
    if function is None:
        return True
    finder = _Sources(node.value)
    function.visit(finder)
    return finder.may_be_none or any(may_be_none(file, each, deeper) for each in finder.values)


class _Sources(Reading):
    """What is bound to a name anywhere in a function."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: list[cst.BaseExpression] = []
        self.may_be_none = False
        self.notes: list[cst.BaseExpression] = []

    def visit_Param(self, node: cst.Param) -> None:  # noqa: N802  libcst's name
        if node.name.value != self.name:
            return
        note = node.annotation.annotation if node.annotation else None
        self.notes += [note] if note else []
        optional = note is not None and _mentions(note, {"None", "Optional", "Any"})
        default_is_none = node.default is not None and is_none(node.default)
        self.may_be_none = self.may_be_none or optional or default_is_none

    def visit_Assign(self, node: cst.Assign) -> None:  # noqa: N802  libcst's name
        for target in node.targets:
            self._bound(target.target, node.value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:  # noqa: N802  libcst's name
        if node.value is not None:
            self._bound(node.target, node.value)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:  # noqa: N802  libcst's name
        self._bound(node.target, node.value)

    def _bound(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        if isinstance(target, cst.Name) and target.value == self.name:
            self.may_be_none = self.may_be_none or is_none(value)
            if not (isinstance(value, cst.Name) and value.value == self.name):
                self.values.append(value)


def _mentions(node: cst.CSTNode, names: set[str]) -> bool:
    if isinstance(node, cst.Name) and node.value in names:
        return True
    return any(_mentions(child, names) for child in children(node))


def _atom(node: cst.BaseExpression) -> cst.BaseExpression:
    is_atom = isinstance(node, (cst.Name, cst.Attribute, cst.Call, cst.Subscript))
    if is_atom or node.lpar:
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _shapes(type_: Type) -> set[str]:
    return {value[0] for value in type_}


def is_none(node: cst.BaseExpression) -> bool:
    """Tell whether an expression is None, spelt out."""
    return isinstance(node, cst.Name) and node.value == "None"


def _names_an_id(node: cst.BaseExpression) -> bool:
    """Tell whether an expression is called like an id: `user_id`, `order.pk`, `kwargs["pk"]`."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        index = node.slice[0].slice
        literal = index.value if isinstance(index, cst.Index) else None
        text = literal.evaluated_value if isinstance(literal, cst.SimpleString) else None
        return isinstance(text, str) and _is_id(text)
    name = node.attr if isinstance(node, cst.Attribute) else node
    return isinstance(name, cst.Name) and _is_id(name.value)


def _is_id(name: str) -> bool:
    return name in ("id", "pk") or name.endswith(("_id", "_pk"))


def _names_ids(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Call) and len(node.args) == 1:
        return _names_ids(node.args[0].value)
    name = node.attr if isinstance(node, cst.Attribute) else node
    return isinstance(name, cst.Name) and (
        name.value in ("ids", "pks") or name.value.endswith(("_ids", "_pks"))
    )


def _is_sequence(file: SourceFile, node: cst.BaseExpression) -> bool:
    displays = (
        cst.List, cst.Tuple, cst.Set, cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.Dict,
    )  # fmt: skip
    if isinstance(node, displays) or called(file, node) in SEQUENCE_CALLS:
        return True
    _, links = unroll(node)
    if links and links[-1].args is not None:
        return links[-1].name in ("keys", "values", "split", "getlist")
    return _names_ids(node) or _is_noted_sequence(file, node)


def _is_noted_sequence(file: SourceFile, node: cst.BaseExpression) -> bool:
    """Tell whether a parameter says that it is a list, a set or the like."""
    if not isinstance(node, cst.Name) or (function := _function(file, node)) is None:
        return False
    finder = _Sources(node.value)
    function.visit(finder)
    return bool(finder.notes) and not finder.values and all(map(_is_sequence_note, finder.notes))


def _is_sequence_note(note: cst.BaseExpression) -> bool:
    outer = note.value if isinstance(note, cst.Subscript) else note
    name = outer.attr if isinstance(outer, cst.Attribute) else outer
    return isinstance(name, cst.Name) and name.value.lower() in SEQUENCE_NOTES


def _function(file: SourceFile, node: cst.CSTNode) -> cst.FunctionDef | None:
    around: cst.CSTNode | None = node
    while around is not None and not isinstance(around, cst.FunctionDef):
        around = file.parent(around)
    return around


def _no_expression(file: SourceFile, node: cst.BaseExpression) -> None:
    """Refuse `F("x")`, `Subquery(...)` and their like anywhere inside a value."""
    finder = _Calls()
    node.visit(finder)
    for call in finder.found:
        if any(name.startswith("django.db.models") for name in qualified(file, call.func)):
            reason = f"{file.code(call.func)}() is computed in the database"
            raise Unsupported(call, reason, "offer it as an operation of the service")


class _Calls(Reading):
    def __init__(self) -> None:
        self.found: list[cst.Call] = []

    def visit_Call(self, node: cst.Call) -> None:  # noqa: N802  libcst's name
        self.found.append(node)
