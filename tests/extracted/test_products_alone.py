"""The products service, as `codemods extract` made it, stands in its own folder."""

import subprocess
import sys

import pytest

from tests.servers.shop import EXTRACTED, clean_environment, run_manage

SERVICE_DIR = EXTRACTED / "products"

READ_ONLY = """
from django.db import transaction
from django.db.models import ProtectedError
from monolith.orders.models import Order, OrderLine
from monolith.products.models import Category, Product
from strangler.client.replicas.router import ReplicaWriteError

def refused(write):
    try:
        write()
    except (ReplicaWriteError, ProtectedError) as error:
        return type(error).__name__

product = Product.objects.create(name="n", slug="n", sku="n", price=1,
                                 category=Category.objects.create(name="c", slug="c"))
line = OrderLine(pk=1, order_id=7, product=product, quantity=2, unit_price=1)
line.save_base(raw=True, using="default")
print(Product.objects.filter(order_lines__quantity=2).count(), OrderLine.objects.get().order_id)
print(refused(line.save), refused(lambda: OrderLine.objects.update(quantity=1)),
      refused(lambda: Order.objects.create(number="1")), refused(product.delete))
with transaction.atomic():
    print(refused(lambda: list(Order.objects.select_for_update())))
"""


@pytest.fixture
def environment(tmp_path):
    return clean_environment(
        DATABASE_URL=f"sqlite:///{tmp_path / 'own.sqlite3'}", PYTHONPATH=str(SERVICE_DIR)
    )


def test_copied_rows_are_joined_and_guard_but_are_never_written(environment):
    run_manage(SERVICE_DIR, environment, "migrate", "--verbosity", "0")
    told = run_manage(SERVICE_DIR, environment, "shell", "--no-imports", "-c", READ_ONLY)
    assert told.splitlines() == [
        "1 7",
        "ReplicaWriteError ReplicaWriteError ReplicaWriteError ProtectedError",
        "ReplicaWriteError",
    ]


def test_migrations_match_the_models(environment):
    run_manage(SERVICE_DIR, environment, "makemigrations", "--check", "--dry-run")


def test_its_own_tests_pass_alone_but_for_those_left_by_name(environment):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=SERVICE_DIR, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    left = (SERVICE_DIR / "tests_left.txt").read_text().splitlines()[1:]
    assert all(line.partition(" # ")[2] for line in left)
    assert f" passed, {len(left)} skipped" in done.stdout


def test_broken_settings_are_told_in_one_line(environment):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=SERVICE_DIR,
        env=environment | {"DATABASE_URL": "mysql://host/name"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: DATABASE_URL has the scheme 'mysql'")
    assert "Traceback" not in done.stderr
