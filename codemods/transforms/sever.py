"""Turn the declaration of a diverted relation into a plain id column that reads like it.

    user = users_client.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders"
    )

becomes, with the same name, column, index, nullability and reverse side,

    user = users_client.SERVICE.Reference(
        "users.User", models.BigIntegerField, on_delete=models.PROTECT, related_name="orders"
    )

which Django's migrations know as `models.BigIntegerField(db_column="user_id", db_index=True)`.
Whether that may be done is asked of `sever_uses`; the migration is `sever_migration`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms.tree import children

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.project.graph import Field, Graph

COLUMN_TYPES = {
    "AutoField": "IntegerField",
    "BigAutoField": "BigIntegerField",
    "SmallAutoField": "SmallIntegerField",
    "BigIntegerField": "BigIntegerField",
    "IntegerField": "IntegerField",
    "SmallIntegerField": "SmallIntegerField",
    "UUIDField": "UUIDField",
}
TEXTS = frozenset({"CharField", "SlugField", "EmailField"})
OF_COLUMN = ("null", "blank", "unique", "db_column", "db_index", "verbose_name", "help_text",
             "editable")  # fmt: skip
OF_REFERENCE = ("related_name",)
DROPPED = ("related_query_name", "db_constraint")
GETTEXT = frozenset({"_", "gettext_lazy", "gettext"})
MAX_COLUMNS = 88


@dataclass(frozen=True)
class Declared:
    """A relation as a class body declares it; every value is source text.

    `models` is what the file calls `django.db.models`, `arguments` those given by name, with `to`
    and `on_delete`, `kind` "ForeignKey" or "OneToOneField". `column` is the plain field's class
    and `column_options` what it has to be told besides, such as a text's length.
    """

    name: str
    attname: str
    db_column: str
    target: str
    client: str
    models: str
    kind: str
    column: str
    column_options: str
    arguments: dict[str, str]

    @property
    def column_text(self) -> str:
        """The plain column as `Reference` is given it: its class, or one with what it is told."""
        options = f"({self.column_options})" if self.column_options else ""
        return f"{self.models}.{self.column}{options}"

    @property
    def reference_arguments(self) -> list[str]:
        """What `Reference` is given, in order."""
        given = self.arguments
        found = [f'"{self.target}"', self.column_text, f"on_delete={given['on_delete']}"]
        is_unique = self.kind == "OneToOneField"
        for key, value in given.items():
            if key in (*OF_REFERENCE, *OF_COLUMN) and not (
                is_unique and key in ("unique", "db_index")
            ):
                found.append(f"{key}={value}")
        return [*found, *(["unique=True"] if is_unique else [])]

    @property
    def plain_arguments(self) -> dict[str, str]:
        """What migrations know of the column, as `Reference` deconstructs itself."""
        given = {
            key: _untranslated(value)
            for key, value in self.arguments.items()
            if key in OF_COLUMN and key not in IMPLIED and value != DEFAULTS.get(key)
        }
        is_unique = self.kind == "OneToOneField" or self.arguments.get("unique") == "True"
        if is_unique:
            given["unique"] = "True"
        if self.arguments.get("db_index", "None" if is_unique else "True") == "True":
            given["db_index"] = "True"
        return {**given, "db_column": f'"{self.db_column}"'}


IMPLIED = frozenset({"unique", "db_index", "db_column"})
DEFAULTS = {"null": "False", "blank": "False", "editable": "True", "help_text": '""'}


class NotPlainError(Exception):
    """A declaration that cannot become a column; the message says why."""


def declared(
    module: cst.Module, qualname: str, field: Field, graph: Graph, client: str
) -> Declared:
    """Read a relation's declaration.

    Raises:
        NotPlainError: it is not there, or says what no plain column can keep.
    """
    call = _call(module, qualname, field.name)
    if call is None:
        raise NotPlainError(f"its declaration is not in {qualname}")
    kind = module.code_for_node(call.func)
    if kind not in (f"{client}.ForeignKey", f"{client}.OneToOneField"):
        raise NotPlainError(f"it is declared by {kind}: divert it first")
    if _has_comment(call):
        raise NotPlainError("a comment stands inside its declaration")
    arguments = _arguments(module, call)
    models, _, action = arguments.get("on_delete", "").rpartition(".")
    if not models.isidentifier() or not action.isidentifier():
        raise NotPlainError(f"its on_delete is {arguments.get('on_delete') or 'not given'}")
    target = graph.models.get(field.target or "")
    key = target.fields[target.pk] if target and target.pk else None
    column, options = column_of(key)
    if not column or field.target is None:
        raise NotPlainError(f"{field.target} has a key of another kind than a number or a UUID")
    kind = kind.rpartition(".")[2]
    return Declared(
        field.name, field.attname, field.column or field.attname, field.target, client, models,
        kind, column, options, arguments,
    )  # fmt: skip


def column_of(key: Field | None) -> tuple[str, str]:
    """Return the class of a plain column that holds a key, and what it has to be told."""
    kind = (key.internal_type if key else None) or ""
    if key and kind in TEXTS and key.max_length:
        return "CharField", f"max_length={key.max_length}"
    return COLUMN_TYPES.get(kind, ""), ""


def _arguments(module: cst.Module, call: cst.Call) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, argument in zip(("to", "on_delete"), call.args, strict=False):
        if argument.keyword is None and not argument.star:
            found[place] = module.code_for_node(argument.value)
    for argument in call.args[len(found) :]:
        name = argument.keyword.value if argument.keyword else ""
        known = name in ("to", "on_delete") or (
            _is_plain(argument.value) and name in (*OF_COLUMN, *OF_REFERENCE, *DROPPED)
        )
        if not known:
            raise NotPlainError(f"it is declared with {name or 'a starred argument'}")
        found[name] = module.code_for_node(argument.value)
    return found


def _is_plain(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name):
        is_text = len(value.args) == 1 and isinstance(value.args[0].value, cst.SimpleString)
        return value.func.value in GETTEXT and is_text
    return isinstance(value, (cst.SimpleString, cst.Integer)) or (
        isinstance(value, cst.Name) and value.value in ("True", "False", "None")
    )


def _has_comment(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Comment) or any(_has_comment(child) for child in children(node))


def _untranslated(value: str) -> str:
    """Return a text as migrations keep it: without the call that translates it."""
    name, opened, rest = value.partition("(")
    return rest.removesuffix(")") if opened and name in GETTEXT else value


def severed(module: cst.Module, qualname: str, relation: Declared) -> cst.Module:
    """Return the module with the relation's declaration replaced by that of a reference."""
    line = _line(module, qualname, relation.name)
    assert line is not None  # noqa: S101  `declared` read it
    indent = module.default_indent * (qualname.count(".") + 1)
    text = _statement(
        relation.name, f"{relation.client}.SERVICE.Reference", relation.reference_arguments, indent
    )
    made = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine).with_changes(
        leading_lines=line.leading_lines, trailing_whitespace=line.trailing_whitespace
    )
    return cst.ensure_type(module.visit(_Replacing(line, made)), cst.Module)


