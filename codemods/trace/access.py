"""What a trace means under a context map: which lines reached another context's tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.crossings.discover import template_sources
from codemods.project.contexts import FRAMEWORK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph
    from codemods.trace.records import Site, Trace


@dataclass(frozen=True, slots=True, order=True)
class Access:
    """Line `line` of `source` ran SQL on a table of `target`, `count` times.

    `start`, `end`, `function` and `node` as in a Site. `access` is read or write; `verbs` are
    those of all its statements; `via` the library functions that ran them, "" among them when
    the line asked the ORM itself; `origins` the statements ("path:start-end") that shaped the
    querysets, where those are others. `in_atomic` tells whether a transaction of the project was
    open.
    """

    path: str
    line: int
    start: int
    end: int
    function: str
    node: str
    source: str
    target: str
    model: str
    table: str
    access: str
    verbs: tuple[str, ...]
    via: tuple[str, ...]
    origins: tuple[str, ...]
    in_atomic: bool
    count: int

    @property
    def place(self) -> tuple[str, int, str]:
        """Return what is counted as one site: the line and the context it reaches."""
        return self.path, self.line, self.target


@dataclass(frozen=True, slots=True, order=True)
class Spanning:
    """A transaction opened at `path`:`line` of `source`, in which `contexts` were written.

    `count` is how many statements wrote in it, over all the times it ran.
    """

    path: str
    line: int
    source: str
    contexts: tuple[str, ...]
    tables: tuple[str, ...]
    count: int


def accesses(trace: Trace, graph: Graph, contexts: Contexts) -> tuple[Access, ...]:
    """Return each line and table of another context that the line touched, in file order.

    Tests, migrations and tables of the framework are left out.
    """
    label_of = _labels(graph)
    source_of = _sources(trace, graph, contexts)
    groups: dict[tuple[str, int, str, str], list[Site]] = {}
    for site in trace.sites:
        source = source_of.get(site.path)
        for table in {*site.reads, *site.writes} if source else ():
            label = label_of.get(table.casefold())
            if label and contexts.of_label(label) not in (source, FRAMEWORK):
                groups.setdefault((site.path, site.line, site.node, label), []).append(site)
    return tuple(
        sorted(
            _access(sites, label, graph, contexts, source_of[path])
            for (path, _line, _node, label), sites in groups.items()
        )
    )


def _access(sites: list[Site], label: str, graph: Graph, contexts: Contexts, source: str) -> Access:
    first, table = sites[0], graph.models[label].table
    is_written = any(table.casefold() in map(str.casefold, site.writes) for site in sites)
    return Access(
        path=first.path,
        line=first.line,
        start=first.start,
        end=first.end,
        function=first.function,
        node=first.node,
        source=source,
        target=contexts.of_label(label),
        model=label,
        table=table,
        access="write" if is_written else "read",
        verbs=tuple(sorted({site.verb for site in sites})),
        via=tuple(sorted({site.via for site in sites})),
        origins=tuple(sorted({site.origin for site in sites} - {""})),
        in_atomic=any(_outermost(site.atomics, contexts) for site in sites),
        count=sum(site.count for site in sites),
    )


def spanning(trace: Trace, graph: Graph, contexts: Contexts) -> tuple[Spanning, ...]:
    """Return the project's outermost transactions that wrote tables of two contexts or more."""
    label_of = _labels(graph)
    written: dict[str, set[str]] = {}
    counts: Counter[str] = Counter()
    for site in trace.sites:
        block = _outermost(site.atomics, contexts) if site.writes else None
        if block and not contexts.is_excluded(site.path):
            counts[block] += site.count
            for table in site.writes:
                if label := label_of.get(table.casefold()):
                    written.setdefault(block, set()).add(label)
    found = []
    for block, labels in written.items():
        path, _, line = block.rpartition(":")
        owners = {contexts.of_label(label) for label in labels} - {FRAMEWORK}
        if len(owners) > 1 and not _is_migration(path):
            tables = {
                graph.models[label].table for label in labels if contexts.of_label(label) in owners
            }
            found.append(
                Spanning(
                    path=path,
                    line=int(line),
                    source=contexts.of_path(path),
                    contexts=tuple(sorted(owners)),
                    tables=tuple(sorted(tables)),
                    count=counts[block],
                )
            )
    return tuple(sorted(found))


def places(found: Iterable[Access]) -> Counter[tuple[str, str]]:
    """Count sites, each line once for each context that it reaches, by (source, target)."""
    unique = {access.place: (access.source, access.target) for access in found}
    return Counter(unique.values())


def traffic(trace: Trace, graph: Graph, contexts: Contexts) -> Counter[tuple[str, str]]:
    """Count the statements that crossed, each once per context reached, by (source, target)."""
    label_of = _labels(graph)
    source_of = _sources(trace, graph, contexts)
    found: Counter[tuple[str, str]] = Counter()
    for site in trace.sites:
        if source := source_of.get(site.path):
            labels = {label_of.get(table.casefold()) for table in (*site.reads, *site.writes)}
            owners = {contexts.of_label(label) for label in labels if label}
            for target in owners - {source, FRAMEWORK}:
                found[source, target] += site.count
    return found


def _labels(graph: Graph) -> dict[str, str]:
    return {table.casefold(): label for table, label in graph.tables.items()}


def _sources(trace: Trace, graph: Graph, contexts: Contexts) -> dict[str, str]:
    """Map each file that is neither test nor migration to its context."""
    templates = {site.path for site in trace.sites if not site.path.endswith(".py")}
    found = {
        site.path: contexts.of_path(site.path)
        for site in trace.sites
        if not contexts.is_excluded(site.path) and not _is_migration(site.path)
    }
    pages = template_sources(graph, contexts, dict.fromkeys(templates, ""))
    return found | {page.path: page.context for page in pages if page.path in found}


def _is_migration(path: str) -> bool:
    return "/migrations/" in f"/{path}"


def _outermost(atomics: tuple[str, ...], contexts: Contexts) -> str | None:
    """Return the outermost block that the project itself opened, not a test."""
    for block in atomics:
        if not contexts.is_excluded(block.rpartition(":")[0]):
            return block
    return None
