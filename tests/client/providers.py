"""Providers of the test site, served by real processes."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.client.sites import ROOT, free_port, until
from tests.servers.shop import ServerProcess, granian

SITE = "tests.client.divertsite"


@contextmanager
def served(provider: str, folder: Path, **variables: str) -> Iterator[str]:
    """Serve a provider of the test site with granian; gives its base URL."""
    port = free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": f"{SITE}.settings",
        "DIVERTSITE_PROVIDER": f"{SITE}.{provider}.provider",
        "DIVERTSITE_DB": str(folder / f"{provider}.sqlite3"),
        "PYTHONPATH": str(ROOT),
        **variables,
    }
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v0"],
        cwd=ROOT, env=environment, check=True, timeout=60,
    )  # fmt: skip
    server = ServerProcess(
        name=provider,
        command=granian(f"{SITE}.wsgi:application", port),
        cwd=ROOT,
        environment=environment,
        log=folder / f"{provider}-{port}.log",
        probe_url="",
    )
    server.launch()
    try:
        until(lambda: not server.is_alive() or _answers(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
