"""A site with sagas over two databases, run as a process of its own so that it can be killed.

python -m tests.client.saga.killed FOLDER migrate | run FIRST LAST | resume
"""

import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import django
from django.conf import settings

from strangler.client.idempotency import keys

folder, command, *numbers = sys.argv[1:]
FOLDER = Path(folder)
settings.configure(
    INSTALLED_APPS=["strangler.client.saga"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FOLDER / "sagas.sqlite3",
            # What a killed process committed stays without a sync; only a power cut needs one.
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
            },
        }
    },
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up above
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from strangler.client.saga.definition import Saga, Step  # noqa: E402
from strangler.client.saga.failures import SagaUndoneError  # noqa: E402
from strangler.client.saga.models import SagaRun  # noqa: E402


def remote(name, statement, *values):
    """Write to another service's database, once for each key, as `idempotency.once` does."""
    key = keys.next_key(name, "write")
    with closing(sqlite3.connect(FOLDER / f"{name}.sqlite3", timeout=20)) as service, service:
        service.execute("PRAGMA synchronous=OFF")
        service.execute("CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY)")
        service.execute("CREATE TABLE IF NOT EXISTS effects (cart INTEGER)")
        if service.execute("INSERT OR IGNORE INTO keys VALUES (?)", (key,)).rowcount:
            service.execute(statement, values)


def take(data):
    remote("stock", "INSERT INTO effects VALUES (?)", data["cart"])


def put_back(data):
    remote("stock", "DELETE FROM effects WHERE cart = ?", data["cart"])


def charge(data):
    if data["cart"] % 3 == 0:
        raise ValueError("declined")
    remote("payments", "INSERT INTO effects VALUES (?)", data["cart"])


def let_go(data):
    remote("payments", "DELETE FROM effects WHERE cart = ?", data["cart"])


def place(data):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO orders VALUES (%s)", [data["cart"]])


def thank(data):
    remote("letters", "INSERT INTO effects VALUES (?)", data["cart"])


CHECKOUT = Saga(
    "checkout",
    [
        Step("stock", take, put_back),
        Step("payment", charge, let_go),
        Step("order", place, is_local=True, pivot=True),
        Step("letter", thank),
    ],
)

if command == "migrate":
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE orders (cart INTEGER)")
elif command == "run":
    for cart in range(*map(int, numbers)):
        try:
            CHECKOUT.run(key=f"cart-{cart}", data={"cart": cart})
        except SagaUndoneError:
            continue
elif command == "resume":
    SagaRun.objects.update(leased_until=timezone.now(), retry_at=None)  # as if the leases were over
    time.sleep(0.01)
    call_command("resume_sagas")
os._exit(0)
