"""A mitmproxy engine in front of a monolith and a service."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from strangler.engines.mitm import MitmEngine
from strangler.policy import Policy, parse_policy
from tests.engines.conformance.backends import Backend, Backends, running_backends
from tests.engines.conformance.client import Answer, RawClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROUTE = """
[routes.items]
path = "/items/{id}/"
candidate = "service"
stage = "extracted"
candidate_timeout_s = 0.4
timeout_s = 2
"""


@dataclass
class Stage:
    """What is running, and how to ask it."""

    engine: MitmEngine
    backends: Backends
    monolith: Backend
    service: Backend
    port: int

    def policy(self, routes: str = ROUTE, *, service: str = "", proxy: str = "") -> Policy:
        service = service or f'instances = ["{self.service.address}"]'
        return parse_policy(
            f"""
            [proxy]
            listen = "127.0.0.1:{self.port}"
            {proxy}
            [upstreams.monolith]
            instances = ["{self.monolith.address}"]
            [upstreams.service]
            {service}
            {routes}
            """
        )

    def use(self, policy: Policy) -> None:
        """Make a policy live on an engine that may run already."""
        if self.engine.is_alive():
            self.engine.apply(policy)
        else:
            self.engine.start(policy)

    def ask(self, target: str = "/items/1/", method: str = "GET", body: bytes = b"") -> Answer:
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {target} HTTP/1.1\r\nHost: shop.example\r\n{length}\r\n"
        with RawClient(self.port) as client:
            return client.ask(head.encode() + body, method)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def make_engine(tmp_path: Path) -> Iterator[Callable[..., MitmEngine]]:
    made: list[MitmEngine] = []

    def make(**options: object) -> MitmEngine:
        made.append(MitmEngine(state_dir=tmp_path / f"engine-{len(made)}", **options))
        return made[-1]

    yield make
    for engine in made:
        engine.stop(drain_s=0)


@pytest.fixture
def backends() -> Iterator[Backends]:
    with running_backends() as running:
        yield running


@pytest.fixture
def stage(make_engine: Callable[..., MitmEngine], backends: Backends) -> Stage:
    """Everything but the engine is running."""
    return Stage(
        make_engine(), backends, backends.start("monolith"), backends.start("service"), free_port()
    )


@pytest.fixture
def live(stage: Stage) -> Stage:
    """Everything is running, with `/items/{id}/` extracted."""
    stage.use(stage.policy())
    return stage
