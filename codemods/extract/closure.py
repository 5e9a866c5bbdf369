"""Which files a service takes along, which stay, and what stands in the way.

roots: the context's apps, settings, URL modules ─> static imports, file by file
    ├─ its own file                        moved
    ├─ a file of no service                copied
    ├─ another service's, without models   copied, noted
    └─ another service's, with models      a replica, where it is told; a type, or a task that is
                                           only sent: a stand-in; more: a blocker
other files of those apps ─> clean: along; else left, with the reason
tests, and the conftest files above them ─> what of them runs alone; the rest is left, by name
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.extract import sent_tasks
from codemods.extract.findings import Blocker, Left
from codemods.extract.imports import Import, modules_of, read, serializer_use
from codemods.extract.parts_of_tests import Parts
from codemods.extract.replicas import Replicas, replicas
from codemods.extract.whose import RUNTIME, Whose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codemods.extract.tree import Tree

WITHOUT = "the app that reads it stays with the accounts, which its tables refer to"
NO_REPLICAS = Replicas(frozenset(), {}, {}, {})


@dataclass(frozen=True)
class Closure:
    """The files of a service by path: `moved` are its own, `copied` of no service or without data.

    `stand_ins` maps a module of another service to the names that are taken from it; `noted` are
    modules of another service that hold no data, and are copied. `blocked` are dotted names that
    are needed as more than types; `replicas` are models of others that it holds a copy of.
    `tests` are texts of test files of which only a part runs alone; `supplied` are modules of
    factories that stand in for another service's.
    """

    moved: frozenset[str]
    copied: frozenset[str]
    left: tuple[Left, ...]
    blockers: tuple[Blocker, ...]
    stand_ins: Mapping[str, frozenset[str]]
    noted: tuple[str, ...]
    apps: tuple[str, ...]
    blocked: frozenset[str] = frozenset()
    replicas: Replicas = NO_REPLICAS
    tests: Mapping[str, str] = field(default_factory=dict)
    supplied: frozenset[str] = frozenset()

    @property
    def files(self) -> frozenset[str]:
        """Return every path that is taken along."""
        return self.moved | self.copied


def close(tree: Tree, service: str, roots: Iterable[str]) -> Closure:
    """Return what a service takes along, starting from its apps and the modules it is told of.

    Args:
        tree: the prepared tree.
        service: the context that leaves.
        roots: further paths that the service needs, such as its settings and URL modules.
    """
    return _Closing(tree, service, replicas(tree, service)).run(roots)


class _Closing:
    """The files taken so far, and what was met on the way."""

    def __init__(self, tree: Tree, service: str, copied: Replicas) -> None:
        self.tree, self.service, self.replicas = tree, service, copied
        self.taken: set[str] = set()
        self.apps: set[str] = set()
        self.left: list[Left] = []
        self.blockers: set[Blocker] = set()
        self.stand_ins: dict[str, set[str]] = {}
        self.blocked: set[str] = set()
        self.supplied: set[str] = set()
        self.whose = Whose(tree, service)
        self._parts = Parts(tree, self.whose.is_test)

    def run(self, roots: Iterable[str]) -> Closure:
        own = [path for path in sorted(self.tree.files) if self.whose.context(path) == self.service]
        self.follow([*roots, *(path for path in own if self.whose.is_root(path))])
        self.follow(self._of_replicas())
        self._take_the_rest(self._parts.conftests(own), is_own=True)
        self._take_the_rest(own, is_own=True)
        done: set[str] = set()
        while rest := sorted(self.apps - done):
            done |= set(rest)
            for label in rest:
                self._take_app(label)
        tree = self.tree
        return Closure(
            moved=frozenset(p for p in self.taken if self.whose.context(p) == self.service),
            copied=frozenset(p for p in self.taken if self.whose.context(p) != self.service),
            left=tuple(sorted(set(self.left))),
            blockers=tuple(sorted(self.blockers)),
            stand_ins={name: frozenset(found) for name, found in sorted(self.stand_ins.items())},
            noted=tuple(
                tree.names[path]
                for path in sorted(self.taken)
                if self.whose.is_others(path)
                and path.endswith(".py")
                and not path.endswith("__init__.py")
            ),
            apps=tuple(sorted(self.apps)),
            blocked=frozenset(self.blocked),
            replicas=self.replicas,
            tests={
                path: found.text
                for path, found in sorted(self._parts.known.items())
                if path in self.taken and found.left
            },
            supplied=frozenset(self.supplied),
        )

    def _take_app(self, label: str) -> None:
        """Take what is clean of a copied app: Django will look for its models, admin and pages."""
        app = next(each for each in self.tree.graph.apps if each.label == label)
        paths = [p for p in sorted(self.tree.files) if self.tree.app_of(p) == app]
        self._take_the_rest(paths, is_own=False)

    def _take_the_rest(self, paths: Iterable[str], *, is_own: bool) -> None:
        for path in paths:
            if path in self.taken or self.whose.is_migration(path):
                continue
            if self.whose.is_without(path):
                self.left.append(Left(path, WITHOUT))
            elif not path.endswith(".py"):
                self.taken.add(path)
            elif not is_own and not self.whose.is_root(path):
                continue
            else:
                self._try(path)

    def _try(self, path: str) -> None:
        """Take a file that nothing needs, if all it needs can come along."""
        if self.whose.is_test(path):
            found = self._parts.of(path, self.in_the_way)
            self.left += [Left(f"{path}::{name}", why) for name, why in found.left.items()]
            if not found.has_tests:
                return
        trial = self._trial()
        trial.follow([path])
        if trial.blockers:
            self.left.append(Left(path, trial.first_reason(path)))
            return
        self.taken, self.apps, self.supplied = trial.taken, trial.apps, trial.supplied
        for name, names in trial.stand_ins.items():
            self.stand_ins.setdefault(name, set()).update(names)

    def _trial(self) -> _Closing:
        trial = _Closing(self.tree, self.service, self.replicas)
        trial.taken, trial.apps = set(self.taken), set(self.apps)
        trial.supplied = set(self.supplied)
        trial.whose, trial._parts = self.whose, self._parts
        return trial

    def first_reason(self, path: str) -> str:
        """Return what is in the way of a file first."""
        first = min(self.blockers)
        return first.what + ("" if first.path == path else f" ({first.path}:{first.line})")

    def in_the_way(self, path: str, one: Import) -> set[Blocker]:
        """Return what would keep a file from having one of its imports."""
        trial = self._trial()
        trial.follow(trial.resolved(path, one))
        return trial.blockers

    def follow(self, paths: Iterable[str]) -> None:
        """Take files and all that they import."""
        waiting = list(paths)
        while waiting:
            path = waiting.pop()
            if path in self.taken or self.whose.is_migration(path):
                continue
            self.taken.add(path)
            waiting += self.whose.own_packages(path)
            app = self.tree.app_of(path)
            if app is not None and not self.whose.is_others(path) and app.label not in self.apps:
                self.apps.add(app.label)
                waiting += self.whose.of_app(app)
                waiting += self._unless_others(self.tree.related(app))
            if path.endswith(".py"):
                waiting += self._imported(path)

    def _imported(self, path: str) -> list[str]:
        found = self.tree.read(path)
        if self.whose.is_test(path) and found is not None:
            part = self._parts.of(path, self.in_the_way)
            if part.left:
                found = read(part.text, self.tree.names[path], is_package=False)
        if found is None:
            if (self.tree.text(path) or "").strip():
                self.blockers.add(Blocker(path, 1, "cannot be parsed", "mend it first"))
            return []
        wanted = []
        for one in found.imports:
            wanted += self.resolved(path, one)
        is_settings = self.tree.names[path] == self.tree.settings
        if not self.whose.is_test(path) and not is_settings:
            wanted += self._unless_others(self.tree.loaded(path))
        for text in () if is_settings else sorted(found.strings):
            target = self.tree.modules.get(text)
            if target and not self.whose.is_others(target) and self.whose.is_copyable(target):
                wanted.append(target)
        return wanted

    def _unless_others(self, modules: Iterable[str]) -> list[str]:
        """Return the files of modules that no other service has; imports tell of those."""
        paths = (self.tree.modules[name] for name in modules)
        return [
            path
            for path in paths
            if not self.whose.is_others(path) and self.whose.is_copyable(path)
        ]

    def _of_replicas(self) -> list[str]:
        """Return the files that the source of copied models needs."""
        wanted = []
        for module, text in self.replicas.texts.items():
            path = self.tree.modules[module]
            self.stand_ins.setdefault(module, set()).update(self.replicas.lacking[module])
            wanted += self.whose.own_packages(path)
            found = read(text, module, is_package=False)
            for one in found.imports if found else ():
                wanted += self.resolved(path, one)
        return wanted

    def _of_supplied(self, module: str) -> list[str]:
        """Return the files that factories in place of another service's need."""
        path, standing = self.tree.modules[module], self.tree.supplied[module]
        wanted = [*self.whose.own_packages(path), self.tree.modules[standing.client]]
        found = read(standing.text, module, is_package=False)
        for one in found.imports if found else ():
            wanted += self.resolved(path, one)
        return wanted

    def resolved(self, path: str, one: Import) -> list[str]:
        """Return the files that an import needs; note a stand-in or a blocker where it has none."""
        wanted = []
        for name in modules_of(one, self.tree.modules):
            if name.split(".")[0] == RUNTIME:
                return []
            target = self.tree.modules[name]
            is_support = self.whose.is_test(path) and self.whose.is_test(target)
            if not self.whose.is_others(target) or is_support or self.whose.is_plain(name):
                wanted.append(target)
            elif name not in self.tree.supplied:
                self._stand_in(path, one, name)
            elif name not in self.supplied:
                self.supplied.add(name)
                wanted += self._of_supplied(name)
        return wanted

    def _stand_in(self, path: str, one: Import, name: str) -> None:
        taken = one.name if name == one.module and one.name else ""
        if self.replicas.has(name, taken):
            return
        self.stand_ins.setdefault(name, set())
        if taken:
            self.stand_ins[name].add(taken)
        if self._is_shown(path, name, taken) or sent_tasks.is_sent(self.tree, path, taken):
            return
        owner = self.whose.context(self.tree.modules[name])
        is_type = taken and name in self.tree.models and not one.uses
        if is_type or not one.uses:
            return
        self.blocked.add(f"{name}.{taken}")
        lines = ", ".join(map(str, one.uses[:8])) + (" and more" if len(one.uses) > 8 else "")  # noqa: PLR2004
        self.blockers.add(
            Blocker(
                path, one.line,
                f"uses {taken or name} of {owner}, line {lines}",
                f"ask {owner} through its client, or move what is needed to where both may have it",
                one.uses,
            )
        )  # fmt: skip

    def _is_shown(self, path: str, module: str, name: str) -> bool:
        """Tell whether a name is a serializer that is written here, and note those it nests."""
        shown = self.tree.shown
        if not shown.has(module, name, serializer_use(self.tree.text(path) or "", name)):
            return False
        for other in shown.others(module, name):
            where, _, cls = other.partition(":")
            self.stand_ins.setdefault(where, set()).add(cls)
        return True
