"""What keeps a service from running alone, besides what it imports: crossings, keys, pages, URLs.

All lines are of the prepared tree: of the code as it is once every service is rewritten.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.contract import openapi
from codemods.contract.place import place_of
from codemods.crossings import discover
from codemods.crossings.crossing import KINDS
from codemods.extract import copy_uses, routing, sent_tasks
from codemods.extract.findings import Blocker
from codemods.extract.imports import is_type
from codemods.rewrite.follow_ups import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from codemods.crossings.crossing import Crossing
    from codemods.extract.closure import Closure
    from codemods.extract.prepared import Prepared
    from codemods.extract.probed import Probed
    from codemods.extract.tree import Tree

NAME = re.compile(r"\w+")
ASKING = re.compile(r"(\w+\.)*request\.user\b")
LOADED = re.compile(r"""\{%-?\s*(?:extends|include)\s+["']([^"']+)["']""")
ALWAYS = frozenset(
    {
        "annotation", "attribute-write", "construct", "generic-relation", "get-model",
        "inheritance", "instance-write", "join", "many-to-many", "prefetch", "raw-sql", "relation",
        "reverse-relation", "task",
    }
)  # fmt: skip
"""Kinds that reach another service's tables themselves. What is not here follows from one that is,
or from an import: a view, a serializer or a page of rows that somebody else had to query."""
OWN = frozenset({"admin", "signal"})  # copied code does these things in each service for itself
READ = frozenset({"attribute", "method", "template"})  # a value may have what is read
USER_MODEL = "get_user_model"
INLINE = " is an inline of "  # of another's admin, where it is told too
USER = frozenset(
    {
        "id", "pk", "is_active", "is_anonymous", "is_authenticated", "is_staff", "is_superuser",
        "username", "get_username", "get_all_permissions", "has_perm", "has_perms",
        "has_module_perms",
    }
)  # fmt: skip
"""What `strangler.client.accounts` gives besides the client's value."""


def blockers(
    prepared: Prepared, tree: Tree, probed: Probed, closure: Closure, service: str
) -> tuple[Blocker, ...]:
    """Return every blocker of a service, sorted: those of its closure, and what else is known."""
    unheard = _unheard(prepared, tree, service)
    found = {one for one in closure.blockers if not _only_listens(one, unheard)}
    found |= {
        one
        for one in _crossings(prepared, tree, closure.files, service)
        if not unheard.covers(one.path, one.line)
    }
    found |= set(_relations(prepared, tree, closure, service))
    found |= set(_pages(tree, closure, service))
    for route, view in routing.unmade(probed.urls, tree, service):
        module = routing.longest(view, tree.modules)
        found.add(
            Blocker(
                tree.modules[module], 1, f"the page {route!r} is a view made with arguments",
                "give it an entry in a URL module of the context",
            )
        )  # fmt: skip
    return tuple(sorted(found))


@dataclass(frozen=True)
class _Unheard:
    """Lines of copied functions that hear of another service's rows: here nobody tells them."""

    lines: Mapping[str, frozenset[int]]

    def covers(self, path: str, line: int) -> bool:
        return line in self.lines.get(path, frozenset())


def _unheard(prepared: Prepared, tree: Tree, service: str) -> _Unheard:
    found: dict[str, set[int]] = {}
    for crossing in prepared.crossings:
        if (
            crossing.kind == "signal"
            and crossing.target != service
            and crossing.target in prepared.services
            and tree.contexts.of_path(crossing.path) not in prepared.services
        ):
            lines = found.setdefault(crossing.path, set())
            lines |= _decorated(tree.text(crossing.path) or "", crossing.line)
    return _Unheard({path: frozenset(lines) for path, lines in found.items()})


def _decorated(text: str, line: int) -> set[int]:
    """Return the lines of the function that has a decorator on this line."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min((each.lineno for each in node.decorator_list), default=node.lineno)
            if first <= line < node.lineno:
                return set(range(first, (node.end_lineno or node.lineno) + 1))
    return {line}


def _only_listens(blocker: Blocker, unheard: _Unheard) -> bool:
    """Tell whether an import is needed by nothing but functions that nobody tells of anything."""
    return bool(blocker.uses) and all(unheard.covers(blocker.path, line) for line in blocker.uses)


def values(tree: Tree) -> dict[str, frozenset[str]]:
    """Return what the value of each model carries, by its label."""
    found: dict[str, frozenset[str]] = {}
    for service in tree.services:
        path = place_of(tree.graph, tree.contexts, service).contract_path
        text = tree.text(path) if path in tree.files else None
        for value in openapi.load(text, path).values if text else ():
            names = [each.name for each in value.columns]
            names += [each.name for each in value.related]
            names += [each.name for each in value.members]
            found[value.model] = frozenset({"pk", value.pk, *names})
    return found


def _counts(
    crossing: Crossing, tree: Tree, values: Mapping[str, frozenset[str]], service: str
) -> bool:
    """Tell whether a crossing keeps the service from running alone."""
    if crossing.kind == "relation" and ASKING.match(crossing.expression):
        return False  # the owner of the accounts is asked
    if copy_uses.is_written_here(crossing, tree, service):
        return True
    if _is_user_type(crossing, tree) or _is_done_elsewhere(crossing, tree, service):
        return False
    if crossing.kind in OWN:
        return tree.contexts.of_path(crossing.path) == service
    if crossing.kind in READ:
        name = NAME.findall(crossing.expression.partition("(")[0])[-1:]
        carried = values.get(crossing.model, frozenset()) | copy_uses.backwards(
            tree, crossing, service
        )
        if crossing.model == tree.graph.auth_user_model:
            carried |= USER
        is_walk = "." in crossing.expression
        return bool(name) and name[0] not in carried and is_walk
    return crossing.kind in ALWAYS


def _is_done_elsewhere(crossing: Crossing, tree: Tree, service: str) -> bool:
    """Tell whether it sends a task by name, or hears of a copy as its rows are copied."""
    sent = crossing.expression.partition(".")[0]
    return copy_uses.is_heard_here(crossing, tree, service) or (
        crossing.kind == "task" and sent_tasks.is_sent(tree, crossing.path, sent)
    )


def _is_user_type(crossing: Crossing, tree: Tree) -> bool:
    """Tell whether `User = get_user_model()` only names a type: values of accounts are of it."""
    text = tree.text(crossing.path) or ""
    if crossing.kind != "get-model" or crossing.model != tree.graph.auth_user_model:
        return False
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and node.lineno == crossing.line:
            name, value = node.targets[0], node.value
            is_asked = isinstance(value, ast.Call) and ast.unparse(value.func).endswith(USER_MODEL)
            return is_asked and isinstance(name, ast.Name) and is_type(text, name.id)
    return False


def _crossings(
    prepared: Prepared, tree: Tree, files: Collection[str], service: str
) -> Iterator[Blocker]:
    carried = values(tree)
    models: dict[tuple[str, int, str, str, str], list[str]] = {}
    for crossing in prepared.crossings:
        if (
            crossing.path in files
            and crossing.target in prepared.services
            and crossing.target != service
            and not copy_uses.is_read_here(crossing, tree, service)
            and _counts(crossing, tree, carried, service)
        ):
            place = (crossing.path, crossing.line, crossing.kind)
            models.setdefault((*place, crossing.expression, crossing.target), []).append(
                crossing.model
            )
    for (path, line, kind, expression, target), found in models.items():
        told = ", ".join(sorted(set(found)))
        what = f"{KINDS[kind].title}: {expression} ({told} of {target})"
        yield Blocker(path, line, what, KINDS[kind].advice)


def _relations(prepared: Prepared, tree: Tree, closure: Closure, service: str) -> Iterator[Blocker]:
    """Yield what needs a foreign key that is gone, and relations that could not be severed."""
    told = {one.relation: one for one in prepared.severings}
    for model in tree.graph.models.values():
        path = tree.modules.get(model.name.partition(":")[0])
        if path not in closure.files:
            continue
        for field in model.fields.values():
            owner = tree.contexts.of_label(field.target) if field.target else ""
            if owner == service or owner not in prepared.services or field.inherited:
                continue
            if tree.contexts.is_replicated(field.target or "", service):
                continue  # it joins the copy
            name = f"{model.label}.{field.name}"
            known = told.get(name)
            if field.type != REFERENCE:
                what = f"{name} is a relation to {field.target} of {owner}"
                reasons = known.obstacles if known else ()
                yield Blocker(
                    path, _line_of(tree, path, field.name),
                    what + (f", not severed: {reasons[0]}" if reasons else ""),
                    f"hold the id in a plain column, and ask {owner} for the rest",
                )  # fmt: skip
                continue
            for obstacle in known.obstacles if known else ():
                where, _, what = obstacle.partition(": ")
                at, _, number = where.rpartition(":")
                if at in closure.files and INLINE not in what:
                    yield Blocker(
                        at, int(number), f"needs the foreign key {name}: {what}",
                        f"work with the id {field.attname}, or the value that {owner} gives",
                    )  # fmt: skip


def _line_of(tree: Tree, path: str, name: str) -> int:
    declared = re.compile(rf"\s+{re.escape(name)}\s*[:=]")
    lines = (tree.text(path) or "").splitlines()
    return next((number for number, line in enumerate(lines, 1) if declared.match(line)), 1)


def _pages(tree: Tree, closure: Closure, service: str) -> Iterator[Blocker]:
    """Yield templates that load one which is not taken along."""
    names = _template_names(tree, tree.files)
    here = {names[path] for path in closure.files if path in names}
    elsewhere = set(names.values()) - here
    for path in sorted(closure.files):
        if path not in names:
            continue
        for number, line in enumerate((tree.text(path) or "").splitlines(), 1):
            for name in LOADED.findall(line):
                if name in elsewhere:
                    yield Blocker(
                        path, number, f"loads the template {name}, which stays with another",
                        f"move it to where {service} may have it, or show what it needs itself",
                    )  # fmt: skip


def _template_names(tree: Tree, paths: Iterable[str]) -> dict[str, str]:
    """Return the name of each template as it is loaded, by path."""
    folders = discover.template_folders(tree.graph)
    found = {}
    for path in paths:
        if path.endswith(discover.TEMPLATE_SUFFIXES):
            folder = next((f for f in folders if path.startswith(f"{f}/")), None)
            if folder is not None:
                found[path] = path.removeprefix(f"{folder}/")
    return found
