"""The files of a service before anything is merged: moved, copied, standing in, and glue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.contract import openapi
from codemods.extract import glue, replicas, stand_ins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codemods.extract.closure import Closure
    from codemods.extract.describe import Surroundings
    from codemods.extract.facts import ServiceFacts
    from codemods.extract.prepared import Prepared
    from codemods.extract.tree import Tree


def data(about: Surroundings) -> list[str]:
    """Return the project's templates, static files and the like that are no other service's."""
    tree = about.tree
    folders = [
        *tree.graph.template_dirs,
        *(f for found in about.probed.folders.values() for f in found),
    ]
    kept = []
    for path in sorted(tree.files):
        folder = next((f for f in folders if path.startswith(f"{f}/")), None)
        if folder is None or path.endswith(".py"):
            continue
        owners = {tree.contexts.of_path(path), *_named(path.removeprefix(f"{folder}/"), tree)}
        if not (owners & set(tree.services)) - {about.service}:
            kept.append(path)
    return kept


def _named(name: str, tree: Tree) -> Iterator[str]:
    """Yield the contexts that the folders of a template's name tell."""
    for part in name.split("/")[:-1]:
        if part in tree.contexts.names:
            yield part
        elif part in tree.contexts.by_app:
            yield tree.contexts.by_app[part]


def files(
    prepared: Prepared, about: Surroundings, closure: Closure, facts: ServiceFacts
) -> dict[str, bytes]:
    """Return every file of a service but migrations, by path."""
    tree = about.tree
    found = {path: (prepared.root / path).read_bytes() for path in sorted(closure.files)}
    if facts.contract:
        found[facts.contract] = (prepared.root / facts.contract).read_bytes()
    for module, names in closure.stand_ins.items():
        path = tree.modules[module]
        owner = tree.contexts.of_path(path)
        found[path] = stand_ins.render(
            module,
            names,
            owner=owner,
            graph=tree.graph,
            values=_values(about, closure, owner),
            blocked=closure.blocked,
            copied=closure.replicas.texts.get(module, ""),
            shown=tree.shown,
            source=tree.text(path) or "",
        ).encode()
    for path, text in closure.tests.items():
        found[path] = text.encode()
    for module in sorted(closure.supplied):
        found[tree.modules[module]] = tree.supplied[module].text.encode()
    for client in facts.clients:
        contract = about.place(client.service).contract_path
        found[contract] = (prepared.root / contract).read_bytes()
    for path, text in replicas.configs(tree.graph, closure.replicas.labels).items():
        found[path] = text.encode()
    for path_, text in glue.files(facts).items():
        found[path_.as_posix()] = text.encode()
    return found


def _values(about: Surroundings, closure: Closure, owner: str) -> Mapping[str, str]:
    """Return the value classes of a service's client, if that came along, by model."""
    place = about.place(owner)
    text = about.tree.text(place.contract_path)
    if text is None or f"{place.package_path(place.client)}/values.py" not in closure.files:
        return {}
    contract = openapi.load(text, place.contract_path)
    return {value.model: f"{place.client}.{value.name}" for value in contract.values}
