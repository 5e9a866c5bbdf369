"""The OpenAPI schema of carts, orders and payments."""

import contextlib
import io

import pytest
import yaml
from django.core.management import call_command

OPERATIONS = {
    "/api/cart/": {"get", "delete"},
    "/api/cart/lines/": {"post"},
    "/api/cart/lines/{id}/": {"patch", "delete"},
    "/api/checkout/": {"post"},
    "/api/orders/": {"get"},
    "/api/orders/{id}/": {"get"},
    "/api/orders/{id}/cancel/": {"post"},
    "/api/orders/{id}/history/": {"get", "post"},
    "/api/payment-methods/": {"get", "post"},
    "/api/payment-methods/{id}/": {"get", "patch", "delete"},
    "/api/payments/{id}/": {"get"},
    "/api/payments/{id}/capture/": {"post"},
    "/api/payments/{id}/refund/": {"post"},
}


@pytest.fixture(scope="module")
def generated():
    """The schema as the command writes it, and what it complained of on the way."""
    written, complaints = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(complaints):
        call_command("spectacular", "--validate", stdout=written)
    return yaml.safe_load(written.getvalue()), complaints.getvalue().splitlines()


@pytest.fixture(scope="module")
def schema(generated):
    return generated[0]


def test_the_views_describe_themselves_without_a_warning(generated):
    ours = ("monolith/orders/", "monolith/payments/")
    assert [line for line in generated[1] if any(app in line for app in ours)] == []


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_operation_is_described(schema, path):
    assert set(schema["paths"][path]) == OPERATIONS[path]


def test_the_checkout_names_its_header_and_answer(schema):
    operation = schema["paths"]["/api/checkout/"]["post"]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["Idempotency-Key"]
    answer = operation["responses"]["201"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/Order"}


def test_the_order_list_names_its_filters(schema):
    names = {
        parameter["name"] for parameter in schema["paths"]["/api/orders/"]["get"]["parameters"]
    }
    assert names == {
        "category",
        "cursor",
        "email",
        "page_size",
        "placed_after",
        "placed_before",
        "status",
    }


def test_a_token_goes_in_and_never_comes_out(schema):
    schemas = schema["components"]["schemas"]
    assert "token" in schemas["PaymentMethodRequest"]["properties"]
    assert "token" not in schemas["PaymentMethod"]["properties"]
