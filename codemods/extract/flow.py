"""The whole extraction of one service, from the prepared tree to the bytes of its files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codemods.crossings import discover
from codemods.crossings.reader import decode
from codemods.errors import ProbeError
from codemods.extract import (
    blocking,
    copy_uses,
    describe,
    merge,
    migrations,
    moving,
    routing,
    stand_in_factories,
)
from codemods.extract import lock as locks
from codemods.extract.closure import Closure, close
from codemods.extract.describe import Surroundings
from codemods.extract.facts import COPIED
from codemods.extract.shown import Shown
from codemods.extract.tree import Tree
from codemods.extract.whose import RUNTIME
from codemods.project import sources

if TYPE_CHECKING:
    from pathlib import Path

    from codemods.extract.facts import ServiceFacts
    from codemods.extract.findings import Blocker
    from codemods.extract.merge import Merge
    from codemods.extract.prepared import Prepared, Project
    from codemods.extract.probed import Probed

MISSING = re.compile(r"No module named '([\w.]+)'")


@dataclass(frozen=True)
class Extraction:
    """What an extraction comes to. `folder` is the service's; paths of files are relative to it.

    `blockers` keep it from running alone, `notes` are for people to look at, `problems` are steps
    that failed.
    """

    service: str
    folder: Path
    facts: ServiceFacts
    closure: Closure
    blockers: tuple[Blocker, ...]
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    merge: Merge

    @property
    def lock(self) -> bytes:
        """Return the lock's bytes once all is written."""
        return locks.render(self.merge.lock(self.service))

    @property
    def would_change(self) -> bool:
        """Tell whether writing would change a file of the service, or its lock."""
        return any(one.changes for one in self.merge.outcomes) or self.lock != _bytes(
            self.folder / locks.NAME
        )


def tree_of(prepared: Prepared, repository: Path | None = None) -> Tree:
    """Return the prepared tree as a closure reads it; the monolith is a part of `repository`."""
    root, graph = prepared.root, prepared.graph
    everything = replace(prepared.contexts, exclude=())
    paths = sources.walk(root, ("",))
    digests = dict.fromkeys((path for path in paths if path.endswith(".py")), "")
    found = discover.python_sources(graph, everything, digests)
    texts: dict[str, str | None] = {}

    def text(path: str) -> str | None:
        if path not in texts:
            texts[path] = _text(root / path)
        return texts[path]

    modules = {source.name: source.path for source in found}
    return Tree(
        graph, prepared.contexts, prepared.services, modules, frozenset(paths), text,
        apart=_packages(repository) - {name.split(".")[0] for name in modules} - {RUNTIME},
    )  # fmt: skip


def _packages(repository: Path | None) -> frozenset[str]:
    """Return what a repository's root offers to import: packages, and folders of modules."""
    found = repository.iterdir() if repository else ()
    return frozenset(one.name for one in found if one.is_dir() and any(one.glob("*.py")))


def extract(
    project: Project, prepared: Prepared, tree: Tree, probed: Probed, service: str
) -> Extraction:
    """Work out a service's files, and what becomes of those that are in its folder; write none.

    Raises:
        CodemodsError: the lock in its folder cannot be used.
    """
    folder = project.out / service.replace("-", "_")
    about = Surroundings(tree, probed, service, project.settings)
    about = replace(about, tree=_for_service(tree, about))
    tree = about.tree
    closure = close(tree, service, [*describe.roots(about), *moving.data(about)])
    facts = describe.facts(about, closure)
    made = moving.files(prepared, about, closure, facts)
    problems = [f"{path}: {what}" for path, what in prepared.problems]
    try:
        made |= migrations.made(made, _migrations(folder, facts, tree), facts, tree, project.python)
    except ProbeError as error:
        problems.append(f"{error}{_remedy(str(error), project.python)}")
        made |= _migrations(folder, facts, tree)
    lock = locks.load(_bytes(folder / locks.NAME), service, str(folder / locks.NAME))
    return Extraction(
        service,
        folder,
        facts,
        closure,
        blocking.blockers(prepared, tree, probed, closure, service),
        tuple(_notes(prepared, about, closure, facts)),
        tuple(problems),
        merge.merge(made, lock, lambda path: _bytes(folder / path), merge.blobs(folder)),
    )


def _remedy(told: str, python: str) -> str:
    """Say what to do when a service cannot be started to make its migrations."""
    missing = MISSING.search(told)
    if missing is None:
        return ""
    return (
        f"\n  A service stands on {missing[1]}, which {python} lacks: install what its"
        " requirements.txt names there, or pass --python with an interpreter that has it."
    )


def _for_service(tree: Tree, about: Surroundings) -> Tree:
    carried = dict.fromkeys(tree.contexts.replicas.get(about.service, ()), frozenset[str]())
    carried |= blocking.values(tree)
    readable = {
        label: copy_uses.readable(tree, label, names, about.service)
        for label, names in carried.items()
    }
    copied = {label: tree.graph.models[label].name
              for label in tree.contexts.replicas.get(about.service, ())}  # fmt: skip
    shown = Shown(about.probed.serializers, readable, copied)
    without = about.with_accounts & {"admin"}
    tree = replace(
        tree, without=without, settings=about.settings, shown=shown, configs=_configs(about)
    )
    return replace(tree, supplied=stand_in_factories.supplied(tree, about.service, copied))


def _configs(about: Surroundings) -> dict[str, str]:
    """Return the module of each app's configuration, as INSTALLED_APPS names it."""
    entries = zip(about.probed.named["INSTALLED_APPS"], about.tree.graph.apps, strict=True)
    found = {app.label: routing.longest(entry, about.tree.modules) for entry, app in entries}
    return {label: module for label, module in found.items() if module}


def _notes(
    prepared: Prepared, about: Surroundings, closure: Closure, facts: ServiceFacts
) -> list[str]:
    tree = about.tree
    found = [
        f"{name} of {tree.contexts.of_path(tree.modules[name])} is copied: it holds no data, and"
        " from now on each has its own"
        for name in closure.noted
    ]
    found += [
        f"{app.label} is of no service, so it is copied with tables of its own, empty at first:"
        " name its context in `services` of [rewrite] if their rows are not each service's own"
        for app in facts.installed
        if app.kind == COPIED and app.has_models
    ]
    files = closure.files
    found += [
        f"{told}: what it minds is a copy here, so rows that came since the last copying count for"
        " nothing; have their owner told of the deletion"
        for told in sorted(set(copy_uses.guarded_by_copies(prepared, tree, files, about.service)))
    ]
    found += [
        f"{told}: it hears of a change when `copy_tables --replicas` brings it, not at once"
        for told in sorted(set(copy_uses.heard_later(prepared, tree, files, about.service)))
    ]
    found += [
        f"{told} in the monolith's history: nobody does it in a database that starts empty"
        for told in dict.fromkeys(migrations.by_hand(facts, tree))
    ]
    return found


def _migrations(folder: Path, facts: ServiceFacts, tree: Tree) -> dict[str, bytes]:
    """Return the migrations that a service has already."""
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for where in migrations.folders(facts, tree).values()
        for one in sorted((folder / where).rglob("*.py"))
    }


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _text(path: Path) -> str | None:
    raw = _bytes(path)
    try:
        return None if raw is None else decode(raw) if path.suffix == ".py" else raw.decode()
    except (SyntaxError, ValueError):
        return None
