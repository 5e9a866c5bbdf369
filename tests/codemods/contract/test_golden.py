"""What is generated for a service, whole: golden files to read and to hold against each change.

`GOLDEN=write pytest tests/codemods/contract/test_golden.py` writes them anew.
"""

import os
from pathlib import Path

import pytest

from codemods.contract import client, openapi, provider
from codemods.contract.build import build
from codemods.contract.operations import Consumer, Operation, Reader
from tests.codemods.contract.conftest import ROOT, by

GOLDEN = Path(__file__).with_name("golden")
CLIENT, PROVIDER = "shop.clients.users_client", "shop.users.provider"
USER, ADDRESS, PROFILE = "users.User", "users.Address", "users.Profile"
OPERATIONS = [
    Operation(USER, "get", "", by("email__iexact")),
    Operation(ADDRESS, "first", "", by("user_id", "is_default")),
    Operation(USER, "list", "", by("is_staff"), order_by=("email",), is_limited=True),
    Operation(USER, "values", "", by("pk__in"), columns=("email",), is_flat=True),
    Operation(USER, "values", "", by("is_active"), columns=("id", "email"), is_mapping=True),
    Operation(USER, "count", "", exclude=by("is_active")),
    Operation(ADDRESS, "create", "", writes=by("user_id", "line1", "city", "postcode")),
    Operation(PROFILE, "update", "", by("user_id"), writes=by("phone")),
]
READS = [
    *((USER, name) for name in ("email", "full_name", "public_name", "get_short_name", "profile",
                                "__str__", "has_usable_password")),
    (PROFILE, "loyalty_points"), (PROFILE, "user"), (ADDRESS, "city"), (ADDRESS, "__str__"),
]  # fmt: skip
CONSUMERS = [
    Consumer("get_user_by_email_iexact", "orders", "shop/orders/services.py", "customer_find"),
    Consumer("count_users_excluding_is_active", "payments", "shop/payments/reports.py", "rows"),
]  # fmt: skip
READERS = [
    Reader(USER, "email", "orders", "shop/orders/letters.py"),
    Reader(USER, "__str__", "orders", "shop/orders/templates/order.html"),
    Reader(USER, "password", "orders", "shop/orders/never_offered.py"),
]


def generated(graph, contexts):
    built = build(
        "users", graph=graph, contexts=contexts, root=ROOT, operations=OPERATIONS, reads=READS,
        relations=[("orders.Order", "user"), ("orders.Order", "shipping_address")],
        consumers=CONSUMERS, readers=READERS,
    )  # fmt: skip
    files = client.render(built.contract, CLIENT, PROVIDER)
    return {
        "users.json": openapi.render(built.contract),
        "provider.py.txt": provider.render(built.contract, graph, CLIENT),
        **{f"users_client/{name}.txt": text for name, text in files.items()},
    }


@pytest.mark.parametrize("again", [False, True], ids=["first run", "second run"])
def test_generated_files_are_the_golden_ones(shop, again):
    files = generated(*shop)
    if os.environ.get("GOLDEN") == "write":
        for name, text in files.items():
            file = GOLDEN / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    golden = {
        str(file.relative_to(GOLDEN)): file.read_text()
        for file in GOLDEN.rglob("*")
        if file.is_file()
    }
    assert files.keys() == golden.keys()
    for name, text in files.items():
        assert text == golden[name], name
