"""Real backends and a real Envoy, started for a test and always ended."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from strangler.engines.envoy import EnvoyEngine
from strangler.policy import parse_policy
from tests.engines.envoy.client import Client
from tests.servers.backend import Backend, free_port, running_backend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from strangler.policy import Policy


@dataclass
class Running:
    """A running engine and how to speak to it."""

    engine: EnvoyEngine
    port: int
    state_dir: Path
    client: Client

    def policy(self, text: str) -> Policy:
        """Return the policy of `text`, listening where this engine does."""
        path = self.state_dir / "strangler.toml"
        return parse_policy(f'[proxy]\nlisten = "127.0.0.1:{self.port}"\n{text}', path)

    def apply(self, text: str) -> None:
        self.engine.apply(self.policy(text))


@pytest.fixture
def backends(tmp_path: Path) -> Iterator[Callable[..., Backend]]:
    with contextlib.ExitStack() as stack:
        yield lambda name, **how: stack.enter_context(
            running_backend(name, tmp_path / f"backend-{name}", **how)
        )


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    """Start an engine on a policy; the text goes on in [proxy], which has its `listen` already."""
    running: list[Running] = []

    def start(text: str) -> Running:
        state_dir = tmp_path / f"state-{len(running)}"
        port = free_port()
        made = Running(EnvoyEngine(state_dir=state_dir), port, state_dir, Client(port))
        running.append(made)
        made.engine.start(made.policy(text))
        return made

    yield start
    for made in running:
        made.client.close()
        made.engine.stop(drain_s=0)
