"""Sever relations that only ids need: which can be, what stands in the way of the others.

diverted relations ─> those declared together are one ─> who walks them, in the project to be
    ─> obstacles, and options of admins that can change
    ─> asked for, and nothing stands in the way ─> admins, the model's file, migrations

Tests are not among what a survey reads; where one may walk a relation, the project is surveyed once
more with them. What no type tells stands in the way elsewhere, but not in a test: that one fails
loudly.
"""

from __future__ import annotations

import ast
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib.util import resolve_name
from typing import TYPE_CHECKING, Any

import libcst as cst

from codemods.errors import CodemodsError
from codemods.rewrite import calls
from codemods.rewrite.exports import Exports
from codemods.rewrite.follow_ups import REFERENCE
from codemods.rewrite.unused import remove_unused
from codemods.transforms import relations, sever_admin, sever_migration, sever_uses
from codemods.transforms.sever import NotPlainError, declared, severed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from codemods.contract.place import Place
    from codemods.crossings.survey import Typed
    from codemods.crossings.walks import Walk
    from codemods.project.graph import Field, Graph, Model
    from codemods.rewrite.monolith import Monolith
    from codemods.transforms.sever import Declared

Relation = tuple[str, str]
SETTINGS = {("django.conf", "settings"), ("django.contrib.auth", "get_user_model")}


@dataclass(frozen=True, slots=True, order=True)
class Severing:
    """A diverted relation, as "orders.Order.user": what still needs its foreign key.

    Without `obstacles` it can be severed; `is_severed` when this run does, or one before did.
    `changes` are the options of admins that go along, as "path:line: option 'text'".
    """

    relation: str
    obstacles: tuple[str, ...]
    is_severed: bool = False
    changes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return asdict(self)


