"""Everything measured of one checkout, as JSON-ready values and as tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from tests.bench.foreign_run import outcomes
from tests.bench.foreign_run.sites import pct

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from tests.bench.foreign_run.commands import SuiteRun
    from tests.bench.foreign_run.outcomes import Outcome
    from tests.bench.foreign_run.seam import Seam
    from tests.bench.foreign_run.sites import Recall
    from tests.bench.foreign_run.speed import Speed

TOLD_LINES = 6
OUTCOMES = ("rewritten", "batched", "listed")


@dataclass(frozen=True)
class Measured:
    """All figures of one checkout."""

    checkout: str
    baseline: SuiteRun
    recall: Recall
    speed: Speed
    seams: tuple[Seam, ...]


def to_json(measured: Measured) -> dict[str, Any]:
    """Return the figures as JSON-ready values; shares are of all services' sites together."""
    seams = measured.seams
    total = sum(seam.compared.total for seam in seams)
    tests = measured.baseline.tests

    def share(name: str) -> float | None:
        return (
            pct(sum(len(getattr(seam.compared, name)) for seam in seams), total) if seams else None
        )

    return {
        "checkout": measured.checkout,
        "recall_static_pct": measured.recall.static_pct,
        "recall_joined_pct": measured.recall.joined_pct,
        "reads_rewritten_pct": share("gone"),
        "batched_pct": share("batched"),
        "listed_pct": share("listed"),
        "broken_tests": sum(len(seam.broken) for seam in seams),
        "unlisted_crossings": sum(len(seam.unlisted) for seam in seams),
        "second_run_changed_bytes": sum(seam.second_run_changed_bytes for seam in seams),
        **asdict(measured.speed),
        "sites": measured.recall.sites,
        "recall_by_kind": {
            kind: {"sites": found, "missed": missed}
            for kind, (found, missed) in measured.recall.by_kind.items()
        },
        "recall_misses": [f"{kind}: {what}" for kind, what in measured.recall.misses],
        "baseline": {
            "passed": outcomes.count(tests, outcomes.PASSED),
            "failed": outcomes.count(tests, outcomes.FAILED),
            "tests": len(tests),
            "suite_s": round(measured.baseline.seconds, 1),
        },
        "services": {seam.service: _seam_to_json(seam) for seam in seams},
    }


def _seam_to_json(seam: Seam) -> dict[str, Any]:
    compared = seam.compared
    return {
        "read_sites": compared.total,
        "reads_rewritten_pct": pct(len(compared.gone), compared.total),
        "batched_pct": pct(len(compared.batched), compared.total),
        "listed_pct": pct(len(compared.listed), compared.total),
        "by_kind": compared.by_kind(),
        "claimed_by_kind": seam.claimed,
        "remaining_sites": sorted(
            f"{path}:{line} {compared.kinds.get((path, line, target), 'unknown')}"
            for path, line, target in compared.listed | compared.unlisted
        ),
        "unlisted": list(seam.unlisted),
        "appeared": seam.appeared,
        "changed_files": seam.changed_files,
        "not_compiling": list(seam.not_compiling),
        "second_run_changed_bytes": seam.second_run_changed_bytes,
        "broken_tests": [asdict(test) for test in seam.broken],
        "failed_by_chance": list(seam.by_chance),
        "suite_s": seam.suite_s,
        "rewrite_s": seam.rewrite_s,
    }


def show(measured: Measured, console: Console) -> None:
    """Print every figure, each miss and each broken test."""
    speed, recall = measured.speed, measured.recall
    tests = measured.baseline.tests
    console.print(
        f"\n[bold]{measured.checkout}[/]: {speed.loc:,} lines of Python and"
        f" {speed.template_lines:,} of templates in {speed.files:,} files;"
        f" {outcomes.count(tests, outcomes.PASSED)} of {len(tests)} tests pass"
        f" in {measured.baseline.seconds:.0f} s under the tracer"
    )
    _show_recall(recall, console)
    console.print(
        f"map_cold_s {speed.map_cold_s}, map_warm_s {speed.map_warm_s}; a plain parse with"
        f" metadata of the same files: {speed.anchor_s} s in as many processes,"
        f" {speed.anchor_one_s} s in one"
    )
    for seam in measured.seams:
        _show_seam(seam, console)


def _show_recall(recall: Recall, console: Console) -> None:
    table = _table("kind of what ran", "sites", "source misses", title="Recall")
    for kind, (found, missed) in sorted(recall.by_kind.items(), key=lambda item: -item[1][0]):
        table.add_row(kind, str(found), str(missed))
    console.print(table)
    console.print(
        f"recall of {recall.sites} sites: source alone {recall.static_pct} %,"
        f" with the trace {recall.joined_pct} %"
    )
    for kind, what in recall.misses:
        console.print(f"  missed, {kind}: {what}", markup=False)


def _show_seam(seam: Seam, console: Console) -> None:
    compared = seam.compared
    table = _table(
        "kind of read site", "sites", "rewritten", "of them batched", "listed", "unlisted",
        title=f"Read sites into {seam.service}, by what ran before and after",
    )  # fmt: skip
    for kind, found in compared.by_kind().items():
        row = [found.get(name, 0) for name in ("gone", "batched", "listed", "unlisted")]
        table.add_row(kind, str(row[0] + row[2] + row[3]), *map(str, row))
    console.print(table)
    console.print(
        f"{seam.service}: {pct(len(compared.gone), compared.total)} % of {compared.total} read"
        f" sites rewritten, {pct(len(compared.batched), compared.total)} % batched,"
        f" {pct(len(compared.listed), compared.total)} % listed; {seam.appeared} sites appeared;"
        f" {seam.changed_files} files changed, {seam.second_run_changed_bytes} bytes by a second"
        f" run; {len(seam.broken)} tests broken; {len(seam.unlisted)} crossings unlisted;"
        f" rewrite {seam.rewrite_s} s, tests {seam.suite_s} s"
    )
    claimed = _table("kind of crossing", *OUTCOMES, title="All its crossings, by what rewrite says")
    for kind, counts in seam.claimed.items():
        claimed.add_row(kind, *(str(counts.get(name, 0)) for name in OUTCOMES))
    console.print(claimed)
    for name in seam.not_compiling:
        console.print(f"  does not compile: {name}", markup=False)
    for what in seam.unlisted:
        console.print(f"  unlisted: {what}", markup=False)
    for name in seam.by_chance:
        console.print(f"  failed once and passed once: {name}", markup=False)
    for test in seam.broken:
        console.print(_told(test), markup=False)


def _told(test: Outcome) -> str:
    last = [line for line in test.text.splitlines() if line.strip()][-TOLD_LINES:]
    return "\n".join(
        [f"  broken ({test.outcome}): {test.test}", *(f"      {line}" for line in last)]
    )


def _table(*headings: str, title: str) -> Table:
    table = Table(*headings, title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def busiest(reads: Iterable[tuple[str, int]], count: int) -> list[str]:
    """Return the names with the highest counts, by name among equals."""
    ranked = sorted((-number, name) for name, number in reads if number)
    return [name for _, name in ranked[:count]]
