"""The shop as real processes: the monolith, and services that `codemods extract` made of it.

FLOW  migrate -> seed -> monolith (granian)
      users service (granian), its data still shared: on the monolith's database
      migrate -> copy_tables from the monolith's database -> products service (granian)

`ServerProcess` starts any server in a process group of its own and ends the whole group, so that
no worker outlives a test or the demo. The fixtures are for any test that needs a running shop.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
EXTRACTED = ROOT / "extracted"
SECRET_KEY = "not-a-secret-of-anybody"
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 8.0
SEED = 7
STAFF, CUSTOMER = "staff@shop.test", "user2@shop.test"
PASSWORD = "correct horse battery"


def free_port() -> int:
    """Return a TCP port that was free on loopback a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(**extra: str) -> dict[str, str]:
    """Return what a child needs of our environment, without settings meant for this process."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "NO_COLOR", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | extra


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let a signal that arrives while a child is being started act once the child is known.

    Without it the child of a `Popen` that a Ctrl-C cuts short belongs to nobody and stays.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, _frame: arrived.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in arrived:
            signal.raise_signal(number)


class ServerFailed(Exception):  # noqa: N818
    """A server did not come up, or a command failed; the message ends with its output."""


@dataclass
class ServerProcess:
    """One server: started, watched until it answers, killed or stopped with all its workers.

    `probe_url` answers 200 once the server is up. Output goes to `log`.
    """

    name: str
    command: list[str]
    cwd: Path
    environment: Mapping[str, str]
    log: Path
    probe_url: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> ServerProcess:
        """Start the process and return once it answers.

        Raises:
            ServerFailed: it ended, or was silent for `START_TIMEOUT_S`.
        """
        self.launch()
        self.wait_until_up()
        return self

    def launch(self) -> None:
        """Start the process without waiting for it to answer."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output, interrupts_held():
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_up(self) -> None:
        """Return once the probe is answered with 200.

        Raises:
            ServerFailed: it ended, or was silent for `START_TIMEOUT_S`.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if not self.is_alive():
                raise ServerFailed(f"{self.name} ended at its start\n{self.tail()}")
            with suppress(requests.RequestException):
                if requests.get(self.probe_url, timeout=1).status_code == requests.codes.ok:
                    return
            time.sleep(0.05)
        self.stop()
        raise ServerFailed(f"{self.name} did not answer {self.probe_url}\n{self.tail()}")

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Ask the server to end, and end the whole group if it does not."""
        if self.process is None:
            return
        if self.is_alive():
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_TIMEOUT_S)
        self.kill()

    def kill(self) -> None:
        """Kill the server and its workers at once, as `kill -9` does."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def tail(self, lines: int = 15) -> str:
        """Return the last lines of the log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def run_manage(cwd: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """Run `manage.py` in `cwd` and return its standard output.

    Raises:
        ServerFailed: it exited with another status than 0.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process: subprocess.Popen[bytes] | None = None
        try:
            with interrupts_held():
                process = subprocess.Popen(
                    [sys.executable, "manage.py", *arguments],
                    cwd=cwd, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output,
                    stderr=errors, start_new_session=True,
                )  # fmt: skip
            code = process.wait(300)
        finally:
            if process and process.poll() is None:
                process.kill()
                process.wait()
        output.seek(0)
        errors.seek(0)
        told = output.read()
        if code:
            what = f"manage.py {' '.join(arguments)} exited {code}"
            raise ServerFailed(f"{what}\n{(told + errors.read())[-3000:]}")
        return told


def granian(application: str, port: int, *, workers: int = 1, threads: int = 4) -> list[str]:
    """Return the command that serves a WSGI application on loopback."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads),
        "--no-ws", application,
    ]  # fmt: skip


