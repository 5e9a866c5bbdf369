"""The texts that severing comes to: admins, models' files, and a migration for each column.

relation ─> its declaration, as the rewrite leaves it ─┬─> a migration in the app of each model that
                                                       │   has the column, after the latest
                                                       └─> the declaration of a reference
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from importlib.util import resolve_name
from typing import TYPE_CHECKING

import libcst as cst

from codemods.rewrite import calls
from codemods.rewrite.exports import Exports
from codemods.rewrite.unused import remove_unused
from codemods.transforms import relations, sever_admin, sever_migration
from codemods.transforms.sever import NotPlainError, declared, severed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.contract.place import Place
    from codemods.crossings.walks import Walk
    from codemods.project.graph import Field, Graph, Model
    from codemods.rewrite.monolith import Monolith
    from codemods.transforms import sever_uses
    from codemods.transforms.sever import Declared

Relation = tuple[str, str]
SETTINGS = {("django.conf", "settings"), ("django.contrib.auth", "get_user_model")}


def has_column(model: Model, of_model: Field) -> bool:
    """Tell a model that has the column itself: not a proxy, nor by a table of its parent's."""
    is_parents = of_model.inherited and not of_model.declared_in
    return model.proxy_for is None and not is_parents


@dataclass(frozen=True)
class SeveredTexts:
    """Makes the texts. `texts` are those that the rewrite changes; what is made joins them.

    `relations` are all to the service, as (label, name).
    """

    monolith: Monolith
    place: Place
    texts: dict[str, str]
    relations: frozenset[Relation]
    made: dict[str, str] = field(default_factory=dict)

    @property
    def _graph(self) -> Graph:
        return self.monolith.graph

    def text(self, path: str) -> str | None:
        """Return a file's text as it will be."""
        return self.texts.get(path) or self.monolith.text(path)

    def field(self, key: Relation) -> Field:
        """Return a relation's field."""
        return self._graph.models[key[0]].fields[key[1]]

    def declaration(self, key: Relation) -> Relation:
        """Return where a relation is declared, as (class, name)."""
        return relations.declaration(self._graph, key, self.field(key))

    def is_plain(self, key: Relation) -> bool:
        """Tell whether a column can be written in a relation's place, and migrations made."""
        try:
            self.declared(key)
        except NotPlainError:
            return False
        return not any(self.without_migration(label) for label in self.together(key))

    def change_admins(self, walks: Iterable[Walk]) -> None:
        """Change the options that admins can do without; before lines move."""
        edits: dict[str, list[Walk]] = {}
        for walk in walks:
            edits.setdefault(walk.path, []).append(walk)
        for path, named in edits.items():
            self._make(path, sever_admin.changed(self.text(path) or "", named))

    def leave_out(self, inline: sever_uses.Inline) -> bool:
        """Leave an inline out of its page; tell whether that could be done."""
        module, _, page = inline.page.partition(":")
        if module not in self._graph.modules:
            return False
        path = self._graph.modules[module].path
        text = self.text(path) or ""
        made = sever_admin.without_inline(text, page, inline.cls.rpartition(":")[2])
        if made == text:
            return False
        exports = Exports(self.monolith.sources, self.monolith.text)
        module_tree = remove_unused(
            cst.parse_module(made), {("django.apps", "apps")}, module_name=module,
            is_exported=lambda bound: exports.is_exported(module, bound),
        )  # fmt: skip
        self._make(path, module_tree.code)
        return True

    def sever(self, key: Relation) -> None:
        """Declare a reference in a relation's place, and make the migrations."""
        relation = self.declared(key)
        for label in self.together(key):
            self._migrate(label, self.declared((label, key[1])))
        self._declare(self.declaration(key), relation)

    def _make(self, path: str, text: str) -> None:
        self.texts[path] = self.made[path] = text

    def _declare(self, place: Relation, relation: Declared) -> None:
        module_name, _, qualname = place[0].partition(":")
        path = self._graph.modules[module_name].path
        text = self.text(path) or ""
        module = severed(cst.parse_module(text), qualname, relation)
        exports = Exports(self.monolith.sources, self.monolith.text)
        module = remove_unused(
            module, SETTINGS | _origins(text, relation.arguments.get("to", ""), module_name, path),
            module_name=module_name,
            is_exported=lambda bound: exports.is_exported(module_name, bound),
        )  # fmt: skip
        self._make(path, module.code)

    def _migrate(self, label: str, relation: Declared) -> None:
        app, _, model = label.partition(".")
        folder, texts = self._migrations(app)
        before = sever_migration.latest(app, texts)
        path = f"{folder}/{sever_migration.name_after(before, model, relation)}.py"
        self._make(path, sever_migration.render(label, before, relation))

    def together(self, key: Relation) -> list[str]:
        """Return the models that have a column by the same declaration."""
        return [
            label
            for label, name in sorted(self.relations)
            if name == key[1]
            and has_column(self._graph.models[label], self.field((label, name)))
            and self.declaration((label, name)) == self.declaration(key)
        ]

    def declared(self, key: Relation) -> Declared:
        """Read a relation's declaration.

        Raises:
            NotPlainError: it is not there, or says what no plain column can keep.
        """
        cls, _ = self.declaration(key)
        module_name, _, qualname = cls.partition(":")
        module = self._graph.modules.get(module_name)
        text = self.text(module.path) if module else None
        if module is None or text is None:
            raise NotPlainError(f"{module_name} cannot be read")
        try:
            tree = cst.parse_module(text)
        except Exception as error:
            raise NotPlainError(f"{module.path} cannot be parsed") from error
        return declared(tree, qualname, self.field(key), self._graph, calls.client_of(self.place))

    def _migrations(self, app: str) -> tuple[str, dict[str, str]]:
        """Return an app's folder of migrations, and their texts by name."""
        apps = {each.label: each.path for each in self._graph.apps if each.path}
        folder = f"{apps[app]}/migrations"
        paths = {
            *(source.path for source in self.monolith.sources if source.kind == "migration"),
            *self.texts,
        }
        found = {}
        for path in sorted(paths):
            above, _, name = path.rpartition("/")
            if above == folder and name != "__init__.py" and (text := self.text(path)):
                found[name.removesuffix(".py")] = text
        return folder, found

    def without_migration(self, label: str) -> str:
        """Say why an app can have no migration of ours; "" when it can."""
        app = label.partition(".")[0]
        if not any(each.label == app and each.path for each in self._graph.apps):
            return f"the app {app} is not the project's own"
        if not sever_migration.latest(app, self._migrations(app)[1]):
            return f"the app {app} has not exactly one latest migration"
        return ""


def _origins(text: str, target: str, module_name: str, path: str) -> set[tuple[str, str]]:
    """Return what the name that a relation points at is imported from, as (module, name)."""
    package = module_name if path.endswith("__init__.py") else module_name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), package)
            found |= {
                (origin, alias.name)
                for alias in node.names
                if (alias.asname or alias.name) == target.partition(".")[0]
            }
    return found
