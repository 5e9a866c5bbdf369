"""Every engine under test, and the backends behind it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from strangler.engines.envoy import EnvoyEngine
from strangler.engines.mitm import MitmEngine
from tests.engines.conformance.backends import Backends, running_backends
from tests.engines.conformance.policies import UPSTREAMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from strangler.engines import Engine

ENGINES: dict[str, Callable[[Path], Engine]] = {
    "envoy": lambda state_dir: EnvoyEngine(state_dir=state_dir),
    "mitmproxy": lambda state_dir: MitmEngine(state_dir=state_dir),
}


@pytest.fixture(scope="session")
def backends() -> Iterator[Backends]:
    with running_backends() as running:
        yield running


@pytest.fixture(scope="session")
def addresses(backends: Backends) -> Mapping[str, str]:
    return {name: backends.start(name).address for name in UPSTREAMS}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine that is not started; stopped at the end whatever happened."""
    made = ENGINES[request.param](tmp_path / "state")
    yield made
    made.stop(drain_s=0)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
