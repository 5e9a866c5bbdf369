"""The rewritten shop with plain columns for all foreign keys that nothing needs any more.

Its suite, which makes its data with the ORM and deletes rows on both sides, passes as before.
"""

from __future__ import annotations

import json
import shutil

import pytest

from tests.flows.rewritten import RewrittenShop, codemods, run

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("rewritten-shop")]

SERVICE = "users"
OF_USERS = {
    "orders.CheckoutAttempt.user",
    "orders.OrderStatusChange.changed_by",
    "payments.Refund.created_by",
    "products.PriceChange.changed_by",
}


@pytest.fixture(scope="module")
def severed(rewritten: RewrittenShop, tmp_path_factory: pytest.TempPathFactory) -> RewrittenShop:
    root = tmp_path_factory.mktemp("severed") / "shop"
    shutil.copytree(rewritten.root, root)
    options = ("--write", "--force", "--json", "--sever=all")
    done = codemods(root, "rewrite", "--service", SERVICE, *options)
    assert done.returncode in (0, 1), done.stderr
    return RewrittenShop(root, {SERVICE: json.loads(done.stdout)})


def test_each_relation_is_severed_or_names_who_needs_its_key(severed):
    told = severed.said[SERVICE]["severings"]
    assert {one["relation"] for one in told if one["is_severed"]} >= OF_USERS
    for one in told:
        assert one["is_severed"] is not bool(one["obstacles"])
        assert all(":" in place for place in one["obstacles"])


def test_its_suite_passes(severed):
    done = severed.suite(tests=("monolith/orders", "monolith/payments"))
    assert done.returncode == 0, done.stdout[-6000:]


def test_the_models_need_no_further_migration(severed):
    done = run(severed.root, "manage.py", "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
