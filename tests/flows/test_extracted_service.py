"""A service that `codemods extract` made of the shop: it migrates, starts, and answers the same.

the shop, seeded ─> monolith (granian)
the prepared tree, on the shop's database ─> providers of what the service asks for (granian)
extract ─> migrate ─> copy_tables, from the shop's database ─> service (granian)
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.extracted.answers import Ask, assert_same
from tests.extracted.test_products_same_answers import DETAILS, LISTS, OTHERS
from tests.servers.shop import (
    ROOT,
    ServerProcess,
    Shop,
    Site,
    clean_environment,
    free_port,
    granian,
    run_manage,
    running,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("extracted-service")]

SERVICE = "products"
ASKED = {
    "users": "monolith.users.provider",
    "orders": "monolith.orders.provider",
    "accounts": "strangler.client.accounts.provider",
}
"""What the service asks, and who answers."""
ANYBODY: dict[str, dict[str, str]] = {"": {}}
ALONE = [
    Ask(path)
    for path in (*DETAILS, *OTHERS)
    if "/stock/" in path
    or "/categories" in path
    or path in ("/healthz", "/readyz", "/api/nothing/")
]
"""What needs nothing of other services but who asks."""
WITH_OTHERS = [Ask(path) for path in (*LISTS, *DETAILS, *OTHERS) if Ask(path) not in ALONE]


@dataclass(frozen=True)
class Extracted:
    """A service's folder, and what the extraction said as JSON."""

    folder: Path
    said: dict[str, Any]

    @property
    def prepared(self) -> Path:
        """Return the tree it was made from, a monolith that asks through clients."""
        trees = (ROOT / "var/codemods/prepared").glob("*/tree")
        return max(trees, key=lambda tree: tree.stat().st_mtime)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Extracted:
    out = tmp_path_factory.mktemp("extracted")
    done = subprocess.run(
        [sys.executable, "-m", "codemods", "extract", SERVICE, "--write", "--json",
         "--out", str(out), "--python", sys.executable],
        cwd=ROOT, env=clean_environment(NO_COLOR="1"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout[-4000:]
    return Extracted(out / SERVICE, json.loads(done.stdout))


@pytest.fixture(scope="module")
def both(
    extracted: Extracted, seeded_monolith: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """Run the monolith, what the service asks, and the service on rows of its own."""
    logs = tmp_path_factory.mktemp("logs")
    database = logs / "products.sqlite3"
    port = free_port()
    environment = clean_environment(
        DATABASE_URL=f"sqlite:///{database}", SECRET_KEY="not-a-secret-of-anybody",
        DJANGO_SETTINGS_MODULE="products_service.settings", PYTHONPATH=str(ROOT),
    )  # fmt: skip
    with ExitStack() as stack:
        for name, module in ASKED.items():
            served = provider(name, module, extracted, seeded_monolith, logs)
            environment |= stack.enter_context(served)
        run_manage(extracted.folder, environment, "migrate", "--verbosity", "0")
        there = {"MONOLITH_DATABASE_URL": seeded_monolith.database_url}
        run_manage(extracted.folder, environment | there, "copy_tables")
        application = "products_service.wsgi:application"
        site = Site("products", extracted.folder, application, logs, port, environment)
        stack.enter_context(running(seeded_monolith.server()))
        stack.enter_context(running(site.server()))
        yield Shop(seeded_monolith, site)


@contextmanager
def provider(
    name: str, module: str, extracted: Extracted, monolith: Site, logs: Path
) -> Iterator[dict[str, str]]:
    """Serve a service's operations from the prepared tree; give the variables that lead there."""
    port = free_port()
    environment = {
        **monolith.environment,
        "PROVIDER": module,
        "PYTHONPATH": f"{extracted.prepared}:{ROOT}",
    }
    server = ServerProcess(
        f"provider-{name}", granian("tests.servers.provider_wsgi:application", port),
        extracted.prepared, environment, logs / f"provider-{name}.log",
        f"http://127.0.0.1:{port}/healthz",
    )  # fmt: skip
    with running(server):
        yield {
            f"{name.upper()}_CLIENT_TRANSPORT": "http",
            f"{name.upper()}_CLIENT_URL": f"http://127.0.0.1:{port}",
        }


def test_the_models_need_no_migration(extracted: Extracted, both: Shop) -> None:
    told = both.products.manage("makemigrations", "--check", "--dry-run")
    assert "No changes detected" in told


def test_no_file_of_the_service_imports_the_monolith(extracted: Extracted) -> None:
    """Its own folder comes first, so what is not there is nowhere."""
    code = "import monolith.orders.services"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=extracted.folder, env=clean_environment(),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "ModuleNotFoundError" in done.stderr


@pytest.mark.parametrize("wanted", ALONE, ids=str)
def test_it_answers_what_the_monolith_answers(both: Shop, wanted: Ask) -> None:
    assert_same(both, wanted, ANYBODY)


@pytest.mark.parametrize("wanted", WITH_OTHERS, ids=str)
def test_so_it_does_with_what_others_have(both: Shop, wanted: Ask) -> None:
    assert_same(both, wanted, ANYBODY)


def test_nothing_is_in_its_way(extracted: Extracted) -> None:
    assert extracted.said["blockers"] == []
