"""The proxy follows its policy file and its registry, and outlives a broken edit and its engine."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import requests

from strangler.engines.envoy import EnvoyEngine
from strangler.engines.supervise import Applied, Event, Refused, Restarted, Supervisor
from strangler.errors import EngineError
from tests.servers.backend import Backend, free_port, running_backend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLICY = """
[proxy]
listen = "127.0.0.1:{listen}"
control = "127.0.0.1:{control}"
state_dir = "state"
[upstreams.monolith]
instances = ["{monolith}"]
[upstreams.products]
[routes.products]
path = "/api/products/{{id}}/"
candidate = "products"
stage = "{stage}"
"""
PATH = "/api/products/7/"


class Proxy:
    """A supervised proxy, its file and what it reported."""

    def __init__(self, folder: Path, monolith: Backend) -> None:
        self.path = folder / "strangler.toml"
        self.listen, self.control = free_port(), free_port()
        self.monolith = monolith
        self.write("extracted")
        self.events: queue.Queue[Event] = queue.Queue()
        self.engines: list[EnvoyEngine] = []
        self.supervisor = Supervisor(self.path, self._engine, report=self.events.put)

    def _engine(self, policy: Any, shadow: Any) -> EnvoyEngine:
        self.engines.append(EnvoyEngine(state_dir=policy.proxy.state_dir, shadow=shadow))
        return self.engines[-1]

    def write(self, stage: str) -> None:
        text = POLICY.format(
            listen=self.listen, control=self.control, monolith=self.monolith.address, stage=stage
        )
        partial = self.path.with_suffix(".new")
        partial.write_text(text)
        partial.replace(self.path)

    def get(self) -> str:
        answer = requests.get(f"http://127.0.0.1:{self.listen}{PATH}", timeout=10)
        assert answer.status_code == 200
        return answer.headers["x-strangler-upstream"]

    def register(self, backend: Backend) -> None:
        answer = requests.post(
            f"http://127.0.0.1:{self.control}/v1/instances",
            json={"upstream": "products", "address": backend.address, "id": "one"},
            timeout=10,
        )
        assert answer.status_code == 201, answer.text

    def next_event(self, kind: type[Event]) -> Any:
        while True:
            event = self.events.get(timeout=15)
            if isinstance(event, kind):
                return event

    def status(self) -> dict[str, Any]:
        answer = requests.get(f"http://127.0.0.1:{self.control}/v1/status", timeout=10)
        told: dict[str, Any] = answer.json()
        return told


@contextmanager
def started(folder: Path, monolith: Backend) -> Iterator[Proxy]:
    proxy = Proxy(folder, monolith)
    proxy.supervisor.start()
    try:
        yield proxy
    finally:
        proxy.supervisor.stop(drain_s=0)


@pytest.fixture
def monolith(tmp_path: Path) -> Iterator[Backend]:
    with running_backend("monolith", tmp_path / "monolith") as backend:
        yield backend


@pytest.fixture
def products(tmp_path: Path) -> Iterator[Backend]:
    with running_backend("products", tmp_path / "products") as backend:
        yield backend


def test_an_instance_that_joins_gets_its_traffic_and_an_edit_takes_it_away(
    tmp_path: Path, monolith: Backend, products: Backend
) -> None:
    with started(tmp_path, monolith) as proxy:
        assert proxy.get() == "monolith"
        assert proxy.status()["routes"][0]["without_instance"] == ["products"]
        proxy.register(products)
        joined = proxy.next_event(Applied)
        assert str(joined.changes[0]) == f"products: no instance -> {products.address}"
        assert proxy.get() == "products"
        proxy.write("monolith")
        edited = proxy.next_event(Applied)
        assert [str(change) for change in edited.changes] == ["products: extracted -> monolith"]
        assert proxy.get() == "monolith"
        assert proxy.status()["revision"] == edited.policy.revision


def test_a_broken_edit_is_refused_with_its_problems_and_mended_by_the_next(
    tmp_path: Path, monolith: Backend
) -> None:
    with started(tmp_path, monolith) as proxy:
        live = proxy.status()["revision"]
        proxy.write("extrcted")
        refused = proxy.next_event(Refused)
        assert "routes.products.stage" in refused.reason
        assert (proxy.status()["revision"], proxy.get()) == (live, "monolith")
        assert "routes.products.stage" in proxy.status()["error"]
        proxy.write('canary"\nshare_pct = 10\nsalt = "x')
        assert proxy.next_event(Applied).policy.routes[0].share_pct == 10
        assert proxy.status()["error"] == ""


def test_what_cannot_change_while_running_is_refused_and_the_rest_goes_on(
    tmp_path: Path, monolith: Backend
) -> None:
    with started(tmp_path, monolith) as proxy:
        listen = proxy.listen
        proxy.listen = free_port()
        proxy.write("extracted")
        assert "proxy.listen cannot change" in proxy.next_event(Refused).reason
        proxy.listen = listen
        assert proxy.get() == "monolith"
        proxy.write("monolith")
        assert proxy.next_event(Applied).changes


def test_an_engine_that_dies_is_started_again(tmp_path: Path, monolith: Backend) -> None:
    with started(tmp_path, monolith) as proxy:
        os.kill(proxy.engines[0].pid, signal.SIGKILL)
        assert proxy.next_event(Restarted).attempts >= 1
        assert proxy.get() == "monolith"
        assert proxy.status()["restarts"] == 1


def test_two_proxies_do_not_share_a_state_folder(tmp_path: Path, monolith: Backend) -> None:
    with started(tmp_path, monolith):
        other = Proxy(tmp_path, monolith)
        with pytest.raises(EngineError, match="another proxy runs with"):
            other.supervisor.start()


def test_the_command_says_what_listens_and_ends_cleanly_at_ctrl_c(
    tmp_path: Path, monolith: Backend
) -> None:
    proxy = Proxy(tmp_path, monolith)
    command = [sys.executable, "-m", "strangler", "proxy", "--policy", str(proxy.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = []
        while not lines or "Ctrl-C" not in lines[-1]:
            lines.append(running.stdout.readline())
        assert lines[0] == f"envoy listens on http://127.0.0.1:{proxy.listen}\n"
        assert proxy.get() == "monolith"
        proxy.write("monolith")
        assert "products: extracted -> monolith" in running.stdout.readline()
        began = time.monotonic()
        running.send_signal(signal.SIGINT)
        assert running.wait(20) == 0, running.stdout.read()
        assert time.monotonic() - began < 15
        assert running.stdout.read().endswith("stopped\n")
