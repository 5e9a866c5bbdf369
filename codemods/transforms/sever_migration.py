"""The migration of a severed relation, and its place after those that an app already has.

One operation of Django's own, which runs backwards too: the field that was a foreign key is a plain
column of the same name, type and index. On PostgreSQL and MySQL that drops the constraint and
nothing else (MySQL keeps the index that came with it); on SQLite, where the constraint is part of
the table's definition, Django makes the table anew and copies the rows. Going back adds the
constraint again, which fails where ids are held whose rows are gone.
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
"""{label}.{name} becomes a plain column.

Its foreign key's constraint goes; the column's name, type, index and values stay as they were.
"""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("{app}", "{latest}")]

    operations = [
        migrations.AlterField(
            model_name="{model}",
            name="{name}",
            field=models.{column}(
{columns}            ),
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
    columns = [f"{key}={value}" for key, value in relation.plain_arguments.items()]
    if relation.column_options:
        columns.insert(0, relation.column_options)
    return TEXT.format(
        label=label, app=app, model=model.lower(), name=relation.name, latest=before,
        column=relation.column, columns="".join(f"{' ' * 16}{line},\n" for line in columns),
    )  # fmt: skip
