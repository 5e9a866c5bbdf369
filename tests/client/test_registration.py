"""The Django hook, seen from the registry, with real servers in processes of their own."""

import ast
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from strangler.client import registration
from strangler.engines.control import ControlServer
from strangler.engines.registry import Registry
from strangler.policy.model import Address
from tests.client.sites import ROOT, free_port, until

GRANIAN = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--no-ws"]


class Site:
    """The test site under some server, its registry, and what it logged."""

    def __init__(self, tmp_path: Path, *, ttl_s: float = 3.0) -> None:
        self.port = free_port()
        self.address = Address("127.0.0.1", self.port)
        self.registry = Registry(tmp_path / "registry.json", ttl_s=ttl_s)
        self.registry.start()
        self.control = self.new_control(Address("127.0.0.1", 0))
        self.control.start()
        self.log = tmp_path / "server.log"
        self.processes: list[subprocess.Popen] = []

    def new_control(self, address: Address) -> ControlServer:
        return ControlServer(
            self.registry, address, status=dict, upstreams=lambda: ["products", "products-next"],
            token="",
        )  # fmt: skip

    def run(self, *command: str, **variables: str) -> subprocess.Popen:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.client.shopsite.settings",
            "PYTHONPATH": str(ROOT),
            "STRANGLER_CONTROL_URL": self.control.url,
            "STRANGLER_ADDRESS": str(self.address),
            "STRANGLER_LEAVE_GRACE_S": "0.5",
            **variables,
        }
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def granian(self, *more: str, **variables: str) -> subprocess.Popen:
        target = "tests.client.shopsite.wsgi:application"
        return self.run(
            *GRANIAN, "--port", str(self.port), "--interface", "wsgi", *more, target, **variables
        )

    def manage(self, *arguments: str, **variables: str) -> subprocess.Popen:
        return self.run(sys.executable, "-m", "django", *arguments, **variables)

    @property
    def ids(self) -> set[str]:
        return {i.id for i in self.registry.state.instances.values()}

    @property
    def is_in(self) -> bool:
        return self.address in self.registry.instances().get("products", ())

    def answers(self) -> bool:
        with suppress(requests.ConnectionError):
            return requests.get(f"http://{self.address}/pid", timeout=5).ok
        return False

    def close(self) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.control.stop()
        self.registry.stop()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    running = Site(tmp_path)
    try:
        yield running
    finally:
        running.close()


def gaps_while_stopping(site: Site, process: subprocess.Popen) -> tuple[int, int]:
    """Send SIGTERM; return the answers given after leaving, and those refused while still in."""
    process.send_signal(signal.SIGTERM)
    after_leaving = refused_while_in = 0
    while process.poll() is None:
        is_in = site.is_in
        if site.answers():
            after_leaving += not is_in
        elif is_in and site.is_in:
            refused_while_in += 1
    return after_leaving, refused_while_in


@pytest.mark.parametrize("workers", ["1", "3"])
def test_granian_joins_when_it_serves_and_leaves_before_it_stops(site, workers):
    process = site.granian("--workers", workers, STRANGLER_VERSION="abc123")
    until(lambda: len(site.ids) == int(workers))
    assert site.answers()
    assert site.registry.instances() == {"products": (site.address,)}
    (version,) = {i.version for i in site.registry.state.instances.values()}
    assert version == "abc123"
    after_leaving, refused_while_in = gaps_while_stopping(site, process)
    assert after_leaving > 0
    assert refused_while_in == 0
    assert site.ids == set()
    assert process.returncode == 0


def test_granian_asgi_leaves_when_it_stops(site):
    process = site.run(
        *GRANIAN, "--port", str(site.port), "--interface", "asginl",
        "tests.client.shopsite.asgi:application",
    )  # fmt: skip
    until(lambda: site.is_in)
    process.terminate()
    assert process.wait(30) == 0
    assert site.ids == set()


def test_a_worker_that_ends_does_not_take_the_others_address_away(site):
    site.granian("--workers", "2", "--respawn-failed-workers")
    until(lambda: len(site.ids) == 2)
    pid = int(requests.get(f"http://{site.address}/pid", timeout=5).text)
    before = site.ids
    os.kill(pid, signal.SIGKILL)
    until(lambda: site.ids - before)
    assert site.is_in


@pytest.mark.parametrize("option", [[], ["--noreload"]])
def test_runserver_joins_once_and_leaves_on_sigterm(site, option):
    process = site.manage("runserver", str(site.address), *option)
    until(lambda: site.is_in)
    assert site.answers()
    assert len(site.ids) == 1
    process.terminate()
    process.wait(30)
    assert site.ids == set()


def test_killed_it_expires(site):
    process = site.granian()
    until(lambda: site.is_in)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert site.is_in
    until(lambda: not site.is_in)


