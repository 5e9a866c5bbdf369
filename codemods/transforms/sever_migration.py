"""The migration of a severed relation, and its place after those that an app already has.

Two operations of Django's own, both reversible. The first drops the foreign key's constraint: on
PostgreSQL and MySQL the constraint alone; on SQLite, where it is part of the table's definition,
Django makes the table anew and copies the rows. The second changes only what Django knows of the
model: the column, its name, type, index and values stay as they are.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.transforms.sever_uses import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codemods.transforms.sever import Declared

NUMBER = re.compile(r"(\d+)_")
TEXT = '''\
"""{label}.{name} becomes the plain column {attname}.

The column's name, type, index and values stay: the first operation drops the foreign key's
constraint, the second touches no table.
"""

from __future__ import annotations

{settings}from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("{app}", "{latest}")]

    operations = [
        migrations.AlterField(
            model_name="{model}",
            name="{name}",
            field=models.{kind}(
{relation}            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="{model}", name="{name}"),
                migrations.AddField(
                    model_name="{model}",
                    name="{attname}",
                    field=models.{column}(
{columns}                    ),
                ),
            ],
        ),
    ]
'''


def latest(app: str, texts: Mapping[str, str]) -> str:
    """Return the migration that no other of the app depends on; "" when that is not one.

    `texts` are the app's migrations by module name, such as "0001_initial".
    """
    named: set[str] = set()
    trees = parsed(texts)
    if len(trees) != len(texts):
        return ""
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Tuple) and len(node.elts) == 2:  # noqa: PLR2004
                of, name = (getattr(part, "value", None) for part in node.elts)
                if of == app and isinstance(name, str):
                    named.add(name)
    left = sorted(set(texts) - named)
    return left[0] if len(left) == 1 else ""


def name_after(before: str, model: str, relation: Declared) -> str:
    """Return the name of the migration that follows another."""
    number = NUMBER.match(before)
    count = int(number[1]) + 1 if number else 1
    return f"{count:04d}_sever_{model.lower()}_{relation.name}"


def render(label: str, before: str, relation: Declared) -> str:
    """Return the migration's text."""
    app, _, model = label.partition(".")
    given = relation.arguments
    is_setting = given.get("to") in ("settings.AUTH_USER_MODEL", "get_user_model()")
    action = given["on_delete"].rpartition(".")[2]
    arguments = {
        key: value
        for key, value in given.items()
        if key not in ("to", "on_delete", "db_constraint")
    }
    to = "settings.AUTH_USER_MODEL" if is_setting else f'"{relation.target}"'
    relation_lines = [
        to,
        f"on_delete=models.{action}",
        *(f"{key}={value}" for key, value in arguments.items()),
        "db_constraint=False",
    ]
    columns = [f"{key}={value}" for key, value in relation.column_arguments.items()]
    return TEXT.format(
        label=label, app=app, model=model.lower(), name=relation.name, attname=relation.attname,
        latest=before, kind=relation.kind, column=relation.column,
        settings="from django.conf import settings\n" if is_setting else "",
        relation="".join(f"{' ' * 16}{line},\n" for line in relation_lines),
        columns="".join(f"{' ' * 24}{line},\n" for line in columns),
    )  # fmt: skip
