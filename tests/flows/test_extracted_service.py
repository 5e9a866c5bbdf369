"""What `codemods extract --all` made of the shop is in step with it, and runs alone.

the shop ─> extract --all --check: extracted/ is what the tool makes of it
extracted/* ─> migrate ─> copy_tables, from the shop's database ─> granian, each on rows of its own;
               users once more in FastAPI, beside the Django one
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests

from monolith.payments.fakegateway.ledger import Ledger
from monolith.payments.fakegateway.server import FakeGatewayServer
from strangler.shadow.compare import compare
from strangler.shadow.observation import Side
from strangler.shadow.rules import Rules
from tests.extracted.answers import Ask, ask, assert_same, observation
from tests.servers.second_stack import users_in_fastapi
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
ALONE = ("users", "products", "payments")
"""Services that nothing is in the way of."""
IN_THE_WAY = {
    "orders/forms.py: a form is built on its model",
    "orders/pages.py: an attribute of its instance is set",
    "orders/pages.py: its model is instantiated",
}
"""An address by a form."""
WHO = ("", "customer", "staff")
STACKS = (*SERVICES, "users_fastapi")
"""The services, and the one that exists in a second stack beside its first."""
ASKS = [
    (service, Ask(path, who=who))
    for service, paths in {
        "users": (
            "/api/users/me/", "/api/users/me/addresses/", "/api/users/me/addresses/1/",
            "/api/users/", "/api/users/2/", "/api/users/99999/", "/api/nothing/",
        ),
        "orders": (
            "/api/orders/", "/api/orders/?email=example", "/api/orders/1/", "/api/orders/99999/",
            "/api/orders/1/history/",
        ),
        "payments": ("/api/payment-methods/", "/api/payments/1/", "/api/payments/99999/"),
    }.items()
    for path in paths
    for who in WHO
]  # fmt: skip
ASKS += [("users_fastapi", wanted) for service, wanted in ASKS if service == "users"]


OPERATIONS = [
    Ask(f"/internal/v1/{called}")
    for called in (
        "get_user?id=2", "get_user?id=99999", "user_public_name?id=3",
        "find_user_ids_by_email_icontains?email_icontains=USER1",
        "find_user_ids_by_email_icontains?email_icontains=%25",
        "find_user_ids_by_email_iexact?email_iexact=STAFF@shop.test",
        "find_user_ids_by_last_name_icontains?last_name_icontains=",
        "has_profiles_by_favourite_products?favourite_products=1",
        "list_users_by_is_active_and_is_staff_ordered_by_email?is_active=true&is_staff=false",
    )
]  # fmt: skip
JSON = {"Content-Type": "application/json"}
BATCH = '{"ids": [3, 1, 3, 99999]}'
OPERATIONS.append(Ask("/internal/v1/get_users_by_ids", "POST", headers=JSON, body=BATCH))


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
def gateway() -> Iterator[tuple[str, Ledger]]:
    """Run a payment gateway; return its address, and its books."""
    books = Ledger()
    with FakeGatewayServer(("127.0.0.1", 0), books, slow_s=1.0) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.url, books
        server.shutdown()


@pytest.fixture(scope="module")
def services(
    credentials: dict[str, dict[str, str]],
    gateway: tuple[str, Ledger],
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
                DJANGO_SETTINGS_MODULE=f"{name}_service.settings", FAKE_GATEWAY_URL=gateway[0],
                EMAIL_URL="dummymail://", **urls,
            )  # fmt: skip
            application = f"{name}_service.wsgi:application"
            site = Site(name, EXTRACTED / name, application, folder, port, environment)
            site.manage("migrate", "--verbosity", "0")
            copy_tables(site, seeded_monolith)
            stack.enter_context(running(site.server()))
            found[name] = Shop(seeded_monolith, site)
        beside = users_in_fastapi(folder, found["users"].products.database_url)
        stack.enter_context(running(beside.server()))
        yield found | {beside.name: Shop(seeded_monolith, beside)}


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


def test_only_writes_over_contexts_are_in_the_way_of_the_others(
    told: dict[str, dict[str, Any]],
) -> None:
    found = {
        f"{one['path'].removeprefix('monolith/')}: {one['what'].partition(':')[0]}"
        for service in set(SERVICES) - set(ALONE)
        for one in told[service]["blockers"]
    }
    assert found == IN_THE_WAY


@pytest.mark.parametrize("service", STACKS)
def test_a_service_is_ready_and_answers_its_contract(
    services: dict[str, Shop], service: str
) -> None:
    url = services[service].products.url
    for probe in ("healthz", "readyz"):
        assert requests.get(f"{url}/{probe}", timeout=9).text == "ok"
    of = service.removesuffix("_fastapi")
    contract = json.loads((EXTRACTED / of / f"contracts/{of}.json").read_text())
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


@pytest.mark.parametrize("wanted", OPERATIONS, ids=str)
def test_both_stacks_answer_an_operation_alike(services: dict[str, Shop], wanted: Ask) -> None:
    first, second = services["users"].products, services["users_fastapi"].products
    here = replace(wanted, headers={**wanted.headers, "Host": "localhost"})
    control, candidate = ask(first, here, {"": {}}), ask(second, here, {"": {}})
    pair = observation(Side.CONTROL, control), observation(Side.CANDIDATE, candidate)
    assert control.ok == ("99999" not in wanted.path)
    assert compare(*pair, Rules()) == ()


def test_what_one_stack_has_done_the_other_repeats(services: dict[str, Shop]) -> None:
    """Both keep the same notes of keys, so a write may be repeated to either, and is done once."""
    first, second = services["users"].products.url, services["users_fastapi"].products.url
    seen = f"{second}/internal/v1/get_user?id=2"
    before = requests.get(seen, timeout=9).json()["_profile"]["loyalty_points"]
    for key, url, points, status in (
        ("a", first, 5, 200), ("a", second, 5, 200), ("a", second, 6, 422),
        ("b", second, 5, 200), ("b", first, 5, 200), ("b", first, 6, 422),
        ("taken", second, 3, 200), ("taken", first, 3, 200),
    ):  # fmt: skip
        operation = "loyalty_take" if key == "taken" else "loyalty_give"
        body = {"key": f"order-{key}", "points": points, "user_id": 2}
        answer = requests.post(
            f"{url}/internal/v1/{operation}", json=body, headers={"Idempotency-Key": key},
            timeout=9,
        )  # fmt: skip
        assert answer.status_code == status, answer.text
        assert answer.headers["Idempotency-Keys"] == "kept"
    assert requests.get(seen, timeout=9).json()["_profile"]["loyalty_points"] == before + 7


def test_a_checkout_takes_stock_money_and_points_and_a_cancelled_order_gives_them_back(
    services: dict[str, Shop], credentials: dict[str, dict[str, str]], gateway: tuple[str, Ledger]
) -> None:
    def call(service: str, path: str, who: str = "customer", **body: Any) -> Any:
        answer = requests.request(
            "POST" if body else "GET", services[service].products.url + path, json=body or None,
            headers=credentials[who], timeout=20,
        )  # fmt: skip
        assert answer.ok, answer.text
        return answer.json()

    points, orders = "/api/users/me/profile/", "/api/orders/"
    products = call("products", "/api/products/")["results"]
    product = next(one for one in products if one["available"] > 2)
    before = call("users", points)["loyalty_points"]
    call("orders", "/api/cart/lines/", product=product["id"], quantity=2)
    total = call("orders", "/api/cart/")["total"]
    order = call(
        "orders", "/api/checkout/",
        shipping_address=call("users", "/api/users/me/addresses/")[0]["id"],
        payment_method=call("payments", "/api/payment-methods/")[0]["id"],
    )  # fmt: skip
    assert (order["status"], order["total"]) == ("pending", total)
    assert call("orders", orders)["results"][0]["number"] == order["number"]
    (charge,) = gateway[1].charges()
    assert (charge.status, charge.amount) == ("authorized", round(float(total) * 100))
    after = call("products", f"/api/products/{product['id']}/")
    assert after["stock"]["available"] == product["available"] - 2
    assert call("users", points)["loyalty_points"] > before

    assert call("orders", f"{orders}{order['id']}/cancel/", note="no")["status"] == "cancelled"
    assert [charge.status for charge in gateway[1].charges()] == ["voided"]
    after = call("products", f"/api/products/{product['id']}/")
    assert after["stock"]["available"] == product["available"]
    assert call("users", points)["loyalty_points"] == before


def test_an_order_is_paid_once_payments_took_the_money(
    services: dict[str, Shop], credentials: dict[str, dict[str, str]], gateway: tuple[str, Ledger]
) -> None:
    orders, payments = services["orders"].products, services["payments"].products
    url, staff = f"{orders.url}/api/orders/", credentials["staff"]
    (order, *_) = requests.get(f"{url}?status=pending", headers=staff, timeout=9).json()["results"]
    seen = requests.get(f"{url}{order['id']}/", headers=staff, timeout=9).json()
    held = gateway[1].authorize(
        amount=round(float(seen["total"]) * 100), currency=seen["currency"], token="tok_visa"
    )  # the gateway knows nothing of the seed
    file = payments.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.execute(
            "UPDATE payments_payment SET gateway_reference = ? WHERE id = ?",
            [f"ch_{held.number}", seen["payment"]["id"]],
        )
    capture = f"{payments.url}/api/payments/{seen['payment']['id']}/capture/"
    answer = requests.post(capture, headers=staff, timeout=20)
    assert (answer.status_code, answer.json()["status"]) == (200, "captured")
    history = requests.get(f"{url}{order['id']}/history/", headers=staff, timeout=9).json()
    assert (history[-1]["to_status"], history[-1]["note"]) == ("paid", "payment captured")


def test_no_file_of_a_service_imports_the_monolith() -> None:
    """Its own folder comes first, so what is not there is nowhere."""
    done = subprocess.run(
        [sys.executable, "-c", "import monolith.orders.services"], cwd=EXTRACTED / "products",
        env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "ModuleNotFoundError" in done.stderr
