"""What `codemods extract --all` made of the shop is in step with it, and runs alone.

the shop ─> extract --all --check: extracted/ is what the tool makes of it
extracted/* ─> migrate ─> copy_tables, from the shop's database ─> granian, each on rows of its own
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.extracted.answers import Ask, assert_same
from tests.servers.shop import (
    CUSTOMER,
    EXTRACTED,
    PASSWORD,
    ROOT,
    SECRET_KEY,
    STAFF,
    Shop,
    Site,
    clean_environment,
    copy_tables,
    free_port,
    running,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("extracted-service")]

SERVICES = ("users", "products", "orders", "payments")
EXAMPLES: dict[str, Any] = {"integer": 1, "string": "a", "boolean": "true"}
ALONE = ("users", "products")
"""Services that nothing is in the way of."""
WHO = ("", "customer", "staff")
ASKS = [
    (service, Ask(path, who=who))
    for service, paths in {
        "users": (
            "/api/users/me/", "/api/users/me/addresses/", "/api/users/me/addresses/1/",
            "/api/users/", "/api/users/2/", "/api/users/99999/", "/api/nothing/",
        ),
        "orders": ("/api/orders/", "/api/orders/99999/", "/api/orders/1/history/"),
        "payments": ("/api/payment-methods/", "/api/payments/1/", "/api/payments/99999/"),
    }.items()
    for path in paths
    for who in WHO
]  # fmt: skip


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    """Return what a check of the committed services says of each."""
    done = subprocess.run(
        [sys.executable, "-m", "codemods", "extract", "--all", "--check", "--force", "--json",
         "--python", sys.executable],
        cwd=ROOT, env=clean_environment(NO_COLOR="1"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr + done.stdout[-4000:]
    return {one["service"]: one for one in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def credentials(seeded_monolith: Site) -> Iterator[dict[str, dict[str, str]]]:
    """Run the monolith, and return headers by who asks: tokens that are in its tables."""
    with running(seeded_monolith.server()):
        found: dict[str, dict[str, str]] = {"": {}}
        for who, email in {"customer": CUSTOMER, "staff": STAFF}.items():
            form = {"email": email, "password": PASSWORD}
            url = f"{seeded_monolith.url}/api/auth/token/"
            token = requests.post(url, json=form, timeout=9).json()["token"]
            found[who] = {"Authorization": f"Token {token}"}
        yield found


@pytest.fixture(scope="module")
def services(
    credentials: dict[str, dict[str, str]],
    seeded_monolith: Site,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Shop]]:
    """Run each service on rows of its own, copied with the tokens; it knows the others."""
    folder = tmp_path_factory.mktemp("services")
    ports = {name: free_port() for name in SERVICES}
    urls = {
        f"{name.upper()}_CLIENT_URL": f"http://127.0.0.1:{port}/internal"
        for name, port in ports.items()
    }
    with ExitStack() as stack:
        found = {}
        for name, port in ports.items():
            environment = clean_environment(
                DATABASE_URL=f"sqlite:///{folder / name}.sqlite3", SECRET_KEY=SECRET_KEY,
                DJANGO_SETTINGS_MODULE=f"{name}_service.settings", **urls,
            )  # fmt: skip
            application = f"{name}_service.wsgi:application"
            site = Site(name, EXTRACTED / name, application, folder, port, environment)
            site.manage("migrate", "--verbosity", "0")
            copy_tables(site, seeded_monolith)
            stack.enter_context(running(site.server()))
            found[name] = Shop(seeded_monolith, site)
        yield found


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_committed_is_what_the_tool_makes(
    told: dict[str, dict[str, Any]], service: str
) -> None:
    changed = [one for one in told[service]["files"] if one["state"] not in ("same", "kept")]
    assert changed == []
    assert told[service]["problems"] == []


@pytest.mark.parametrize("service", ALONE)
def test_nothing_is_in_the_way_of(told: dict[str, dict[str, Any]], service: str) -> None:
    assert told[service]["blockers"] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_ready_and_answers_its_contract(
    services: dict[str, Shop], service: str
) -> None:
    url = services[service].products.url
    for probe in ("healthz", "readyz"):
        assert requests.get(f"{url}/{probe}", timeout=9).text == "ok"
    contract = json.loads((EXTRACTED / service / f"contracts/{service}.json").read_text())
    asked = 0
    for path, methods in contract["paths"].items():
        if "get" in methods:
            asked += 1
            given = {
                one["name"]: EXAMPLES.get(one["schema"].get("type"), 1)
                for one in methods["get"]["parameters"]
            }
            answer = requests.get(f"{url}/internal{path}", params=given, timeout=9)
            assert answer.ok or answer.json()["error"]["code"] == "does_not_exist", answer.text
    assert asked


@pytest.mark.parametrize(("service", "wanted"), ASKS, ids=str)
def test_it_answers_what_the_monolith_answers(
    services: dict[str, Shop], credentials: dict[str, dict[str, str]], service: str, wanted: Ask
) -> None:
    assert_same(services[service], wanted, credentials)


def test_no_file_of_a_service_imports_the_monolith() -> None:
    """Its own folder comes first, so what is not there is nowhere."""
    done = subprocess.run(
        [sys.executable, "-c", "import monolith.orders.services"], cwd=EXTRACTED / "products",
        env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "ModuleNotFoundError" in done.stderr
