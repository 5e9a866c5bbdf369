"""Fixtures of all that moves money: a real gateway listening, a customer ready to buy, staff."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.db import connection
from rest_framework.test import APIClient

from monolith.payments.factories import PaymentMethodFactory
from monolith.payments.fakegateway.ledger import Ledger
from monolith.payments.fakegateway.server import FakeGatewayServer
from monolith.payments.models import PaymentMethod
from monolith.users.factories import AddressFactory, UserFactory
from monolith.users.models import Address, User


@dataclass(frozen=True)
class Gateway:
    """The fake gateway of one test: where it listens, and its books."""

    url: str
    ledger: Ledger

    @property
    def statuses(self) -> list[str]:
        return [charge.status for charge in self.ledger.charges()]


@dataclass(frozen=True)
class Customer:
    """A signed-in customer with an address and a good card."""

    user: User
    address: Address
    method: PaymentMethod
    api: APIClient


def api_for(user: User | None = None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def gateway(settings) -> Iterator[Gateway]:
    ledger = Ledger()
    with FakeGatewayServer(("127.0.0.1", 0), ledger, slow_s=1.0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        settings.PAYMENT_GATEWAY = "fake"
        settings.FAKE_GATEWAY_URL = server.url
        settings.STRIPE_API_BASE = server.url
        settings.STRIPE_API_KEY = "sk_test_fake"
        settings.PAYMENT_GATEWAY_TIMEOUT_S = 5.0
        yield Gateway(server.url, ledger)
        server.shutdown()
        thread.join()
    ledger.close()


@pytest.fixture
def customer(db) -> Customer:
    user = UserFactory(
        email="ann@example.com",
        first_name="Ann",
        last_name="Archer",
    )
    address = AddressFactory(
        user=user,
        label="home",
        line1="Long Lane 1",
        line2="",
        city="Leeds",
        postcode="LS1",
        country="GB",
    )
    method = PaymentMethodFactory(user=user, brand="Visa", last4="4242")
    return Customer(user, address, method, api_for(user))


@pytest.fixture
def staff(db) -> APIClient:
    return api_for(UserFactory(email="staff@example.com", first_name="Sam", is_staff=True))


@pytest.fixture
def anonymous() -> APIClient:
    return api_for()


@pytest.fixture
def outbox_letters(mailoutbox, django_capture_on_commit_callbacks):
    """Run a block as if its transaction were committed; give the letters it wrote."""

    class Letters:
        def __enter__(self):
            self.capture = django_capture_on_commit_callbacks(execute=True)
            self.capture.__enter__()
            return mailoutbox

        def __exit__(self, *failure):
            return self.capture.__exit__(*failure)

    return Letters()


@pytest.fixture
def as_saga(settings, db):
    """Have work over several apps done in steps, with the apps and tables of its notes; give those.

    The tables are made within the test's transaction, which an editor that is entered refuses.
    """
    settings.CHECKOUT_SAGA = True
    notes = {"strangler.client.idempotency", "strangler.client.saga"} - {*settings.INSTALLED_APPS}
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, *sorted(notes)]
    editor = connection.schema_editor()
    editor.deferred_sql = []
    for config in apps.get_app_configs():
        for model in config.get_models() if config.name in notes else ():
            editor.create_model(model)
    return apps.get_model("strangler_saga", "SagaRun").objects
