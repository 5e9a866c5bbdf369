"""What keeps a service from running alone, besides what it imports: crossings, keys, pages, URLs.

All lines are of the prepared tree: of the code as it is once every service is rewritten.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.crossings import discover
from codemods.crossings.crossing import KINDS
from codemods.extract import routing
from codemods.extract.closure import Blocker
from codemods.rewrite.follow_ups import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from codemods.extract.closure import Closure, Tree
    from codemods.extract.prepared import Prepared
    from codemods.extract.probed import Probed

LOADED = re.compile(r"""\{%-?\s*(?:extends|include)\s+["']([^"']+)["']""")
HARMLESS = ("import", "relation-field", "migration")  # imports and relations are told apart


def blockers(
    prepared: Prepared, tree: Tree, probed: Probed, closure: Closure, service: str
) -> tuple[Blocker, ...]:
    """Return every blocker of a service, sorted: those of its closure, and what else is known."""
    found = set(closure.blockers)
    found |= set(_crossings(prepared, closure.files, service))
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


def _crossings(prepared: Prepared, files: Collection[str], service: str) -> Iterator[Blocker]:
    for crossing in prepared.crossings:
        if (
            crossing.path in files
            and crossing.target in prepared.services
            and crossing.target != service
            and crossing.kind not in HARMLESS
            and not crossing.path.endswith("conftest.py")
        ):
            kind = KINDS[crossing.kind]
            yield Blocker(
                crossing.path,
                crossing.line,
                f"{kind.title}: {crossing.expression} ({crossing.model} of {crossing.target})",
                kind.advice,
            )


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
                if at in closure.files:
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
