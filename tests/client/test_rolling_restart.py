"""Instances come and go behind a real proxy, and no user notices."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.client.sites import ROOT, free_port, until

POLICY = """\
[proxy]
listen = "127.0.0.1:{listen}"
control = "127.0.0.1:{control}"
registration_ttl_s = 3
[upstreams.monolith]
instances = ["127.0.0.1:{monolith}"]
[upstreams.products]
[routes.pid]
path = "/pid"
candidate = "products"
stage = "extracted"
"""


class Fleet:
    """A proxy, a monolith, and instances of a service, each in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("listen", "control", "monolith")}
        (folder / "strangler.toml").write_text(POLICY.format(**self.ports))
        self.url = f"http://127.0.0.1:{self.ports['listen']}/pid"
        self.control = f"http://127.0.0.1:{self.ports['control']}"
        self.running: list[subprocess.Popen] = []

    def start(self, *command: str, **variables: str) -> subprocess.Popen:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=self.folder, env=environment, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        self.running.append(process)
        return process

    def site(self, port: int, **variables: str) -> subprocess.Popen:
        return self.start(
            "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1", "--workers", "2",
            "--port", str(port), "tests.client.shopsite.wsgi:application",
            DJANGO_SETTINGS_MODULE="tests.client.shopsite.settings",
            **variables,
        )  # fmt: skip

    def instance(self, port: int) -> subprocess.Popen:
        return self.site(
            port, STRANGLER_CONTROL_URL=self.control, STRANGLER_ADDRESS=f"127.0.0.1:{port}"
        )

    def live(self) -> set[str]:
        """The products addresses that the proxy sends to."""
        with suppress(requests.ConnectionError):
            status = requests.get(f"{self.control}/v1/status", timeout=5).json()
            return set(status["upstreams"]["products"])
        return set()

    def workers(self) -> int:
        """How many workers have come up so far.

        granian loses a SIGTERM that reaches a worker before it has, with or without our hook.
        """
        return (self.folder / "log").read_text().count("Started worker-")

    def close(self) -> None:
        for process in reversed(self.running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path)
    try:
        yield made
    finally:
        made.close()


def under_load(url: str, work: Callable[[], None]) -> Counter:
    """Send requests one after the other while `work` runs; count their outcomes."""
    outcomes: Counter = Counter()
    done = threading.Event()

    def ask() -> None:
        with requests.Session() as session:
            while not done.is_set():
                try:
                    outcomes[session.get(url, timeout=10).status_code] += 1
                except requests.RequestException as error:
                    outcomes[type(error).__name__] += 1

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        work()
    finally:
        done.set()
        for thread in threads:
            thread.join()
    return outcomes


def test_a_rolling_restart_fails_no_request(fleet):
    fleet.site(fleet.ports["monolith"], STRANGLER_CONTROL_URL="")
    until(lambda: _answers(f"http://127.0.0.1:{fleet.ports['monolith']}/pid"))
    fleet.start("strangler", "proxy")
    until(lambda: _answers(fleet.url))
    ports = [free_port(), free_port()]
    addresses = {f"127.0.0.1:{port}" for port in ports}
    servers = {port: fleet.instance(port) for port in ports}
    until(lambda: fleet.live() == addresses and fleet.workers() == 6)

    def restart_each() -> None:
        for restarts, port in enumerate(ports, start=1):
            servers[port].send_signal(signal.SIGTERM)
            assert servers[port].wait(30) == 0
            until(lambda gone=port: fleet.live() == addresses - {f"127.0.0.1:{gone}"})
            fleet.instance(port)
            expected = 6 + 2 * restarts
            until(lambda: fleet.live() == addresses)
            until(lambda expected=expected: fleet.workers() == expected)

    outcomes = under_load(fleet.url, restart_each)
    assert set(outcomes) == {200}, outcomes


def _answers(url: str) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(url, timeout=5).ok
    return False
