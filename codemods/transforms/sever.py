"""Turn the declaration of a diverted relation into a plain id column with a reference beside it.

    user = users_client.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)

becomes, with the same column, index and nullability,

    user_id = models.BigIntegerField(db_index=True)
    user = users_client.SERVICE.Reference("user_id", "users.User", on_delete=models.PROTECT)

Whether that may be done is asked of `sever_uses`; the migration is `sever_migration`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

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
CARRIED = ("null", "blank", "unique", "db_column", "verbose_name", "help_text", "editable")
OF_RELATION = ("on_delete", "related_name", "related_query_name", "db_index", "db_constraint")
MAX_COLUMNS = 88


@dataclass(frozen=True)
class Declared:
    """A relation as a class body declares it; every value is source text.

    `models` is what the file calls `django.db.models`, `arguments` those given by name, with `to`
    and `on_delete`, `kind` "ForeignKey" or "OneToOneField", `column` the new field's class name.
    """

    name: str
    attname: str
    target: str
    client: str
    models: str
    kind: str
    column: str
    arguments: dict[str, str]

    @property
    def column_arguments(self) -> dict[str, str]:
        """The new column's arguments: unique or indexed as the relation was."""
        found = {key: self.arguments[key] for key in CARRIED if key in self.arguments}
        if self.kind == "OneToOneField":
            found["unique"] = "True"
        if found.get("unique") != "True" and self.arguments.get("db_index") != "False":
            found["db_index"] = "True"
        return found


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
    arguments = _arguments(module, call)
    models, _, action = arguments.get("on_delete", "").rpartition(".")
    if not models.isidentifier() or not action.isidentifier():
        raise NotPlainError(f"its on_delete is {arguments.get('on_delete') or 'not given'}")
    target = graph.models.get(field.target or "")
    key = target.fields[target.pk] if target and target.pk else None
    column = COLUMN_TYPES.get((key.internal_type if key else None) or "")
    if column is None or field.target is None:
        raise NotPlainError(f"{field.target} has a key of another kind than a number or a UUID")
    kind = kind.rpartition(".")[2]
    return Declared(
        field.name, field.attname, field.target, client, models, kind, column, arguments
    )


def _arguments(module: cst.Module, call: cst.Call) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, argument in zip(("to", "on_delete"), call.args, strict=False):
        if argument.keyword is None and not argument.star:
            found[place] = module.code_for_node(argument.value)
    for argument in call.args[len(found) :]:
        name = argument.keyword.value if argument.keyword else ""
        value = argument.value
        is_plain = isinstance(value, (cst.SimpleString, cst.Integer)) or (
            isinstance(value, cst.Name) and value.value in ("True", "False", "None")
        )
        known = name in ("to", "on_delete") or (is_plain and name in (*CARRIED, *OF_RELATION))
        if not known:
            raise NotPlainError(f"it is declared with {name or 'a starred argument'}")
        found[name] = module.code_for_node(value)
    return found


def severed(module: cst.Module, qualname: str, relation: Declared) -> cst.Module:
    """Return the module with the relation's declaration replaced by a column and a reference."""
    line = _line(module, qualname, relation.name)
    assert line is not None  # noqa: S101  `declared` read it
    indent = module.default_indent * (qualname.count(".") + 1)
    column = _statement(
        relation.attname,
        f"{relation.models}.{relation.column}",
        [f"{key}={value}" for key, value in relation.column_arguments.items()],
        indent,
    )
    reference = _statement(
        relation.name,
        f"{relation.client}.SERVICE.Reference",
        [
            f'"{relation.attname}"',
            f'"{relation.target}"',
            f"on_delete={relation.arguments['on_delete']}",
        ],
        indent,
    )
    statements = [
        cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
        for text in (column, reference)
    ]
    statements[0] = statements[0].with_changes(leading_lines=line.leading_lines)
    statements[1] = statements[1].with_changes(trailing_whitespace=line.trailing_whitespace)
    made = module.visit(_Replacing(line, statements))
    return cst.ensure_type(made, cst.Module)


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
    def __init__(self, line: cst.SimpleStatementLine, made: list[cst.SimpleStatementLine]) -> None:
        self.line, self.made = line, made

    def leave_SimpleStatementLine(  # noqa: N802  libcst's name
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        return cst.FlattenSentinel(self.made) if original_node is self.line else updated_node


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
