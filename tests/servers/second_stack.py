"""The users service in its second stack, FastAPI, as a real process."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.servers.shop import EXTRACTED, ServerProcess, Site, clean_environment, free_port

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class AsgiSite(Site):
    """A service that is no Django project."""

    def server(self, *, workers: int = 1, **environment: str) -> ServerProcess:
        command = [
            sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1",
            "--port", str(self.port), "--workers", str(workers), "--no-ws", self.application,
        ]  # fmt: skip
        return replace(super().server(**environment), command=command)


def users_in_fastapi(folder: Path, database_url: str, **environment: str) -> AsgiSite:
    """Describe the service on a database that has its tables."""
    return AsgiSite(
        name="users_fastapi",
        project_dir=EXTRACTED / "users_fastapi",
        application="users_asgi.application:application",
        folder=folder,
        port=free_port(),
        environment=clean_environment(DATABASE_URL=database_url, **environment),
    )
