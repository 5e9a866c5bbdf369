"""One seam: rewrite a fresh copy, rewrite it again, run its tests again, compare."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codemods.crossings import ledger
from codemods.trace import records
from tests.bench.foreign_run import evidence, outcomes, sites
from tests.bench.foreign_run.commands import checked, codemods, mapped, run_suite
from tests.bench.foreign_run.moved import moved
from tests.bench.foreign_run.outcomes import Outcome
from tests.bench.foreign_run.sites import Compared
from tests.bench.foreign_run.workplace import ForeignError, digests

if TYPE_CHECKING:
    from collections.abc import Callable

    from codemods.trace.access import Access
    from tests.bench.foreign_run.commands import SuiteRun
    from tests.bench.foreign_run.evidence import Evidence
    from tests.bench.foreign_run.sites import Lines, Place
    from tests.bench.foreign_run.workplace import Workplace

BATCHED = "batched"
DATABASE = b"SQLite format 3\0"
MANY_BROKEN = 20  # more than that are no chance
_COMPILE = (
    "import sys\nfor name in sys.stdin.read().split(chr(10)):\n    try:\n"
    "        compile(open(name, 'rb').read(), name, 'exec', dont_inherit=True)\n"
    "    except Exception as error:\n        print(name, error)\n"
)


@dataclass(frozen=True)
class Seam:
    """All that was measured of one service.

    `claimed` counts the crossings of the tree before by (kind, outcome) as `rewrite --json` says,
    `compared` what the tests' SQL shows of the read sites; `unlisted` describes each place whose
    SQL still reaches the service and that no line of the ledger explains; `appeared` counts sites
    after the rewrite that no site before stands for; `by_chance` names tests that failed in one
    run of the rewritten tree and passed in another.
    """

    service: str
    changed_files: int
    not_compiling: tuple[str, ...]
    claimed: dict[str, dict[str, int]]
    rewrite_s: float
    second_run_changed_bytes: int
    compared: Compared
    broken: tuple[Outcome, ...]
    by_chance: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    appeared: int = 0
    suite_s: float = 0.0


def measure(
    service: str, place: Workplace, before: Evidence, baseline: SuiteRun, command: str
) -> Seam:
    """Rewrite one service in a fresh copy and measure what that did.

    Args:
        service: the context that leaves.
        place: the fresh copy; it is changed.
        before: the evidence of the tree as it was.
        baseline: the tests of the tree as it was.
        command: what runs the tests.

    Raises:
        ForeignError: the rewrite, the map or the check failed.
    """
    original = digests(place.root)
    first = _rewrite(place, service)
    rewritten = digests(place.root)
    rows = mapped(place)
    maps = _line_maps(original, rewritten)
    path, trace = place.folder / f"{service}.ledger", place.folder / f"{service}.trace.json"
    trace.write_text(moved(records.load(baseline.trace), maps).dump())
    written = ["--write-ledger", "--ledger", str(path), "--trace", str(trace)]
    checked(codemods(place, "check", *written), "codemods check")
    changed = [
        name
        for name, text in rewritten.items()
        if original.get(name) != text and not _is_database(name, text)
    ]
    reads = sites.read_sites(before.accesses, service)
    kinds = sites.kinds_of(before.merged)
    known: dict[str, Any] = {
        "service": service,
        "changed_files": len(changed),
        "not_compiling": _not_compiling(place, changed),
        "claimed": _claimed(first["crossings"]),
        "rewrite_s": round(first["seconds"], 1),
    }
    try:
        suite = run_suite(place, command, service)
    except ForeignError as error:  # it does not even start any more
        said = {"collecting all": Outcome("", "", str(error))}
        return Seam(
            **known,
            second_run_changed_bytes=_changed_by_another_run(place, service),
            compared=Compared(listed=set(reads), kinds=kinds),
            broken=tuple(outcomes.broken(baseline.tests, said)),
        )
    after = evidence.look(place, rows, suite.trace)
    unlisted = _unlisted(after, service, ledger.keys(ledger.load(path)))
    reached = [access for access in after.accesses if access.target == service]
    compared = sites.compare(
        reads,
        reached,
        maps,
        unlisted=set(unlisted),
        batched=_batched(first["crossings"], service),
        kinds=kinds,
    )
    broken = outcomes.broken(baseline.tests, suite.tests)
    by_chance: list[str] = []
    if 0 < len(broken) <= MANY_BROKEN:
        again_run = run_suite(place, command, f"{service}-again")
        broken, by_chance = outcomes.confirmed(broken, again_run.tests)
    return Seam(
        **known,
        second_run_changed_bytes=_changed_by_another_run(place, service),
        compared=compared,
        unlisted=tuple(sorted(unlisted.values())),
        appeared=_appeared(before, reached, maps, service),
        broken=tuple(broken),
        by_chance=tuple(by_chance),
        suite_s=round(suite.seconds, 1),
    )


def _rewrite(place: Workplace, service: str) -> dict[str, Any]:
    done = codemods(place, "rewrite", "--service", service, "--write", "--force", "--json")
    checked(done, f"codemods rewrite --service {service}", allowed=(0, 1))
    try:
        said: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise ForeignError(
            f"codemods rewrite --service {service} printed no JSON ({error}):\n"
            f"{(done.stdout + done.stderr)[-800:]}"
        ) from error
    return said | {"seconds": done.seconds}


def _not_compiling(place: Workplace, changed: list[str]) -> tuple[str, ...]:
    names = [str(place.root / name) for name in changed if name.endswith(".py")]
    if not names:
        return ()
    done = subprocess.run(
        [place.python, "-c", _COMPILE],
        cwd=place.root, env=place.environment(), input="\n".join(names),
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    return tuple((done.stdout + done.stderr).splitlines())


def _changed_by_another_run(place: Workplace, service: str) -> int:
    """Rewrite once more and count the bytes of all files that differ; the longer side counts.

    Databases do not count: a project may open its own whenever it starts.
    """
    before = digests(place.root)
    _rewrite(place, service)
    after = digests(place.root)
    return sum(
        max(len(before.get(name, b"")), len(after.get(name, b"")), 1)
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
        and not _is_database(name, before.get(name, b"") or after.get(name, b""))
    )


def _is_database(name: str, content: bytes) -> bool:
    """Tell an SQLite database, its journal, log and index."""
    return content.startswith(DATABASE) or name.endswith(("-wal", "-shm", "-journal"))


def _claimed(crossings: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in crossings:
        counts = found.setdefault(row["kind"], {})
        counts[row["outcome"]] = counts.get(row["outcome"], 0) + 1
    return {kind: dict(sorted(counts.items())) for kind, counts in sorted(found.items())}


def _batched(crossings: list[dict[str, Any]], service: str) -> Callable[[Access], bool]:
    """Return what tells whether a batched crossing stands at an access's statement or origin."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for row in crossings:
        if row["outcome"] == BATCHED and row["target"] == service:
            spans.setdefault(row["path"], []).append((row["line"], row["end_line"]))

    def is_batched(access: Access) -> bool:
        return any(
            start <= end_of and last >= start_of
            for path, start_of, end_of in sites.spans_of(access)
            for start, last in spans.get(path, ())
        )

    return is_batched


