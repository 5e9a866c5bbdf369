"""A pytest plugin that notes which tests call a generated client, not counting their fixtures.

    pytest -p tests.servers.callers --callers FILE     one test's id per line

Only those need the services to be processes; the others pass there as they do in one process.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from strangler.client.budget import call_budget

if TYPE_CHECKING:
    from collections.abc import Generator

NOTED = "client_calls"
ANY_NUMBER = 10**9


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --callers."""
    parser.addoption("--callers", type=Path, metavar="FILE", help="note which tests call a client")


def pytest_configure(config: pytest.Config) -> None:
    """Gather what the tests say, where their reports come together."""
    if (path := config.getoption("--callers")) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Callers(path))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note on a test's report how many calls it made."""
    with call_budget(ANY_NUMBER) as calls:
        outcome = yield
    item.user_properties.append((NOTED, calls.count))
    return outcome


class _Callers:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and dict(report.user_properties).get(NOTED):
            self._found.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._path.write_text("".join(f"{each}\n" for each in sorted(self._found)))