def _statement(name: str, callee: str, arguments: list[str], indent: str) -> str:
    one = f"{name} = {callee}({', '.join(arguments)})"
    if len(indent) + len(one) <= MAX_COLUMNS:
        return one
    inner = ", ".join(arguments)
    if len(indent) + 4 + len(inner) <= MAX_COLUMNS:
        return f"{name} = {callee}(\n    {inner}\n)"
    lines = "".join(f"    {argument},\n" for argument in arguments)
    return f"{name} = {callee}(\n{lines})"


class _Replacing(cst.CSTTransformer):
    def __init__(self, line: cst.SimpleStatementLine, made: cst.SimpleStatementLine) -> None:
        self.line, self.made = line, made

    def leave_SimpleStatementLine(  # noqa: N802  libcst's name
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement:
        return self.made if original_node is self.line else updated_node


def _call(module: cst.Module, qualname: str, name: str) -> cst.Call | None:
    line = _line(module, qualname, name)
    statement = line.body[0] if line else None
    value = getattr(statement, "value", None)
    return value if isinstance(value, cst.Call) else None


def _line(module: cst.Module, qualname: str, name: str) -> cst.SimpleStatementLine | None:
    """Return the statement of a class body, alone on its line, that binds a name."""
    lines: Iterator[cst.CSTNode] = iter(module.body)
    for part in qualname.split("."):
        found = [n for n in lines if isinstance(n, cst.ClassDef) and n.name.value == part]
        if len(found) != 1:
            return None
        lines = iter(found[0].body.body)
    bound = [line for line in lines if isinstance(line, cst.SimpleStatementLine)
             and len(line.body) == 1 and _target(line.body[0]) == name]  # fmt: skip
    return bound[0] if len(bound) == 1 else None


def _target(statement: cst.CSTNode) -> str:
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target = statement.targets[0].target
        return target.value if isinstance(target, cst.Name) else ""
    return ""