@dataclass(frozen=True)
class Site:
    """One Django project with its database and where it is served."""

    name: str
    project_dir: Path
    application: str
    folder: Path
    port: int
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return self.environment["DATABASE_URL"]

    def manage(self, *arguments: str) -> str:
        return run_manage(self.project_dir, self.environment, *arguments)

    def server(self, *, workers: int = 1, **environment: str) -> ServerProcess:
        """Return the server, not yet started; `environment` is added to the site's own."""
        return ServerProcess(
            name=self.name,
            command=granian(self.application, self.port, workers=workers),
            cwd=self.project_dir,
            environment={**self.environment, **environment},
            log=self.folder / f"{self.name}.log",
            probe_url=f"{self.url}/healthz",
        )


def monolith_site(folder: Path, *, database_url: str = "") -> Site:
    """Describe the monolith with a database in `folder`, unless another one is named."""
    environment = clean_environment(
        DATABASE_URL=database_url or f"sqlite:///{folder / 'monolith.sqlite3'}",
        DJANGO_SETTINGS_MODULE="monolith.config.settings",
        SECRET_KEY=SECRET_KEY,
        MEDIA_ROOT=str(folder / "media"),
        LOGIN_RATE="100000/min",
        EMAIL_URL="dummymail://",
    )
    application = "monolith.config.wsgi:application"
    return Site("monolith", ROOT, application, folder, free_port(), environment)


def users_site(monolith: Site, *, extracted: Path = EXTRACTED) -> Site:
    """Describe the users service, on the monolith's database: it tells who asks."""
    environment = clean_environment(
        DATABASE_URL=monolith.database_url,
        DJANGO_SETTINGS_MODULE="users_service.settings",
        SECRET_KEY=SECRET_KEY,
    )
    folder, application = extracted / "users", "users_service.wsgi:application"
    return Site("users", folder, application, monolith.folder, free_port(), environment)


def products_site(
    folder: Path,
    *,
    database_url: str = "",
    users: Site | None = None,
    name: str = "products",
    extracted: Path = EXTRACTED,
) -> Site:
    """Describe the products service with a database in `folder`, unless another one is named."""
    environment = clean_environment(
        DATABASE_URL=database_url or f"sqlite:///{folder / 'products.sqlite3'}",
        DJANGO_SETTINGS_MODULE="products_service.settings",
        SECRET_KEY=SECRET_KEY,
        **({"USERS_CLIENT_URL": f"{users.url}/internal"} if users else {}),
    )
    application = "products_service.wsgi:application"
    place = extracted / "products"
    return Site(name, place, application, folder, free_port(), environment)


def copy_tables(service: Site, monolith: Site) -> str:
    """Fill a service's tables, and its copies of others', from the monolith's; tell the rows."""
    there = {"MONOLITH_DATABASE_URL": monolith.database_url}
    return run_manage(service.project_dir, {**service.environment, **there}, "copy_tables")


@contextmanager
def running(server: ServerProcess) -> Iterator[ServerProcess]:
    """Start a server, and end it whatever happens."""
    try:
        yield server.start()
    finally:
        server.stop()


def seed(monolith: Site) -> None:
    """Make the monolith's tables and fill them with a small shop, always the same."""
    monolith.manage("migrate", "--verbosity", "0")
    size = ["--users", "40", "--products", "60", "--orders", "120"]
    monolith.manage("seed", *size, "--seed", str(SEED), "--verbosity", "0")


@dataclass(frozen=True)
class Shop:
    """A running monolith and a running products service with the same catalogue.

    `users` tells the service who asks, where that is a process of its own.
    """

    monolith: Site
    products: Site
    users: Site | None = None


@pytest.fixture(scope="session")
def seeded_monolith(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a migrated and seeded monolith, not running. Copy its database to change it."""
    site = monolith_site(tmp_path_factory.mktemp("monolith"))
    seed(site)
    return site


@pytest.fixture(scope="session")
def shop(seeded_monolith: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Run the monolith and the products service on the same seeded catalogue."""
    users = users_site(seeded_monolith)
    products = products_site(tmp_path_factory.mktemp("products"), users=users)
    products.manage("migrate", "--verbosity", "0")
    copy_tables(products, seeded_monolith)
    with ExitStack() as stack:
        for site in (seeded_monolith, users, products):
            stack.enter_context(running(site.server()))
        yield Shop(seeded_monolith, products, users)
