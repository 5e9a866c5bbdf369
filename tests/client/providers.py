"""Providers of the test site, served by real processes."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.client.sites import ROOT, free_port, until

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
    if provider == "people":
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v0"],
            cwd=ROOT, env=environment, check=True, timeout=60,
        )  # fmt: skip
    log = (folder / f"{provider}-{port}.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--no-ws",
         "--port", str(port), f"{SITE}.wsgi:application"],
        cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:
        until(lambda: process.poll() is not None or _answers(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        log.close()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
