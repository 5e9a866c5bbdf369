"""A provider of a rewritten shop under test: a real process on a database of its own.

FLOW  migrate -> granian (operations and provider states) -> pact's verifier, schemathesis
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.shop import ServerProcess, clean_environment, free_port, granian, run_manage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION = "tests.servers.pact_wsgi:application"
TOKEN = "a token of nobody"


@contextmanager
def provider_under_test(root: Path, provider: str, folder: Path) -> Iterator[str]:
    """Serve a provider of the project in `root`; gives its URL. Callers send TOKEN."""
    port = free_port()
    environment = clean_environment(
        DATABASE_URL=f"sqlite:///{folder / 'provider.sqlite3'}",
        DJANGO_SETTINGS_MODULE="monolith.config.settings",
        SECRET_KEY="not-a-secret-of-anybody",
        MEDIA_ROOT=str(folder / "media"),
        EMAIL_URL="dummymail://",
        PROVIDER=provider,
        SERVICE_TOKEN=TOKEN,
        PYTHONPATH=str(root),
        PYTHONWARNINGS="ignore",
    )
    run_manage(root, environment, "migrate", "--verbosity", "0")
    server = ServerProcess(
        name="provider",
        command=granian(APPLICATION, port, threads=1),
        cwd=root,
        environment={**environment, "DJANGO_SETTINGS_MODULE": "tests.servers.pact_settings"},
        log=folder / "provider.log",
        probe_url=f"http://127.0.0.1:{port}/healthz",
    )
    try:
        server.start()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
