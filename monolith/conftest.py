"""What the shop's tests share: the database they run on, cheap passwords, clients.

`--shop-db postgres` (or SHOP_TEST_DB=postgres) runs them on a real PostgreSQL that is started
for the session; the default is SQLite.
"""

import os
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connections
from factory.random import reseed_random
from rest_framework.test import APIClient

from monolith.config.databases import database_settings
from monolith.users.factories import UserFactory
from monolith.users.models import User
from tests.servers.postgres import running_postgres

DATABASES = ("sqlite", "postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shop-db",
        choices=DATABASES,
        default=os.environ.get("SHOP_TEST_DB", "sqlite"),
        help="database of the shop's tests (default: SHOP_TEST_DB, else sqlite)",
    )


def _chosen_database(config: pytest.Config) -> str:
    # The option is unknown when the shop's folder was not among the first arguments.
    chosen = config.getoption("--shop-db", os.environ.get("SHOP_TEST_DB", "sqlite"))
    if chosen not in DATABASES:
        raise pytest.UsageError(f"SHOP_TEST_DB is {chosen!r}; allowed are {', '.join(DATABASES)}.")
    return chosen


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> Iterator[None]:
    """Point Django at the chosen database before the test database is made."""
    if _chosen_database(request.config) == "sqlite":
        yield
        return
    with running_postgres() as server:
        former = connections.settings
        _use({"default": database_settings(server.url())})
        yield
        for connection in connections.all(initialized_only=True):
            connection.close_pool()
        _use(former)


def _use(databases: dict) -> None:
    connections["default"].close()
    del connections["default"]
    connections.settings = connections.configure_settings(databases)


@pytest.fixture(autouse=True)
def light_shop(settings, tmp_path_factory) -> None:
    """Make the same data in every run, hash passwords cheaply, forget rate limits, keep uploads
    out of the real folder."""
    reseed_random("shop")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STOCK_STREAM_INTERVAL_S = 0.01
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    cache.clear()


@pytest.fixture
def api() -> APIClient:
    """A client nobody is signed in on."""
    return APIClient()


@pytest.fixture
def ada(db) -> User:
    """A customer with a name that tests can pin."""
    return UserFactory(email="ada@shop.test", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def ada_api(ada: User) -> APIClient:
    client = APIClient()
    client.force_login(ada)
    return client


@pytest.fixture
def grace(db) -> User:
    """A member of staff."""
    return UserFactory(email="grace@shop.test", first_name="Grace", last_name="Hopper", staff=True)


@pytest.fixture
def grace_api(grace: User) -> APIClient:
    client = APIClient()
    client.force_login(grace)
    return client
