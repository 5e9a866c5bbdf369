"""A function of the owner called as an operation: the same answers, errors and writes, each way."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from codemods.contract import openapi
from codemods.contract.calling import operation_of
from codemods.contract.function_kinds import CannotTravel
from codemods.contract.functions import Functions
from codemods.contract.members import Sources
from codemods.contract.naming import named
from codemods.contract.nouns import nouns_of_service
from monolith.common.errors import Conflict
from monolith.orders.factories import OrderFactory
from monolith.orders.models import Order
from monolith.payments.errors import PaymentRefusedError
from monolith.payments.factories import PaymentMethodFactory
from monolith.payments.models import Payment
from monolith.payments.services import payment_authorize
from monolith.payments.tests.fixtures import gateway  # noqa: F401 - a fixture
from monolith.products.factories import ProductFactory
from monolith.products.models import Stock
from monolith.products.services import stock_set
from strangler.client import serving
from strangler.client.given import given_row
from tests.codemods.contract.conftest import ROOT

AUTHORIZE, SET = (
    "monolith.payments.services:payment_authorize",
    "monolith.products.services:stock_set",
)
WAYS = ("in process", "strict", "http")


class Urls:
    """A URL configuration of one provider."""

    def __init__(self, provider: str) -> None:
        self.urlpatterns = [path("", include(serving.urls(provider)))]


@pytest.fixture(scope="session")
def calling(shop, make):
    """The client of one function of a service, and the name of its operation."""

    def call(service: str, function: str, *optional: str):
        graph, contexts = shop
        functions = Functions(graph, contexts, Sources(ROOT), service)
        signature = functions.signature(function)
        asked = operation_of(functions, signature, optional, is_write=True)
        operation = named(asked, nouns_of_service(graph, contexts, service))
        return make(service, operations=[operation], reads=[(operation.model, "pk")]), operation

    return call


@pytest.fixture(scope="session")
def authorizing(calling):
    return calling("payments", AUTHORIZE)


@pytest.fixture(scope="session")
def setting(calling):
    return calling("products", SET)


@pytest.fixture
def over(live_server, monkeypatch, settings):
    """Let a client take each way in turn."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def ways(made, service: str):
        name = service.upper()
        monkeypatch.setenv(f"{name}_CLIENT_URL", live_server.url)
        with override_settings(ROOT_URLCONF=Urls(made.provider.__name__)):
            for way in WAYS:
                monkeypatch.setenv(f"{name}_CLIENT_STRICT", "1" if way == "strict" else "0")
                monkeypatch.setenv(
                    f"{name}_CLIENT_TRANSPORT", "http" if way == "http" else "in_process"
                )
                yield way
        made.client.SERVICE.close()

    return ways


def outcome(call):
    """Return what a call came to: its answer, or the class and text of its error."""
    try:
        return call()
    except Conflict as error:
        return ("Conflict", str(error), error.status_code, error.get_codes())


@hypothesis_settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 20), st.integers(0, 20))
@pytest.mark.django_db(transaction=True)
def test_it_answers_and_refuses_as_the_function_does(setting, over, quantity, reserved):
    made, operation = setting
    product = ProductFactory()
    Stock.objects.filter(product=product).update(quantity=20, reserved=reserved)

    def directly():
        stock = stock_set(product=product, quantity=quantity)
        return stock.pk, Stock.objects.get(product=product).quantity

    def by_client():
        stock = getattr(made.client, operation.name)(product_id=product.pk, quantity=quantity)
        return stock.pk, Stock.objects.get(product=product).quantity

    expected = outcome(directly)
    for way in over(made, "products"):
        Stock.objects.filter(product=product).update(quantity=20)
        assert outcome(by_client) == expected, way


@pytest.mark.django_db(transaction=True)
def test_a_foreign_row_goes_along_by_the_columns_that_are_read(authorizing, over, gateway):  # noqa: F811
    made, operation = authorizing
    assert operation.name == "authorize_payment"
    for way in over(made, "payments"):
        order, method = OrderFactory(), PaymentMethodFactory()
        order.total = Decimal("12.30")  # as the caller holds it: not saved yet
        payment = made.client.authorize_payment(
            order_id=order.pk, order_currency=order.currency, order_total=order.total,
            method_id=method.pk, idempotency_key=uuid.uuid4().hex,
        )  # fmt: skip
        row = Payment.objects.get(pk=payment.pk)
        assert (row.order, row.method, row.amount) == (order, method, Decimal("12.30")), way
        assert Order.objects.get(pk=order.pk).total != Decimal("12.30")
    assert gateway.statuses == ["authorized"] * len(WAYS)


@pytest.mark.django_db(transaction=True)
def test_its_own_errors_are_the_clients_and_the_owners(authorizing, over, gateway):  # noqa: F811
    made, _ = authorizing
    order, method = OrderFactory(), PaymentMethodFactory(token="tok_decline")
    try:
        payment_authorize(order=order, method=method, idempotency_key="direct")
    except PaymentRefusedError as error:
        expected = str(error), error.status_code, error.get_codes(), error.args
    for way in over(made, "payments"):
        with pytest.raises(made.client.PaymentRefusedError) as caught:
            made.client.authorize_payment(
                order_id=order.pk, order_currency="EUR", order_total=order.total,
                method_id=method.pk, idempotency_key=way,
            )  # fmt: skip
        error = caught.value
        assert isinstance(error, PaymentRefusedError), way
        assert (str(error), error.status_code, error.get_codes(), error.args) == expected, way
    assert not Payment.objects.filter(order=order).exists()


@pytest.mark.django_db
def test_a_row_that_is_given_along_is_the_row_where_it_is_and_a_value_elsewhere():
    order = OrderFactory()
    with CaptureQueriesContext(connection) as queries:
        row = given_row("orders.Order", order.pk, total=Decimal(1), currency="CHF")
        assert (row, row.pk, row.total, row.currency) == (order, order.pk, Decimal(1), "CHF")
        assert not queries.captured_queries
        assert row.number == order.number
        assert len(queries.captured_queries) == 1
    value = given_row("elsewhere.Order", 7, total=Decimal(1))
    assert (value.pk, value.id, value.total) == (7, 7, Decimal(1))
    assert value == given_row("elsewhere.Order", 7)
    with pytest.raises(AttributeError):
        value.number  # noqa: B018 - reading it raises


def test_the_document_holds_all_of_it(authorizing):
    contract = authorizing[0].contract
    assert openapi.load(openapi.render(contract)) == contract


@pytest.mark.parametrize(
    ("service", "name", "why"),
    [
        ("payments", "payments.services:payment_void", "is of another context"),
        ("payments", "payments.services:method_delete", "is changed"),
        ("products", "products.services:product_update", r"\* or \*\*"),
        ("products", "products.streams:stock_events", "generator"),
        ("products", "products.selectors:subtree_ids", "CategoryNode"),
    ],
)
def test_what_cannot_be_called_says_why(shop, service, name, why):
    functions = Functions(*shop, Sources(ROOT), service)
    with pytest.raises(CannotTravel, match=why):
        functions.signature(f"monolith.{name}")