def _unlisted(after: Evidence, service: str, lines: frozenset[str]) -> dict[Place, str]:
    """Describe each place whose SQL or transaction reaches the service unknown to the ledger."""
    found: dict[Place, str] = {}
    for mark in after.merged.marked:
        crossing = mark.crossing
        if crossing.target == service and crossing.key not in lines and mark.seen != "static":
            found[crossing.path, crossing.line, crossing.target] = (
                f"{crossing.path}:{crossing.line} {crossing.kind} {crossing.function}"
                f" {crossing.expression} ({mark.count}x)"
            )
    return found


def _line_maps(
    before: dict[str, bytes], after: dict[str, bytes]
) -> Callable[[str], Callable[[int], Lines]]:
    made: dict[str, Callable[[int], Lines]] = {}

    def of(path: str) -> Callable[[int], Lines]:
        if path not in made:
            made[path] = sites.line_map(
                before.get(path, b"").decode(errors="replace"),
                after.get(path, b"").decode(errors="replace"),
            )
        return made[path]

    return of


def _appeared(
    before: Evidence,
    reached: list[Access],
    maps: Callable[[str], Callable[[int], Lines]],
    service: str,
) -> int:
    known = {
        (access.path, line)
        for access in before.accesses
        if access.target == service
        for at in range(access.start, access.end + 1)
        for line in maps(access.path)(at)
    }
    return len({access.place for access in reached if (access.path, access.line) not in known})
