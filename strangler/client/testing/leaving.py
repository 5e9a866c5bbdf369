"""Tests that cannot run without the services that are not here: skipped, each with its reason.

    pytest --leave-failing     writes `tests_left.txt` anew: what fails here, with the error's line
    pytest                     skips what is in it

The list is for people to read and to shorten; a line is "<test> # <reason>".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

FILE, OPTION = "tests_left.txt", "--leave-failing"
MOST = 200
HEADING = (
    f"# Tests of the monolith that cannot run here alone; `pytest {OPTION}` writes this anew.\n"
)


class Leaving:
    """Skips the tests of the list, or writes the list."""

    def __init__(self, config: pytest.Config) -> None:
        self._path = Path(str(config.rootpath)) / FILE
        is_worker = hasattr(config, "workerinput")  # of pytest-xdist, whose controller writes
        self._is_written = bool(config.getoption(OPTION)) and not is_worker
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

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take note of a file that cannot be imported."""
        if report.failed:
            self._failed[report.nodeid] = _reason(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a test that fails."""
        if report.failed:
            self._failed.setdefault(report.nodeid, _reason(report))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write the list, if that was asked for, and count as passed."""
        if self._is_written:
            lines = [f"{name} # {self._failed[name]}\n" for name in sorted(self._failed)]
            self._path.write_text(HEADING + "".join(lines), encoding="utf-8")


def read(path: Path) -> dict[str, str]:
    """Return the tests of a list with their reasons; none where there is no list."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    told = (line.partition(" # ") for line in lines if line and not line.startswith("#"))
    return {name.strip(): reason.strip() for name, _, reason in told}


def _reason(report: Any) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr)
    found = [line for line in text.splitlines() if line.strip()]
    line = found[0] if crash and found else next((one for one in reversed(found)), "fails")
    return line.lstrip("E ").strip()[:MOST]
