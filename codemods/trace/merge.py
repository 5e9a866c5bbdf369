"""Join the crossings found in the source with those seen at run time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codemods.crossings.crossing import Crossing
from codemods.crossings.findings import number
from codemods.crossings.report.seen import BOTH, RUNTIME, STATIC
from codemods.trace.access import Access, accesses, spanning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph
    from codemods.trace.access import Spanning
    from codemods.trace.records import Trace

# These say how code is built or who is called; SQL that runs on their line is another crossing's.
NEVER_RUNS_SQL = frozenset(
    {"import", "relation-field", "inheritance", "migration", "signal", "call", "task"}
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A crossing and who saw it. `count` is how many statements ran there, 0 when static."""

    crossing: Crossing
    seen: str
    count: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the crossing as JSON-ready values, with `seen` and `count`."""
        return self.crossing.to_json() | {"seen": self.seen, "count": self.count}


@dataclass(frozen=True, slots=True)
class Merged:
    """Every crossing, in file order, and how the two views compare.

    `found` are the accesses that a static crossing of their own statement explains, `traced_back`
    those that one explains where the queryset was shaped, `missed` the others. `stale` are
    files that changed since the trace; their lines may be off.
    """

    marked: tuple[Marked, ...]
    found: tuple[Access, ...]
    traced_back: tuple[Access, ...]
    missed: tuple[Access, ...]
    stale: tuple[str, ...]

    @property
    def recall_pct(self) -> float:
        """Return the share of sites, each a line and a context it reaches, shown by the source.

        A site counts when all tables that it reaches there are explained, where it stands or
        where its queryset was shaped.
        """
        return self._share({access.place for access in self.missed})

    @property
    def recall_in_place_pct(self) -> float:
        """Return the share of sites shown by the source at the very statement that ran SQL."""
        return self._share({access.place for access in (*self.missed, *self.traced_back)})

    def _share(self, missed: set[tuple[str, int, str]]) -> float:
        sites = {access.place for access in (*self.found, *self.traced_back, *self.missed)}
        return 100.0 * (len(sites) - len(missed)) / len(sites) if sites else 100.0


def merge(
    crossings: Sequence[Crossing],
    trace: Trace,
    graph: Graph,
    contexts: Contexts,
    digests: Mapping[str, str] | None = None,
) -> Merged:
    """Mark each crossing static or both, and add what only the run saw.

    A line that ran SQL is explained by the crossings of the same statement into the same
    context: those on the table it ran on if there are any, else all of them.

    Args:
        crossings: what the source shows.
        trace: what ran.
        graph: the project's models.
        contexts: who owns what.
        digests: path to digest of the files as they are now, to tell which changed since.
    """
    by_path: dict[str, list[Crossing]] = {}
    for crossing in crossings:
        if crossing.kind not in NEVER_RUNS_SQL:
            by_path.setdefault(crossing.path, []).append(crossing)
    counts: dict[int, int] = {}
    found: list[Access] = []
    traced_back: list[Access] = []
    missed: list[Access] = []
    for access in accesses(trace, graph, contexts):
        explained = _explaining(access, by_path.get(access.path, ()))
        if explained:
            found.append(access)
        else:
            explained = _explaining_origin(access, by_path)
            (traced_back if explained else missed).append(access)
        for crossing in explained:
            counts[id(crossing)] = counts.get(id(crossing), 0) + access.count
    blocks = _with_transactions(spanning(trace, graph, contexts), by_path, counts)
    marked = [
        Marked(crossing, BOTH if id(crossing) in counts else STATIC, counts.get(id(crossing), 0))
        for crossing in crossings
    ]
    marked += [Marked(crossing, RUNTIME, count) for crossing, count in _runtime_only(missed)]
    marked += [Marked(crossing, RUNTIME, count) for crossing, count in blocks]
    changed = (
        path
        for path, digest in trace.files.items()
        if digests and digests.get(path, digest) != digest
    )
    return Merged(
        tuple(sorted(marked, key=lambda mark: mark.crossing)),
        tuple(found),
        tuple(traced_back),
        tuple(missed),
        tuple(sorted(changed)),
    )


def _explaining(access: Access, candidates: Iterable[Crossing]) -> list[Crossing]:
    here = _between(candidates, access.target, access.start, access.end)
    on_table = [crossing for crossing in here if crossing.table == access.table]
    # All lines of a class are too many to take another table's crossing for this one's.
    return on_table if access.node.startswith("class ") else on_table or here


def _explaining_origin(access: Access, by_path: Mapping[str, list[Crossing]]) -> list[Crossing]:
    """Return the crossings on the same table where the queryset was shaped."""
    found: list[Crossing] = []
    for origin in access.origins:
        path, _, lines = origin.rpartition(":")
        start, _, end = lines.partition("-")
        there = _between(by_path.get(path, ()), access.target, int(start), int(end))
        found += [crossing for crossing in there if crossing.table == access.table]
    return found


def _between(candidates: Iterable[Crossing], target: str, start: int, end: int) -> list[Crossing]:
    return [
        crossing
        for crossing in candidates
        if crossing.target == target
        and crossing.kind != "transaction"
        and crossing.line <= end
        and crossing.end_line >= start
    ]


def _runtime_only(missed: Iterable[Access]) -> list[tuple[Crossing, int]]:
    return _numbered([(_crossing(access), access.count) for access in missed])


def _numbered(made: list[tuple[Crossing, int]]) -> list[tuple[Crossing, int]]:
    made.sort()
    numbered = number([crossing for crossing, _ in made])
    return [(crossing, count) for crossing, (_, count) in zip(numbered, made, strict=True)]


def _crossing(access: Access) -> Crossing:
    """Make a crossing of what only the run saw; the kind tells how the line got to the SQL."""
    return Crossing(
        path=access.path,
        line=access.line,
        column=1,
        end_line=access.line,
        end_column=1,
        kind=_kind(access),
        source=access.source,
        target=access.target,
        model=access.model,
        table=access.table,
        access=access.access,
        confidence="high",
        function=access.function,
        expression=_expression(access),
    )


def _kind(access: Access) -> str:
    if access.node and not access.node.startswith("class "):
        return "template"
    if all(access.via):
        return "library"
    if access.access == "write":
        return "instance-write"
    return "evaluate"


def _expression(access: Access) -> str:
    if access.node:
        return f"{access.node} ran {'/'.join(access.verbs)} on {access.table}"
    through = " and ".join(sorted(filter(None, access.via)))
    return f"{'/'.join(access.verbs)} on {access.table}" + (f" by {through}" if through else "")


def _with_transactions(
    blocks: Iterable[Spanning], by_path: Mapping[str, list[Crossing]], counts: dict[int, int]
) -> list[tuple[Crossing, int]]:
    """Mark the spanning blocks that the source shows; return the others as crossings."""
    unseen: list[tuple[Crossing, int]] = []
    for block in blocks:
        known = [
            crossing
            for crossing in by_path.get(block.path, ())
            if crossing.kind == "transaction"
            and crossing.line - 1 <= block.line <= crossing.end_line
        ]
        for crossing in known:
            counts[id(crossing)] = counts.get(id(crossing), 0) + block.count
        explained = {crossing.target for crossing in known}
        unseen += [
            (_transaction(block, target), block.count)
            for target in block.contexts
            if target != block.source and target not in explained
        ]
    return _numbered(unseen)


def _transaction(block: Spanning, target: str) -> Crossing:
    return Crossing(
        path=block.path,
        line=block.line,
        column=1,
        end_line=block.line,
        end_column=1,
        kind="transaction",
        source=block.source,
        target=target,
        model="",
        table="",
        access="transaction",
        confidence="high",
        function="",
        expression=f"atomic wrote {', '.join(block.tables)}",
    )
