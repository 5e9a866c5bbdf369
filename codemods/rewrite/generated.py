"""The files generated for a service: contract, client and provider, from what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codemods.contract import build, client, openapi, provider
from codemods.contract.operations import Reader
from codemods.contract.place import place_of as _place_of
from codemods.rewrite import calls

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from codemods.contract.operations import Consumer, Contract, Operation
    from codemods.contract.place import Place
    from codemods.crossings.reads import Read
    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph
    from codemods.transforms.change import Change

HEADER = "enerated by `codemods rewrite"


@dataclass(frozen=True)
class Needs:
    """What the changed code asks of the service, besides what it is seen to read.

    `operations` are those of the changes made now, `attributes` the (label, attribute) pairs that
    new code reads. `consumers` gives the uses of operations with these names in the project as it
    will be. `diverted` are the relations that read the client's values, as (label, field).
    """

    operations: tuple[Operation, ...]
    attributes: frozenset[tuple[str, str]]
    consumers: Callable[[Collection[str]], tuple[Consumer, ...]]
    diverted: frozenset[tuple[str, str]]


def place_of(
    graph: Graph, contexts: Contexts, service: str, text_of: Callable[[str], str | None]
) -> Place:
    """Return where the service's files go; a provider that somebody wrote by hand is left alone."""
    found = _place_of(graph, contexts, service)
    if HEADER in (text_of(found.provider_path) or HEADER):
        return found
    package, folder = found.provider.rpartition(".")[0], found.provider_path.rpartition("/")[0]
    name = f"{service.replace('-', '_')}_provider"
    return replace(found, provider=f"{package}.{name}", provider_path=f"{folder}/{name}.py")


def existing(raw: bytes | None, path: str) -> Contract | None:
    """Return the contract that an earlier run wrote, if there is one.

    Raises:
        CodemodsError: it cannot be read, as after a bad merge.
    """
    if raw is None:
        return None
    return openapi.load(raw.decode(errors="replace"), path)


def carried(before: Contract | None) -> set[tuple[str, str]]:
    """Return the relations to many whose rows travel with the values of a contract."""
    return {
        (value.model, related.name)
        for value in (before.values if before else ())
        for related in value.related
        if related.is_many
    }


def misfits(
    changes: Iterable[Change], graph: Graph, contexts: Contexts, root: Path, service: str
) -> dict[Change, str]:
    """Return the changes that ask for what no contract of the service can offer, and why."""
    asking = [change for change in changes if change.operations or change.needs]
    built = build.build(
        service,
        graph=graph,
        contexts=contexts,
        root=root,
        operations=[operation for change in asking for operation in change.operations],
        reads={need for change in asking for need in change.needs},
    )
    problems = {(each.model, each.attribute): each.reason for each in built.problems}
    found = {}
    for change in asking:
        wanted = set(change.needs)
        for operation in change.operations:
            named = (operation.name, *operation.columns, *operation.order_by)
            lookups = (
                p.lookup for p in (*operation.filters, *operation.exclude, *operation.writes)
            )
            wanted |= {(operation.model, name.lstrip("-")) for name in (*named, *lookups)}
        if reasons := sorted(problems[pair] for pair in wanted & problems.keys()):
            found[change] = reasons[0]
    return found


@dataclass(frozen=True)
class Generator:
    """Makes the contract and its files. `graph` has the diverted relations as they will be."""

    root: Path
    graph: Graph
    contexts: Contexts
    place: Place
    before: Contract | None
    needs: Needs
    text_of: Callable[[str], str | None]

    def contract(self, reads: Iterable[Read]) -> build.Built:
        """Return the contract that serves these reads and what the needs name."""
        known = {operation.name: operation for operation in self.needs.operations}
        if self.before is not None:
            known = {operation.name: operation for operation in self.before.operations} | known
        consumers = self.needs.consumers(known)
        used = {consumer.operation for consumer in consumers}
        reads = tuple(reads)
        return build.build(
            self.place.service,
            graph=self.graph,
            contexts=self.contexts,
            root=self.root,
            operations=[operation for name, operation in known.items() if name in used],
            reads={(read.label, read.attribute) for read in reads}
            | self.needs.attributes
            | self._constants_named(),
            relations=self.needs.diverted,
            consumers=consumers,
            readers=[
                Reader(each.label, each.attribute, self.contexts.of_path(each.path), each.path)
                for each in reads
                if not calls.is_generated(self.place, each.path)
            ],
        )

    def _constants_named(self) -> set[tuple[str, str]]:
        """Return the constants of the contract before whose value class is still named."""
        return {
            (value.model, constant.name)
            for value in (self.before.values if self.before else ())
            if value.constants and self.needs.consumers([value.name])
            for constant in value.constants
        }

    def files(self, contract: Contract) -> dict[str, str]:
        """Return the text of each generated file by path; none for a service nobody calls."""
        if not contract.operations and not contract.values:
            return {}
        place = self.place
        folder = place.package_path(place.client)
        package = client.render(contract, place.client, place.provider)
        found = {
            place.contract_path: openapi.render(contract),
            place.provider_path: provider.render(contract, self.graph, place.client),
            **{f"{folder}/{name}": text for name, text in package.items()},
        }
        above = f"{place.package_path(place.clients)}/__init__.py"
        if self.text_of(above) is None:
            found[above] = client.parent_package()
        return found
