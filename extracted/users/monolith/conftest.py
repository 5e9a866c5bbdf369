"""What the shop's tests share: the database they run on, cheap passwords, clients.

`--shop-db postgres` (or SHOP_TEST_DB=postgres) runs them on a real PostgreSQL that is started
for the session; the default is SQLite. `--shop-clients http`, for a shop that `codemods rewrite`
has changed, runs them with every generated client talking to a process of its own on that
PostgreSQL; tests then commit what they do, so that the other process sees it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from factory.random import reseed_random
from rest_framework.test import APIClient

from monolith.users.factories import UserFactory
from monolith.users.models import User
from strangler.client.budget import call_budget

DATABASES = ("sqlite", "postgres")
TRANSPORTS = ("in_process", "http")
CLIENTS = "monolith.clients"
ANY_NUMBER = 100_000
MOST_JOINS = 6


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shop-db",
        choices=DATABASES,
        default=os.environ.get("SHOP_TEST_DB", "sqlite"),
        help="database of the shop's tests (default: SHOP_TEST_DB, else sqlite)",
    )
    parser.addoption(
        "--shop-clients",
        choices=TRANSPORTS,
        default=TRANSPORTS[0],
        help="how a rewritten shop's clients reach their services (default: in_process)",
    )


def _over_http(config: pytest.Config) -> bool:
    return config.getoption("--shop-clients", TRANSPORTS[0]) == "http"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let tests commit where another process must see their rows, but for those about commits."""
    if _over_http(config):
        held = [item for item in items if item.get_closest_marker("holds_commits")]
        config.hook.pytest_deselected(items=held)
        items[:] = [item for item in items if item not in held]
        for item in items:
            item.add_marker(pytest.mark.django_db(transaction=True), append=False)


def _chosen_database(config: pytest.Config) -> str:
    # The option is unknown when the shop's folder was not among the first arguments.
    chosen = config.getoption("--shop-db", os.environ.get("SHOP_TEST_DB", "sqlite"))
    if chosen not in DATABASES:
        raise pytest.UsageError(f"SHOP_TEST_DB is {chosen!r}; allowed are {', '.join(DATABASES)}.")
    return chosen


def _use(databases: dict) -> None:
    connections["default"].close()
    del connections["default"]
    connections.settings = connections.configure_settings(databases)


def _url_of(database: dict) -> str:
    login = f"{database['USER']}:{database['PASSWORD']}"
    return f"postgres://{login}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


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
def django_assert_num_queries(
    request: pytest.FixtureRequest,
) -> Callable[..., AbstractContextManager[CaptureQueriesContext]]:
    """Pin what a block costs: exactly this many statements.

    Where reads of other apps go through their clients, a call counts like the statement it stands
    for, what was a join may be a batched call more, and rows that travel with what such calls give
    may take their owner one more. A call for every row is over that limit as soon as there are four
    rows. Where tests commit, what begins and ends a transaction is not counted, for it differs from
    the savepoints it replaces.
    """
    return partial(_costs, over_http=_over_http(request.config))


@pytest.fixture
def django_assert_max_num_queries(
    request: pytest.FixtureRequest,
) -> Callable[..., AbstractContextManager[CaptureQueriesContext]]:
    """Bound what a block costs, with the same allowances."""
    return partial(_costs, over_http=_over_http(request.config), at_most=True)


@contextmanager
def _costs(
    number: int, *, over_http: bool, at_most: bool = False
) -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as statements, call_budget(ANY_NUMBER) as calls:
        yield statements
    over_network = calls.count if over_http else 0
    counted = [
        query["sql"]
        for query in statements.captured_queries
        if not (over_http and query["sql"] in {"BEGIN", "COMMIT"})
    ]
    cost = len(counted) + over_network
    batched = sum(n for operation, n in calls.by_operation.items() if operation.endswith("_by_ids"))
    single = sum(not operation.endswith("_by_ids") for operation in calls.by_operation)
    most = number + single + min(batched, MOST_JOINS) + bool(batched)
    allowed = range(most + 1) if calls.count or over_http or at_most else (number,)
    assert cost in allowed, (
        f"{len(counted)} statements and {over_network} calls over the network, expected "
        f"{most}:\n{calls}\n" + "\n".join(counted)
    )


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