def severings(
    monolith: Monolith,
    place: Place,
    decided: Mapping[Relation, str],
    changed: Mapping[str, str],
    asked: Collection[str],
    after: Typed,
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
        after: the survey of the project as it will be.
        whatever: sever every relation that is declared plainly, asked for or not; what still needs
            its key is told beside.

    Returns:
        What was found, sorted, and the texts that severing changes or adds, by path.

    Raises:
        CodemodsError: one that is asked for is none of these, or cannot be severed.
    """
    graph = monolith.graph
    diverted = {
        ".".join(key): key
        for key, reason in sorted(decided.items())
        if not reason and _is_own(graph.models[key[0]], graph.models[key[0]].fields[key[1]])
    }
    problems = [
        f"--sever {name}: no such diverted relation. Known: {', '.join(diverted) or 'none'}."
        for name in asked
        if name not in diverted
    ]
    if not diverted and not problems:
        return (), {}
    found = _Severing(monolith, place, dict(changed), decided, after)
    told = found.judged(diverted)
    problems += [
        f"--sever {one.relation}: its foreign key is still needed:\n  " + "\n  ".join(one.obstacles)
        for one in told
        if one.relation in asked and one.obstacles
    ]
    if problems:
        raise CodemodsError("\n".join(problems))
    wanted = {
        one.relation
        for one in told
        if not one.is_severed
        and (one.relation in asked or (whatever and found.is_plain(diverted[one.relation])))
    }
    told = [replace(one, is_severed=one.is_severed or one.relation in wanted) for one in told]
    return tuple(told), found.sever([diverted[name] for name in sorted(wanted)])


def _is_own(model: Model, field: Field) -> bool:
    """Tell a model that has the column itself: not a proxy, nor by a table of its parent's."""
    is_parents = field.inherited and not field.declared_in
    return model.proxy_for is None and not is_parents


class _Severing:
    """The project's texts as they will be, read once for all relations."""

    def __init__(
        self,
        monolith: Monolith,
        place: Place,
        changed: dict[str, str],
        decided: Mapping[Relation, str],
        after: Typed,
    ) -> None:
        self.graph: Graph = monolith.graph
        self.monolith, self.place, self.texts = monolith, place, changed
        self.decided, self.after = decided, after
        folders = tuple(f"{app.path}/" for app in self.graph.apps if app.path)
        sources = [
            source
            for source in monolith.sources
            if source.kind == "python" and not calls.is_generated(place, source.path)
            if not monolith.contexts.is_excluded(source.path) or source.path.startswith(folders)
        ]
        texts = {s.path: text for s in sources if (text := self._text(s.path)) is not None}
        self.trees = sever_uses.parsed(texts)
        self.factories = sever_uses.factories(self.trees.values())
        self.tests = {path for path in self.trees if monolith.contexts.is_excluded(path)}

    def _text(self, path: str) -> str | None:
        return self.texts.get(path) or self.monolith.text(path)

    @cached_property
    def walks(self) -> list[Walk]:
        """The walks of everything but tests."""
        return sorted(self.after.walks)

    @cached_property
    def walks_of_tests(self) -> list[Walk]:
        """The walks of tests, from a survey that reads them too."""
        graph = relations.with_service(
            self.graph, self.monolith.contexts, self.place.service, self.decided
        )
        digests = {p: d for p, d in self.monolith.digests.items() if p in self.trees}
        everything = replace(
            self.monolith,
            contexts=replace(self.monolith.contexts, exclude=()),
            digests=digests,
            pages={},
        )
        overlay = {path: text for path, text in self.texts.items() if path.endswith(".py")}
        surveyed = everything.survey(graph, overlay=overlay, step="tests: ")
        return sorted(walk for walk in surveyed.walks if walk.path in self.tests)

    def judged(self, diverted: Mapping[str, Relation]) -> list[Severing]:
        """Say of each relation what needs its foreign key; those declared together share it."""
        told = {name: self._judged(key) for name, key in diverted.items()}
        together: dict[Relation, list[str]] = {}
        for name, key in diverted.items():
            field = self.graph.models[key[0]].fields[key[1]]
            together.setdefault(relations.declaration(self.graph, key, field), []).append(name)
        for names in together.values():
            shared = dict.fromkeys(what for name in names for what in told[name].obstacles)
            for name in names:
                told[name] = replace(told[name], obstacles=tuple(shared))
        return [told[name] for name in sorted(told)]

    def _judged(self, key: Relation) -> Severing:
        name = ".".join(key)
        field = self.graph.models[key[0]].fields[key[1]]
        if field.type == REFERENCE:
            return Severing(name, (), is_severed=True)
        try:
            self._declared(key)
        except NotPlainError as error:
            return Severing(name, (f"{self._place(key)}: {error}",))
        relation = self._relation(key)
        built_on = [f"{self._place(key)}: {what}" for what in self._built_on(key, relation)]
        found = sever_uses.judge(relation, self.walks, self.trees)
        obstacles = [*built_on, *map(str, found.obstacles), *self._untyped(relation)]
        if any(self._in_doubt(relation)):
            of_tests = sever_uses.judge(relation, self.walks_of_tests, self.trees)
            obstacles += map(str, of_tests.obstacles)
        changes = (f"{w.path}:{w.line}: {w.how} {w.text!r}" for w in found.edits)
        return Severing(name, tuple(dict.fromkeys(obstacles)), changes=tuple(changes))

    def _untyped(self, relation: sever_uses.Relation) -> list[str]:
        """Return what may walk a relation where no type tells."""
        resolved: dict[str, list[Walk]] = {}
        for walk in self.walks:
            resolved.setdefault(walk.path, []).append(walk)
        return [
            str(use)
            for path in sorted(self.trees.keys() - self.tests)
            for use in self._uses(path, relation, resolved.get(path, ()))
        ]

    def _in_doubt(self, relation: sever_uses.Relation) -> Iterator[bool]:
        """Tell of each test whether it may walk a relation; what no type tells then, it will."""
        for path in sorted(self.tests):
            yield bool(self._uses(path, relation, ()))

    def _uses(
        self, path: str, relation: sever_uses.Relation, resolved: Sequence[Walk]
    ) -> list[sever_uses.Use]:
        return sever_uses.uses(
            path, self.trees[path], relation, self.graph, resolved, self.factories,
            is_test=path in self.tests,
        )  # fmt: skip

    def _relation(self, key: Relation) -> sever_uses.Relation:
        target = self.graph.models[self.graph.models[key[0]].fields[key[1]].target or ""]
        return sever_uses.Relation(*key, target.label, target.pk or "id", target.ordering)

    def _place(self, key: Relation) -> str:
        """Return where a relation's class begins, as "path:line"."""
        cls, _ = relations.declaration(self.graph, key, self.graph.models[key[0]].fields[key[1]])
        module, _, qualname = cls.partition(":")
        path = self.graph.modules[module].path if module in self.graph.modules else module
        tree = self.trees.get(path)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.ClassDef) and node.name == qualname.rpartition(".")[2]:
                return f"{path}:{node.lineno}"
        return f"{path}:1"

    def is_plain(self, key: Relation) -> bool:
        """Tell whether a column can be written in a relation's place, and migrations made."""
        try:
            self._declared(key)
        except NotPlainError:
            return False
        return not any(self._without_migration(label) for label in self._declaring(key))

    def sever(self, keys: Sequence[Relation]) -> dict[str, str]:
        """Return the texts of the admins, the models' files and the migrations."""
        made: dict[str, str] = {}
        edits: dict[str, list[Walk]] = {}
        for key in keys:
            judged = sever_uses.judge(self._relation(key), self.walks, self.trees)
            for walk in judged.edits:
                edits.setdefault(walk.path, []).append(walk)
        for path, walks in edits.items():
            made[path] = self.texts[path] = sever_admin.changed(self._text(path) or "", walks)
        done: set[Relation] = set()
        for key in keys:
            field = self.graph.models[key[0]].fields[key[1]]
            place = relations.declaration(self.graph, key, field)
            relation = self._declared(key) if place not in done else None
            for label in self._declaring(key) if relation else ():
                made |= self._migration(label, self._declared((label, key[1])))
            if relation:
                done.add(place)
                made |= self._model(place, relation)
        return made

    def _model(self, place: Relation, relation: Declared) -> dict[str, str]:
        module_name, _, qualname = place[0].partition(":")
        path = self.graph.modules[module_name].path
        text = self._text(path) or ""
        module = severed(cst.parse_module(text), qualname, relation)
        exports = Exports(self.monolith.sources, self.monolith.text)
        module = remove_unused(
            module, SETTINGS | _origins(text, relation.arguments.get("to", ""), module_name, path),
            module_name=module_name,
            is_exported=lambda bound: exports.is_exported(module_name, bound),
        )  # fmt: skip
        self.texts[path] = module.code
        return {path: module.code}

    def _migration(self, label: str, relation: Declared) -> dict[str, str]:
        app, _, model = label.partition(".")
        folder, texts = self._migrations(app)
        before = sever_migration.latest(app, texts)
        path = f"{folder}/{sever_migration.name_after(before, model, relation)}.py"
        self.texts[path] = sever_migration.render(label, before, relation)
        return {path: self.texts[path]}

    def _declaring(self, key: Relation) -> list[str]:
        """Return the models that have a column by the same declaration."""
        model = self.graph.models[key[0]]
        place = relations.declaration(self.graph, key, model.fields[key[1]])
        return [
            label
            for label, name in sorted(self.decided)
            if name == key[1]
            and _is_own(self.graph.models[label], field := self.graph.models[label].fields[name])
            and relations.declaration(self.graph, (label, name), field) == place
        ]

    def _declared(self, key: Relation) -> Declared:
        field = self.graph.models[key[0]].fields[key[1]]
        cls, _ = relations.declaration(self.graph, key, field)
        module_name, _, qualname = cls.partition(":")
        module = self.graph.modules.get(module_name)
        text = self._text(module.path) if module else None
        if module is None or text is None:
            raise NotPlainError(f"{module_name} cannot be read")
        try:
            tree = cst.parse_module(text)
        except Exception as error:
            raise NotPlainError(f"{module.path} cannot be parsed") from error
        return declared(tree, qualname, field, self.graph, calls.client_of(self.place))

    def _migrations(self, app: str) -> tuple[str, dict[str, str]]:
        """Return an app's folder of migrations, and their texts by name."""
        apps = {each.label: each.path for each in self.graph.apps if each.path}
        folder = f"{apps[app]}/migrations"
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

    def _built_on(self, key: Relation, relation: sever_uses.Relation) -> Iterator[str]:
        label, _ = key
        for model in sorted(self.graph.models.values(), key=lambda each: each.label):
            if any(each.through == label for each in model.fields.values()):
                yield f"{label} holds the links of {model.label}"
        yield from sever_uses.inlines(relation, self.graph)
        yield from sever_uses.ordered(relation, self.graph)
        for each in self._declaring(key):
            if reason := self._without_migration(each):
                yield reason

    def _without_migration(self, label: str) -> str:
        app = label.partition(".")[0]
        if not any(each.label == app and each.path for each in self.graph.apps):
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
