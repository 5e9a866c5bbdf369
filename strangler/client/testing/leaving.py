"""Tests that cannot run without the services that are not here: skipped, each with its reason.

    pytest --leave-failing     writes `tests_left.txt` anew: what fails here, with the error's line
    pytest                     skips what is in it

The list is for people to read and to shorten; a line is "<test> # <reason>".
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from strangler.client.testing.failures import unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE, OPTION = "tests_left.txt", "--leave-failing"
MOST = 200
UNANSWERED = "strangler_unanswered"
CUT_PATH = re.compile(r"(?<=['\"])/[^'\" ]*?(?=\.\.\.)")
"""The beginning of a path in what pytest shortens."""
HEADING = (
    f"# Tests of the monolith that cannot run here alone; `pytest {OPTION}` writes this anew.\n"
)


class Leaving:
    """Skips the tests of the list, or writes the list."""

    def __init__(self, config: pytest.Config) -> None:
        self._path = Path(str(config.rootpath)) / FILE
        is_worker = hasattr(config, "workerinput")  # of pytest-xdist, whose controller writes
        self._is_written = bool(config.getoption(OPTION)) and not is_worker
        if self._is_written:  # a file that cannot be imported is left too, and hides no other
            config.option.continue_on_collection_errors = True
        self._left = {} if config.getoption(OPTION) else read(self._path)
        self._failed: dict[str, str] = {}

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Pass over a file that cannot even be imported."""
        root = self._path.parent
        inside = root in collection_path.parents
        return (
            True if inside and collection_path.relative_to(root).as_posix() in self._left else None
        )

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Skip what is in the list."""
        for item in items:
            if item.nodeid in self._left:
                item.add_marker(pytest.mark.skip(reason=self._left[item.nodeid]))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[Any]) -> Iterator[None]:
        """Keep what fakes could not answer with the report, which may come from another process."""
        if call.when == "setup":
            unanswered.clear()
        outcome: Any = yield
        report: pytest.TestReport = outcome.get_result()
        if report.failed and unanswered:
            told = unanswered[0].partition(": say what")[0]
            report.user_properties.append((UNANSWERED, told))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take note of a file that cannot be imported."""
        if report.failed:
            self._failed[report.nodeid] = self._reason(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a test that fails."""
        if report.failed:
            self._failed.setdefault(report.nodeid, self._reason(report))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write the list, if that was asked for, and count as passed."""
        if self._is_written:
            lines = [f"{name} # {self._failed[name]}\n" for name in sorted(self._failed)]
            self._path.write_text(HEADING + "".join(lines), encoding="utf-8")

    def _reason(self, report: Any) -> str:
        """Return the line that says why, without where on this machine the service is."""
        properties = dict(getattr(report, "user_properties", ()))
        crash = getattr(report.longrepr, "reprcrash", None)
        text = properties.get(UNANSWERED) or (crash.message if crash else str(report.longrepr))
        found = [line for line in text.splitlines() if line.strip()]
        is_first = crash and found
        line = found[0] if is_first else next((one for one in reversed(found)), "fails")
        line = line.lstrip("E ").strip().replace(f"{self._path.parent}/", "")
        return CUT_PATH.sub("", line)[:MOST].rstrip()


def read(path: Path) -> dict[str, str]:
    """Return the tests of a list with their reasons; none where there is no list."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    told = (line.partition(" # ") for line in lines if line and not line.startswith("#"))
    return {name.strip(): reason.strip() for name, _, reason in told}
