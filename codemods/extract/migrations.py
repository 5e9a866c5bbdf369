"""Migrations of a service, made by its own `makemigrations` in a staged copy of it.

A database of its own has no history, so the first one starts anew; what was made for it since stays
as it is, and a change of the models adds a migration. What the monolith's migrations did in Python
or SQL is told, since nobody does it here.
"""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.extract.probed import run_django

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codemods.extract.facts import ServiceFacts
    from codemods.extract.tree import Tree

BY_HAND = ("RunPython", "RunSQL")
SECRET = "only to make migrations"  # noqa: S105


def folders(facts: ServiceFacts, tree: Tree) -> dict[str, str]:
    """Return the folder of migrations of each app with models that is the service's, by label."""
    paths = {app.label: app.path for app in tree.graph.apps}
    return {app.label: f"{paths[app.label]}/migrations" for app in facts.own_apps if app.has_models}


def made(
    files: Mapping[str, bytes],
    there: Mapping[str, bytes],
    facts: ServiceFacts,
    tree: Tree,
    python: str,
) -> dict[str, bytes]:
    """Return every migration of the service: those that are there, and those its models need.

    Args:
        files: the service's files by path, without migrations.
        there: the migrations that the service's folder has already.
        facts: of the service.
        tree: the prepared tree.
        python: the interpreter to make them with.

    Raises:
        ProbeError: the service does not start, or the change of a model needs an answer.
    """  # fmt: skip
    where = folders(facts, tree)
    if not where:
        return {}
    empty = {f"{folder}/__init__.py": b"" for folder in where.values()}
    with tempfile.TemporaryDirectory(prefix="codemods-") as staged:
        for path, content in {**files, **empty, **there}.items():
            target = Path(staged) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        run_django(
            Path(staged),
            ["manage.py", "makemigrations", "--no-header", "--noinput", *sorted(where)],
            settings=f"{facts.package}.settings", python=python,
            variables={"DATABASE_URL": "sqlite://:memory:", "SECRET_KEY": SECRET},
        )  # fmt: skip
        return {
            one.relative_to(staged).as_posix(): one.read_bytes()
            for folder in where.values()
            for one in sorted((Path(staged) / folder).rglob("*.py"))
        }


def by_hand(facts: ServiceFacts, tree: Tree) -> Iterator[str]:
    """Yield "path:line: what" of what the monolith's migrations did beyond the models' tables."""
    for folder in folders(facts, tree).values():
        for path in sorted(tree.files):
            if path.startswith(f"{folder}/") and path.endswith(".py"):
                for node in ast.walk(ast.parse(tree.text(path) or "")):
                    if isinstance(node, ast.Attribute) and node.attr in BY_HAND:
                        yield f"{path}:{node.lineno}: {node.attr}"
