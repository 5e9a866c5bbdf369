"""A provider of a rewritten shop under test: a real process on a database of its own.

FLOW  migrate -> granian (operations and provider states) -> pact's verifier, schemathesis
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.shop import ServerProcess, clean_environment, free_port, granian, run_manage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION = "tests.servers.pact_wsgi:application"
TOKEN = "a token of nobody"
DATABASE = "provider.sqlite3"


def environment_under_test(root: Path, folder: Path) -> dict[str, str]:
    """Return what a provider's process needs of the environment; its database is in `folder`."""
    return clean_environment(
        DATABASE_URL=f"sqlite:///{folder / DATABASE}",
        DJANGO_SETTINGS_MODULE="monolith.config.settings",
        SECRET_KEY="not-a-secret-of-anybody",
        MEDIA_ROOT=str(folder / "media"),
        EMAIL_URL="dummymail://",
        SERVICE_TOKEN=TOKEN,
        CHECKOUT_SAGA="1",  # whose steps note what they did
        PYTHONPATH=str(root),
        PYTHONWARNINGS="ignore",
    )


def migrated(root: Path, folder: Path) -> Path:
    """Make an empty database of the project in `root`, to be copied for each provider."""
    run_manage(root, environment_under_test(root, folder), "migrate", "--verbosity", "0")
    return folder / DATABASE


@contextmanager
def provider_under_test(root: Path, provider: str, folder: Path, database: Path) -> Iterator[str]:
    """Serve a provider of the project in `root`; gives its URL. Callers send TOKEN."""
    port = free_port()
    shutil.copy(database, folder / DATABASE)
    server = ServerProcess(
        name="provider",
        command=granian(APPLICATION, port, threads=1),
        cwd=root,
        environment={
            **environment_under_test(root, folder),
            "DJANGO_SETTINGS_MODULE": "tests.servers.pact_settings",
            "PROVIDER": provider,
        },
        log=folder / "provider.log",
        probe_url=f"http://127.0.0.1:{port}/healthz",
    )
    try:
        server.start()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
