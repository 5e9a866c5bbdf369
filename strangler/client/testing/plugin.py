"""The fixture `strangler_services`: every service that the project calls, as a fake.

[tool.pytest.ini_options]
strangler_clients = "shop.clients"      # the package of the generated clients
strangler_contracts = "contracts"       # where their contracts are; this is the default
strangler_fakes = "users"               # by default the services whose provider is not here
strangler_authentication = "rest_framework.authentication.TokenAuthentication"  # or "": a session
usefixtures = ["strangler_services"]    # for every test; else name it where it is needed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from strangler.client.testing.leaving import FILE, OPTION, Leaving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.client.testing.services import Services

CLIENTS, CONTRACTS, FAKES = "strangler_clients", "strangler_contracts", "strangler_fakes"
AUTHENTICATION = "strangler_authentication"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings."""
    group = parser.getgroup("strangler-testing", "tests without the services called (strangler)")
    group.addoption(OPTION, action="store_true", help=f"write what fails here into {FILE}")
    parser.addini(CLIENTS, "package of the generated clients, such as shop.clients", default="")
    parser.addini(AUTHENTICATION, "the accounts' owner's first DRF authenticator", default="")
    parser.addini(FAKES, "services to stand in for (those not here)", type="args", default=[])
    parser.addini(CONTRACTS, "folder of their contracts", default="contracts")


def pytest_configure(config: pytest.Config) -> None:
    """Leave out what cannot run alone, where the project has said that services are elsewhere."""
    if config.getini(CLIENTS):
        config.pluginmanager.register(Leaving(config), "strangler-testing-leaving")


@pytest.fixture
def strangler_services(request: pytest.FixtureRequest) -> Iterator[Services]:
    """Every service that the project calls, in memory: rows and answers of this test only."""
    # Not before: services need Django's apps, which pytest-django sets up.
    from strangler.client.testing.services import of_project  # noqa: PLC0415

    clients = request.config.getini(CLIENTS)
    if not clients:
        raise pytest.UsageError(
            f"{CLIENTS} is not set: name the package of the generated clients in pytest's "
            'configuration, such as strangler_clients = "shop.clients"'
        )
    contracts = request.config.rootpath / request.config.getini(CONTRACTS)
    try:
        services = of_project(clients, contracts, tuple(request.config.getini(FAKES)))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    authentication = request.config.getini(AUTHENTICATION)
    if authentication:
        services.accounts.asks_like(authentication)
    with services.used():
        yield services
