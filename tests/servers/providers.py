"""The operations of an extracted seam, served by processes of their own on the same database.

    client packages ─> one granian each: strangler.client.serving ─> *_CLIENT_TRANSPORT=http

This is the phase in which data is still shared: the network is real, the tables have not moved.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tests.servers.shop import ServerProcess, clean_environment, free_port, granian

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.client.service import Service
    from tests.servers.shop import Site

APPLICATION = "tests.servers.provider_wsgi:application"


def services_of(clients: str) -> list[Service]:
    """Return the services whose generated clients are in a package, such as "monolith.clients"."""
    try:
        package = importlib.import_module(clients)
    except ModuleNotFoundError:
        return []
    names = (info.name for info in pkgutil.iter_modules(package.__path__) if info.ispkg)
    return [importlib.import_module(f"{clients}.{name}").SERVICE for name in names]


@contextmanager
def served(services: list[Service], site: Site) -> Iterator[dict[str, str]]:
    """Serve each of a site's providers from a process of its own, on the site's database.

    They start beside each other. Gives the variables that send calls there.
    """
    variables: dict[str, str] = {}
    servers = []
    with ExitStack() as stack:
        for service in services:
            port = free_port()
            server = ServerProcess(
                name=f"provider-{service.name}",
                command=granian(APPLICATION, port),
                cwd=site.project_dir,
                environment=clean_environment(
                    **site.environment,
                    PROVIDER=service.provider,
                    PYTHONPATH=os.pathsep.join(sys.path),
                ),
                log=site.folder / f"provider-{service.name}.log",
                probe_url=f"http://127.0.0.1:{port}/healthz",
            )
            stack.callback(server.stop)
            server.launch()
            servers.append(server)
            variables[service.variable("TRANSPORT")] = "http"
            variables[service.variable("URL")] = f"http://127.0.0.1:{port}"
        for server in servers:
            server.wait_until_up()
        yield variables
