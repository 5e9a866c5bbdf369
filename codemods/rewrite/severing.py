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
from typing import TYPE_CHECKING, Any

from codemods.errors import CodemodsError
from codemods.rewrite import calls
from codemods.rewrite.follow_ups import REFERENCE
from codemods.rewrite.severed_texts import SeveredTexts, has_column
from codemods.transforms import relations, sever_many, sever_uses
from codemods.transforms.sever import NotPlainError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from codemods.contract.place import Place
    from codemods.crossings.survey import Typed
    from codemods.crossings.walks import Walk
    from codemods.project.graph import Graph
    from codemods.rewrite.monolith import Monolith

Relation = tuple[str, str]
ALL = "all"


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
        asked: the relations to sever, as "orders.Order.user", or "all" that nothing needs.
        after: the survey of the project as it will be.
        whatever: sever every relation that is declared plainly, asked for or not; what still needs
            its key is told beside, but for what admins lose, which is left out. A relation to rows
            that its side will hold a copy of keeps its key.

    Returns:
        What was found, sorted, and the texts that severing changes or adds, by path.

    Raises:
        CodemodsError: one that is asked for is none of these, or cannot be severed.
    """
    graph = monolith.graph
    diverted = {
        ".".join(key): key
        for key, reason in sorted(decided.items())
        if not reason and has_column(graph.models[key[0]], graph.models[key[0]].fields[key[1]])
    }
    problems = [
        f"--sever {name}: no such diverted relation. Known: {', '.join(diverted) or 'none'}."
        for name in asked
        if name not in diverted and name != ALL
    ]
    planned = _planned(SeveredTexts(monolith, place, dict(changed), frozenset()))
    if not diverted and not problems:
        return planned, {}
    texts = SeveredTexts(monolith, place, dict(changed), frozenset(decided))
    judging = _Judging(texts, decided, after)
    told = judging.judged(diverted)
    problems += [
        f"--sever {one.relation}: its foreign key is still needed:\n  " + "\n  ".join(one.obstacles)
        for one in told
        if one.relation in asked and one.obstacles
    ]
    if problems:
        raise CodemodsError("\n".join(problems))
    if ALL in asked:
        asked = {one.relation for one in told if not one.obstacles}
    wanted: dict[str, Relation] = {}
    for one in told:
        key = diverted[one.relation]
        is_due = (
            whatever
            and texts.is_plain(key)
            and not relations.leads_to_copy(graph, monolith.contexts, key)
        )
        if not one.is_severed and (one.relation in asked or is_due):
            wanted |= {f"{label}.{key[1]}": (label, key[1]) for label in texts.together(key)}
    changing = [walk for key in wanted.values() for walk in judging.edits(key)]
    if whatever:
        changing += [walk for key in wanted.values() for walk in judging.losses(key)]
    texts.change_admins(changing)
    if whatever:
        told = [judging.accepted(one, diverted[one.relation]) if one.relation in wanted else one
                for one in told]  # fmt: skip
    done: set[Relation] = set()
    for _, key in sorted(wanted.items()):
        if texts.declaration(key) not in done:
            done.add(texts.declaration(key))
            texts.sever(key)
    told = [replace(one, is_severed=one.is_severed or one.relation in wanted) for one in told]
    return tuple(sorted([*told, *planned])), texts.made


def _planned(texts: SeveredTexts) -> tuple[Severing, ...]:
    """Return the relations to many rows, each with the plan of how its links become columns."""
    graph, client = texts.monolith.graph, calls.client_of(texts.place)
    found = sever_many.candidates(graph, texts.monolith.contexts, texts.place.service)
    return tuple(
        Severing(
            ".".join(key),
            (f"{_declared_at(texts, key)}: {sever_many.plan(graph, key, field, client)}",),
        )
        for key, field in found
    )


def _declared_at(texts: SeveredTexts, key: Relation) -> str:
    """Return where the class stands that declares a relation, as "path:line"."""
    modules = texts.monolith.graph.modules
    module, _, qualname = texts.declaration(key)[0].partition(":")
    if module not in modules:
        return f"{module}:1"
    path = modules[module].path
    name = qualname.rpartition(".")[2]
    for tree in sever_uses.parsed({path: texts.text(path) or ""}).values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name == name:
                return f"{path}:{node.lineno}"
    return f"{path}:1"


class _Judging:
    """Judges relations by the project as it will be, read once for all of them."""

    def __init__(self, texts: SeveredTexts, decided: Mapping[Relation, str], after: Typed) -> None:
        monolith = texts.monolith
        self.graph: Graph = monolith.graph
        self.monolith, self.texts, self.decided, self.after = monolith, texts, decided, after
        folders = tuple(f"{app.path}/" for app in self.graph.apps if app.path)
        sources = [
            source
            for source in monolith.sources
            if source.kind == "python" and not calls.is_generated(texts.place, source.path)
            if not monolith.contexts.is_excluded(source.path) or source.path.startswith(folders)
        ]
        read = {s.path: text for s in sources if (text := texts.text(s.path)) is not None}
        self.trees = sever_uses.parsed(read)
        self.factories = sever_uses.factories(self.trees.values())
        self.tests = {path for path in self.trees if monolith.contexts.is_excluded(path)}
        self._read: dict[str, sever_uses.Untyped] = {}

    @cached_property
    def walks(self) -> list[Walk]:
        """The walks of everything but tests."""
        return sorted(self.after.walks)

    @cached_property
    def walks_of_tests(self) -> list[Walk]:
        """The walks of tests, from a survey that reads them too."""
        graph = relations.with_service(
            self.graph, self.monolith.contexts, self.texts.place.service, self.decided
        )
        digests = {p: d for p, d in self.monolith.digests.items() if p in self.trees}
        everything = replace(
            self.monolith,
            contexts=replace(self.monolith.contexts, exclude=()),
            digests=digests,
            pages={},
        )
        overlay = {path: text for path, text in self.texts.texts.items() if path.endswith(".py")}
        surveyed = everything.survey(graph, overlay=overlay, step="tests: ")
        return sorted(walk for walk in surveyed.walks if walk.path in self.tests)

    def judged(self, diverted: Mapping[str, Relation]) -> list[Severing]:
        """Say of each relation what needs its foreign key; those declared together share it."""
        told = {name: self._judged(key) for name, key in diverted.items()}
        together: dict[Relation, list[str]] = {}
        for name, key in diverted.items():
            together.setdefault(self.texts.declaration(key), []).append(name)
        for names in together.values():
            shared = dict.fromkeys(what for name in names for what in told[name].obstacles)
            for name in names:
                told[name] = replace(told[name], obstacles=tuple(shared))
        return [told[name] for name in sorted(told)]

    def _judged(self, key: Relation) -> Severing:
        name = ".".join(key)
        if self.texts.field(key).type == REFERENCE:
            return Severing(name, (), is_severed=True)
        try:
            self.texts.declared(key)
        except NotPlainError as error:
            return Severing(name, (f"{self._place(key)}: {error}",))
        relation = self._relation(key)
        built_on = [f"{self._place(key)}: {what}" for what in self._built_on(key, relation)]
        found = self._found(key)
        lost = [str(use) for _, use in found.losses]
        obstacles = [*built_on, *map(str, found.obstacles), *lost, *self._untyped(relation)]
        if any(self._in_doubt(relation)):
            of_tests = sever_uses.judge(relation, self.walks_of_tests, self.trees)
            obstacles += map(str, of_tests.obstacles)
        changes = (f"{w.path}:{w.line}: {w.how} {w.text!r}" for w in found.edits)
        return Severing(name, tuple(dict.fromkeys(obstacles)), changes=tuple(changes))

    def edits(self, key: Relation) -> tuple[Walk, ...]:
        """Return the walks that admins can do without."""
        return self._found(key).edits

    def losses(self, key: Relation) -> tuple[Walk, ...]:
        """Return the options that admins lose."""
        return tuple(walk for walk, _ in self._found(key).losses)

    def accepted(self, told: Severing, key: Relation) -> Severing:
        """Take what admins lose for changes; leave out the inlines that can be."""
        lost = [str(use) for _, use in self._found(key).losses]
        lost += [
            f"{self._place(key)}: {inline}"
            for inline in sever_uses.inlines(self._relation(key), self.graph)
            if self.texts.leave_out(inline)
        ]
        kept = tuple(what for what in told.obstacles if what not in lost)
        changes = (*told.changes, *(f"{what}; it is left out" for what in lost))
        return replace(told, obstacles=kept, changes=changes)

    def _found(self, key: Relation) -> sever_uses.Judged:
        return sever_uses.judge(self._relation(key), self.walks, self.trees)

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
        if path not in self._read:
            self._read[path] = sever_uses.untyped(
                path, self.trees[path], self.factories, is_test=path in self.tests
            )
        return sever_uses.uses(self._read[path], relation, self.graph, resolved)

    def _relation(self, key: Relation) -> sever_uses.Relation:
        target = self.graph.models[self.texts.field(key).target or ""]
        return sever_uses.Relation(*key, target.label, target.pk or "id", target.ordering)

    def _place(self, key: Relation) -> str:
        return _declared_at(self.texts, key)

    def _built_on(self, key: Relation, relation: sever_uses.Relation) -> Iterator[str]:
        label, _ = key
        for model in sorted(self.graph.models.values(), key=lambda each: each.label):
            if any(each.through == label for each in model.fields.values()):
                yield f"{label} holds the links of {model.label}"
        yield from map(str, sever_uses.inlines(relation, self.graph))
        yield from sever_uses.ordered(relation, self.graph)
        for each in self.texts.together(key):
            if reason := self.texts.without_migration(each):
                yield reason