def test_a_silent_registry_neither_stops_nor_delays_the_site_and_is_joined_when_it_comes(site):
    address = Address("127.0.0.1", int(site.control.url.rpartition(":")[2]))
    url = site.control.url
    site.control.stop()
    site.granian(STRANGLER_CONTROL_URL=url)
    until(site.answers)
    until(lambda: "no control API answers" in site.log.read_text())
    site.control = site.new_control(address)
    site.control.start()
    until(lambda: site.is_in)
    assert site.log.read_text().count("no control API answers") == 1


def test_an_instance_that_the_registry_forgot_joins_again(site):
    site.granian()
    until(lambda: site.is_in)
    site.registry.leave(next(iter(site.ids)))
    assert not site.is_in
    until(lambda: site.is_in)


def test_the_environment_names_the_version_that_this_process_is(site):
    site.granian(STRANGLER_SERVICE="products-next")
    until(lambda: site.registry.instances() == {"products-next": (site.address,)})


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"STRANGLER_ADDRESS": ""}, "STRANGLER_ADDRESS must be"),
        ({"STRANGLER_SERVICE": "prodcts"}, "did you mean products?"),
        ({"STRANGLER_LEAVE_GRACE_S": "soon"}, "STRANGLER_LEAVE_GRACE_S must be"),
    ],
)
def test_a_wrong_variable_is_told_and_the_site_serves(site, variables, told):
    site.granian(**variables)
    until(site.answers)
    until(lambda: told in site.log.read_text())


def test_without_a_control_url_nothing_is_asked_for(site):
    site.granian(STRANGLER_CONTROL_URL="", STRANGLER_ADDRESS="")
    until(site.answers)
    assert "register" not in site.log.read_text()


def test_another_management_command_does_not_register_even_beside_a_server(site):
    with socket.create_server(("127.0.0.1", site.port)):
        assert site.manage("linger").wait(60) == 0
    assert site.registry.state.instances == {}
    assert not site.registry._path.exists()


def test_a_bare_setup_does_not_register(site):
    code = "import django, time; django.setup(); time.sleep(1.5)"
    with socket.create_server(("127.0.0.1", site.port)):
        assert site.run(sys.executable, "-c", code).wait(60) == 0
    assert not site.registry._path.exists()


FORKING_SERVER = """
import os, signal, socket, sys, time
from wsgiref.simple_server import make_server, WSGIServer
from tests.client.shopsite.wsgi import application

server = make_server("127.0.0.1", int(sys.argv[1]), application)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
if os.fork() == 0:
    time.sleep(3600)           # a helper process: serves nothing
if os.fork() == 0:
    server.serve_forever()     # the worker
time.sleep(3600)
"""


LATE_SERVER = """
import os, signal, sys, threading, time
from wsgiref.simple_server import make_server
server = make_server("127.0.0.1", int(sys.argv[1]), None)     # listens before the site is loaded
from tests.client.shopsite.wsgi import application

server.set_app(application)
time.sleep(0.5)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
threading.Thread(target=server.serve_forever, daemon=True).start()
while not stop.wait(3600):
    pass
"""


def test_a_server_that_sets_its_handler_late_still_stops_after_the_leave(site):
    process = site.run(sys.executable, "-c", LATE_SERVER, str(site.port))
    until(lambda: site.is_in)
    until(site.answers)
    time.sleep(0.5)
    after_leaving, refused_while_in = gaps_while_stopping(site, process)
    assert after_leaving > 0
    assert refused_while_in == 0
    assert process.returncode == 0


UNGUARDED_WORKER = """
import multiprocessing, os, signal, sys, time

def serve(port):
    import socket
    from tests.client.shopsite.wsgi import application
    listening = socket.create_server(("127.0.0.1", port))
    time.sleep(1.5)

if __name__ == "__main__":
    worker = multiprocessing.get_context("fork").Process(target=serve, args=(int(sys.argv[1]),))
    worker.start()
    worker.join()
"""


def test_a_worker_of_multiprocessing_that_just_ends_has_left(tmp_path):
    site = Site(tmp_path, ttl_s=60)
    try:
        process = site.run(sys.executable, "-c", UNGUARDED_WORKER, str(site.port))
        until(lambda: site.is_in)
        assert process.wait(30) == 0
        assert site.ids == set()
    finally:
        site.close()


def test_after_a_fork_the_serving_child_registers_and_the_helper_does_not(site):
    site.run(sys.executable, "-c", FORKING_SERVER, str(site.port))
    until(site.answers)
    worker = requests.get(f"http://{site.address}/pid", timeout=30).text
    until(lambda: len(site.ids) == 2)
    assert worker in {str(i.pid) for i in site.registry.state.instances.values()}


def test_it_is_written_in_the_python_of_old_monoliths():
    for module in Path(registration.__file__).parent.glob("*.py"):
        ast.parse(module.read_text(), feature_version=(3, 8))
