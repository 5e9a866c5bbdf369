"""Sever relations that only ids need: which can be, what stands in the way of the others.

diverted relations ─> names used in the project as it will be ─> obstacles, per relation
    ─> asked for, and none ─> the model's file and a migration
"""

from __future__ import annotations

import ast
from dataclasses import asdict, dataclass
from importlib.util import resolve_name
from typing import TYPE_CHECKING, Any

import libcst as cst

from codemods.errors import CodemodsError
from codemods.rewrite import calls
from codemods.rewrite.exports import Exports
from codemods.rewrite.follow_ups import REFERENCE
from codemods.rewrite.unused import remove_unused
from codemods.transforms import sever_migration, sever_uses
from codemods.transforms.sever import NotPlainError, declared, severed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from codemods.contract.place import Place
    from codemods.crossings.crossing import Crossing
    from codemods.project.graph import Field, Graph
    from codemods.rewrite.monolith import Monolith
    from codemods.transforms.sever import Declared

Relation = tuple[str, str]
SETTINGS = {("django.conf", "settings"), ("django.contrib.auth", "get_user_model")}


@dataclass(frozen=True, slots=True, order=True)
class Severing:
    """A diverted relation, as "orders.Order.user": what still needs its foreign key.

    Without `obstacles` it can be severed; `is_severed` when this run does, or one before did.
    """

    relation: str
    obstacles: tuple[str, ...]
    is_severed: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return asdict(self)


def severings(
    monolith: Monolith,
    place: Place,
    decided: Mapping[Relation, str],
    changed: Mapping[str, str],
    asked: Collection[str],
    crossings: Iterable[Crossing],
    *,
    whatever: bool = False,
) -> tuple[tuple[Severing, ...], dict[str, str]]:
    """Judge each diverted relation, and sever those that are asked for.

    Args:
        monolith: the project as it is.
        place: where the service's client is.
        decided: the relations to the service; "" for those that are diverted, or will be.
        changed: the texts that the rewrite changes, by path.
        asked: the relations to sever, as "orders.Order.user".
        crossings: all of the project as it will be. Where the name of a relation's reverse side is
            also another model's, they tell which of its uses are the relation's.
        whatever: sever every relation that is declared plainly, asked for or not; what still needs
            its key is told beside.

    Returns:
        What was found, sorted, and the texts that severing changes or adds, by path.

    Raises:
        CodemodsError: one that is asked for is none of these, or cannot be severed.
    """
    diverted = {".".join(key): key for key, reason in sorted(decided.items()) if not reason}
    problems = [
        f"--sever {name}: no such diverted relation. Known: {', '.join(diverted) or 'none'}."
        for name in asked
        if name not in diverted
    ]
    if not diverted and not problems:
        return (), {}
    found = _Severing(monolith, place, dict(changed), crossings)
    told = [found.judged(key) for key in diverted.values()]
    problems += [
        f"--sever {one.relation}: its foreign key is still needed:\n  " + "\n  ".join(one.obstacles)
        for one in told
        if one.relation in asked and one.obstacles
    ]
    if problems:
        raise CodemodsError("\n".join(problems))
    texts: dict[str, str] = {}
    for at, one in enumerate(told):
        if whatever and not one.is_severed and found.is_plain(diverted[one.relation]):
            texts |= found.sever(diverted[one.relation])
            told[at] = Severing(one.relation, one.obstacles, is_severed=True)
            continue
        if one.relation in asked and not one.is_severed:
            texts |= found.sever(diverted[one.relation])
            told[at] = Severing(one.relation, (), is_severed=True)
    return tuple(told), texts


