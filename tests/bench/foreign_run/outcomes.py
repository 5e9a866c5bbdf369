"""How the tests of one run ended, and which of them a change broke."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PASSED, FAILED = "passed", "failed"
_WORST_LAST = ("skipped", PASSED, FAILED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test's id, how it ended (passed, failed, skipped), and the end of what it said."""

    test: str
    outcome: str
    text: str = ""


def read(folder: Path) -> dict[str, Outcome]:
    """Return the outcome of each test by id; of several the worst counts."""
    found: dict[str, Outcome] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            try:
                outcome = Outcome(**json.loads(line))
            except ValueError:  # a process that was killed wrote half a line
                continue
            known = found.get(outcome.test)
            if known is None or _rank(outcome) >= _rank(known):
                found[outcome.test] = outcome
    return found


def _rank(outcome: Outcome) -> int:
    known = outcome.outcome in _WORST_LAST
    return _WORST_LAST.index(outcome.outcome) if known else len(_WORST_LAST)


def broken(before: dict[str, Outcome], after: dict[str, Outcome]) -> list[Outcome]:
    """Return the tests that passed before and do not pass after, sorted; not to run is to fail."""
    failures = [outcome.text for name, outcome in after.items() if name.startswith("collecting ")]
    found = []
    for name, outcome in sorted(before.items()):
        if outcome.outcome != PASSED:
            continue
        now = after.get(name)
        if now is None:
            found.append(Outcome(name, "missing", "did not run\n" + "\n".join(failures[:1])))
        elif now.outcome != PASSED:
            found.append(now)
    return found


def confirmed(found: list[Outcome], again: dict[str, Outcome]) -> tuple[list[Outcome], list[str]]:
    """Part broken tests into those that do not pass again either, and the names of the others.

    A suite under load has tests that fail by chance; one that passes in a second run of the very
    same tree was not broken by the change.
    """
    passed = {one.test for one in found if again.get(one.test, one).outcome == PASSED}
    return [one for one in found if one.test not in passed], sorted(passed)


def count(found: dict[str, Outcome], outcome: str) -> int:
    """Count the tests that ended so."""
    return sum(one.outcome == outcome for one in found.values())
