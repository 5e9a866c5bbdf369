"""Two versions of one service side by side, moved by the real commands under load."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.engines.envoy.client import Client, load
from tests.servers.backend import Backend, free_port, running_backend
from tests.servers.shop import ROOT, ServerProcess, clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

POLICY = """
[proxy]
listen = "127.0.0.1:{port}"
control = "127.0.0.1:{control}"

[upstreams.monolith]
instances = ["{monolith}"]
[upstreams.products-blue]
instances = ["{blue}"]
[upstreams.products-green]
instances = ["{green}"]

[switches.products]
current = "products-blue"
next = "products-green"

[[switches.products.overrides]]
header = "X-Cohort"
value = "beta"
to = "next"

[routes.products]
path = "/api/products/{{id}}/"
candidate = "products"
stage = "canary"
share_pct = 60
"""
PATH = "/api/products/7/"
USERS = [f"user-{number}" for number in range(150)]
FORWARD = {"monolith": 0, "products-blue": 1, "products-green": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("switchboard")


@pytest.fixture(scope="module")
def backends(folder: Path) -> Iterator[dict[str, Backend]]:
    with (
        running_backend("monolith", folder / "m") as monolith,
        running_backend("products-blue", folder / "b") as blue,
        running_backend("products-green", folder / "g") as green,
    ):
        yield {"monolith": monolith, "blue": blue, "green": green}


@pytest.fixture
def port(folder: Path, backends: dict[str, Backend]) -> Iterator[int]:
    """A running proxy on a fresh policy."""
    listen = free_port()
    addresses = {name: backend.address for name, backend in backends.items()}
    text = POLICY.format(port=listen, control=free_port(), **addresses)
    (folder / "strangler.toml").write_text(text)
    proxy = ServerProcess(
        name="proxy",
        command=[sys.executable, "-m", "strangler", "proxy"],
        cwd=folder,
        environment=clean_environment() | {"PYTHONPATH": str(ROOT)},
        log=folder / "proxy.log",
        probe_url=f"http://127.0.0.1:{listen}/",
    )
    try:
        proxy.start()
        yield listen
        assert proxy.process
        proxy.process.send_signal(signal.SIGINT)
        assert proxy.process.wait(30) == 0, proxy.tail()
    finally:
        proxy.stop()


@pytest.fixture
def switch(folder: Path) -> Callable[..., str]:
    """Run `strangler switch products`, executed; returns once it is live."""

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "strangler", "switch", "products", *arguments]
        done = subprocess.run(
            [*command, "--why", "a test", "--execute"],
            cwd=folder, env=clean_environment() | {"PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "live in the proxy" in done.stdout
        return done.stdout

    return run


def versions(port: int) -> dict[str, str]:
    """Return the upstream that answers each user."""
    client = Client(port)
    seen = {}
    for user in USERS:
        answer = client.get(PATH, {"Cookie": f"strangler_user={user}"})
        assert answer.status == 200
        seen[user] = answer.upstream
    client.close()
    return seen


def test_a_rolling_release_moves_users_forward_only_and_fails_nobody(
    port: int, switch: Callable[..., str]
) -> None:
    before = versions(port)
    assert set(before.values()) == {"monolith", "products-blue"}
    with load(port, PATH) as seen:
        for share in ("25", "60", "100"):
            switch("--share", share)
            after = versions(port)
            assert all(FORWARD[before[u]] <= FORWARD[after[u]] for u in USERS)
            assert [u for u in USERS if before[u] == "monolith"] == [
                u for u in USERS if after[u] == "monolith"
            ]
            before = after
        switch("--swap")
        assert versions(port) == before
    assert set(before.values()) == {"monolith", "products-green"}
    assert seen.failures == []


def test_a_release_that_fails_goes_back_in_one_command(
    port: int, switch: Callable[..., str], backends: dict[str, Backend]
) -> None:
    blue_only = versions(port)
    switch("--share", "50")
    with load(port, PATH) as seen:
        backends["green"].behave(status=503)
        seen.wait_for(100)
        switch("--share", "0")
        seen.wait_for(100)
    backends["green"].behave()
    assert versions(port) == blue_only
    assert seen.failures == []


def test_a_cohort_gets_the_next_version_whatever_the_share(port: int) -> None:
    client = Client(port)
    for user in USERS[:20]:
        headers = {"Cookie": f"strangler_user={user}", "X-Cohort": "beta"}
        assert client.get(PATH, headers).upstream == "products-green"
        stranger = headers | {"X-Forwarded-For": "203.0.113.9"}
        assert client.get(PATH, stranger).upstream != "products-green"
    client.close()