class _Severing:
    """The project's texts as they will be, read once for all relations."""

    def __init__(
        self,
        monolith: Monolith,
        place: Place,
        changed: dict[str, str],
        crossings: Iterable[Crossing],
    ) -> None:
        self.crossed = {(each.path, each.line, each.model) for each in crossings}
        self.graph: Graph = monolith.graph
        self.monolith, self.place, self.texts = monolith, place, changed
        folders = tuple(f"{app.path}/" for app in self.graph.apps if app.path)
        self.python = {
            source.path: text
            for source in monolith.sources
            if source.kind == "python" and not calls.is_generated(place, source.path)
            if not monolith.contexts.is_excluded(source.path) or source.path.startswith(folders)
            if (text := self._text(source.path)) is not None
        }
        self.trees = sever_uses.parsed(self.python)
        models = [model.name.rpartition(":")[2] for model in self.graph.models.values()]
        self.callables = sever_uses.callables(self.trees.values(), models)
        self.pages = {path: self._page(path) for path in monolith.pages}

    def _text(self, path: str) -> str | None:
        return self.texts.get(path) or self.monolith.text(path)

    def _page(self, path: str) -> str:
        return (self.monolith.raw(path) or b"").decode(errors="replace")

    def judged(self, key: Relation) -> Severing:
        """Say what needs a relation's foreign key."""
        name = ".".join(key)
        field = self.graph.models[key[0]].fields[key[1]]
        if field.type == REFERENCE:
            return Severing(name, (), is_severed=True)
        try:
            self._declared(key, field)
        except NotPlainError as error:
            return Severing(name, (str(error),))
        return Severing(name, (*self._built_on(key), *self._used(key)))

    def is_plain(self, key: Relation) -> bool:
        """Tell whether a column can be written in a relation's place, and a migration made."""
        app = key[0].partition(".")[0]
        try:
            self._declared(key, self.graph.models[key[0]].fields[key[1]])
        except NotPlainError:
            return False
        is_own = any(each.label == app and each.path for each in self.graph.apps)
        return is_own and bool(sever_migration.latest(app, self._migrations(key[0])[1]))

    def sever(self, key: Relation) -> dict[str, str]:
        """Return the texts of the model's file and the migration."""
        label, name = key
        model = self.graph.models[label]
        module_name, _, qualname = model.name.partition(":")
        path = self.graph.modules[module_name].path
        relation = self._declared(key, model.fields[name])
        text = self._text(path) or ""
        module = severed(cst.parse_module(text), qualname, relation)
        exports = Exports(self.monolith.sources, self.monolith.text)
        module = remove_unused(
            module, SETTINGS | _origins(text, relation.arguments.get("to", ""), module_name, path),
            module_name=module_name,
            is_exported=lambda bound: exports.is_exported(module_name, bound),
        )  # fmt: skip
        folder, texts = self._migrations(label)
        before = sever_migration.latest(model.app, texts)
        after = sever_migration.name_after(before, label.partition(".")[2], relation)
        made = {
            path: module.code,
            f"{folder}/{after}.py": sever_migration.render(label, before, relation),
        }
        self.texts |= made
        return made

    def _declared(self, key: Relation, field: Field) -> Declared:
        model = self.graph.models[key[0]]
        module_name, _, qualname = model.name.partition(":")
        if field.declared_in or field.inherited:
            raise NotPlainError("it is declared in a class that the model inherits from")
        module = self.graph.modules.get(module_name)
        text = self._text(module.path) if module else None
        if module is None or text is None:
            raise NotPlainError(f"{module_name} cannot be read")
        try:
            module_tree = cst.parse_module(text)
        except Exception as error:
            raise NotPlainError(f"{module.path} cannot be parsed") from error
        return declared(module_tree, qualname, field, self.graph, calls.client_of(self.place))

    def _migrations(self, label: str) -> tuple[str, dict[str, str]]:
        """Return an app's folder of migrations, and their texts by name."""
        apps = {app.label: app.path for app in self.graph.apps if app.path}
        folder = f"{apps[label.partition('.')[0]]}/migrations"
        paths = {
            *(source.path for source in self.monolith.sources if source.kind == "migration"),
            *self.texts,
        }
        found = {}
        for path in sorted(paths):
            above, _, name = path.rpartition("/")
            if above == folder and name != "__init__.py" and (text := self._text(path)):
                found[name.removesuffix(".py")] = text
        return folder, found

    def _built_on(self, key: Relation) -> Iterator[str]:
        label, _ = key
        for model in sorted(self.graph.models.values(), key=lambda each: each.label):
            if label in model.parents:
                yield f"{model.label} inherits from {label}"
            if any(each.through == label for each in model.fields.values()):
                yield f"{label} holds the links of {model.label}"
        app = label.partition(".")[0]
        if not any(each.label == app and each.path for each in self.graph.apps):
            yield f"the app {app} is not the project's own"
        elif not sever_migration.latest(app, self._migrations(label)[1]):
            yield f"the app {app} has not exactly one latest migration"

    def _used(self, key: Relation) -> list[str]:
        names = self._names(key)
        found: list[sever_uses.Use] = []
        for path, tree in self.trees.items():
            if names.field in self.python[path] or (
                names.accessor and names.accessor in self.python[path]
            ) or names.model in self.python[path]:  # fmt: skip
                found += sever_uses.uses(path, tree, names, self.callables)
        for path, text in self.pages.items():
            found += sever_uses.uses_in_template(path, text, names)
        field = self.graph.models[key[0]].fields[key[1]]
        is_shared = self._is_shared(names.accessor)
        return [
            str(use)
            for use in found
            if not (use.is_reverse and is_shared)
            or any((use.path, use.line, label) in self.crossed for label in (key[0], field.target))
        ]

    def _is_shared(self, accessor: str) -> bool:
        """Tell whether several models have an attribute of this name."""
        having = [
            model
            for model in self.graph.models.values()
            if accessor in model.accessors or accessor in model.fields
        ]
        return len(having) > 1

    def _names(self, key: Relation) -> sever_uses.Names:
        label, name = key
        cls = self.graph.models[label].name.rpartition(":")[2].rpartition(".")[2]
        for model in self.graph.models.values():
            for reverse in model.query_names.values():
                if (reverse.model, reverse.field) == key:
                    accessor = reverse.accessor or ""
                    return sever_uses.Names(name, cls, accessor, accessor and reverse.query_name)
        return sever_uses.Names(name, cls)


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
