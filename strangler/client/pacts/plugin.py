r"""Write pacts from a test suite that calls services through generated clients.

    pytest --pacts contracts/pacts --pact-consumer shop

Every call of the run is noted by its form, whichever transport it takes, and when the suite has
passed, one Pact V4 file for each service that has a contract is written. With pytest-xdist the
workers' calls are joined.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.client.pacts.recording import Recorder

PACTS, CONSUMER, CONTRACTS = "--pacts", "--pact-consumer", "--pact-contracts"
RECORDED = "strangler_pacts"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("strangler-pacts", "write pacts of calls to services (strangler)")
    group.addoption(PACTS, metavar="DIR", help="write pacts there when the suite has passed")
    group.addoption(CONSUMER, metavar="NAME", help="whose suite this is (the folder's name)")
    group.addoption(
        CONTRACTS, metavar="DIR", default="contracts", help="where the contracts are (contracts)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Record, if that was asked for."""
    if config.getoption(PACTS):
        config.pluginmanager.register(Writing(config), "strangler-pacts-writing")


class Writing:
    """Records in one process of a run, and writes in the one that started the others."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._recorder: Recorder | None = None
        self._joined: list[Any] = []
        self._told: list[str] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        """Record while tests run."""
        # Not before: services need Django's apps, which pytest-django sets up.
        from strangler.client.pacts.recording import Recorder, recording  # noqa: PLC0415

        self._recorder = Recorder()
        with recording(self._recorder):
            return (yield)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker recorded."""
        self._joined += getattr(node, "workeroutput", {}).get(RECORDED, [])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Hand over to the process above, or write."""
        if self._recorder is None:
            return
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[RECORDED] = self._recorder.dump()
            return
        self._recorder.load(self._joined)
        if exitstatus or session.testsfailed:
            self._told.append("pacts: not written, for the suite did not pass")
            return
        self._write(self._recorder)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was written and what was left out."""
        for line in self._told:
            terminalreporter.write_line(line)

    def _write(self, recorder: Recorder) -> None:
        from strangler.client.pacts.interactions import interactions  # noqa: PLC0415
        from strangler.client.pacts.writing import write  # noqa: PLC0415

        root = self._config.rootpath
        consumer = self._config.getoption(CONSUMER) or root.name
        folder = self._config.invocation_params.dir / self._config.getoption(PACTS)
        found = recorder.found
        contracts = sorted((root / self._config.getoption(CONTRACTS)).glob("*.json"))
        services = set()
        for path in contracts:
            contract = json.loads(path.read_text(encoding="utf-8"))
            its = interactions(found, contract)
            services.add(its.service)
            self._told += [f"pacts: left out: {its.service}.{each}" for each in its.left_out]
            if its.found:
                written = write(consumer, its, Path(folder))
                self._told.append(f"pacts: {len(its.found)} interactions in {written}")
        for name in sorted({key.service for key, _ in found} - services):
            self._told.append(f"pacts: left out: {name} has no contract in {CONTRACTS}")
