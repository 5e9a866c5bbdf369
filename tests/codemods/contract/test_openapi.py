"""A contract as a document: valid OpenAPI, whole, stable, and merged with what was before."""

import json
from dataclasses import replace

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from codemods.contract import openapi
from codemods.contract.build import build
from codemods.contract.operations import MEMBER, Consumer, Operation, Parameter
from codemods.errors import CodemodsError
from tests.codemods.contract.conftest import ROOT, by

USER = "users.User"
SINCE = (Parameter("", "active.since", "int"),)
OPERATIONS = [
    Operation(USER, "get", "", by("email")),
    Operation(USER, "first", "", by("pk__in"), by("is_active"), ("-email", "?"), True, True),
    Operation(USER, "values", "", columns=("last_login", "email")),
    Operation(USER, "ids", "", by("email"), columns=("pk",), is_flat=True),
    Operation(USER, "values", "", columns=("id", "email"), is_mapping=True),
    Operation(USER, "values", "", by("profile__birth_date__year__gt"), columns=("email",),
              is_flat=True, manager="objects"),
    Operation(USER, MEMBER, "", by("perm"), member="has_perm", returns="bool"),
    Operation("users.Address", "create", "", writes=by("city", "user_id")),
    Operation("users.Address", "update", "", by("city"), writes=by("city")),
    Operation("users.Address", "save", "", by("pk"), writes=by("city"), is_partial=True),
    Operation("users.Address", "get_or_create", "", by("city"), writes=by("line1")),
    Operation("users.Address", "delete_row", "", by("pk")),
    Operation(USER, "set", "", by("ids"), member="groups"),
    Operation(USER, "ask", "", by("email"), member="create_user", manager="objects",
              returns="row", is_nullable=True),
    Operation(USER, "list", "", by("email"), scopes=("active",), given=SINCE,
              manager="objects"),
]  # fmt: skip
READS = [
    (USER, name)
    for name in ("email", "last_login", "profile", "addresses", "full_name", "__str__",
                 "has_usable_password", "get_full_name", "orders", "password")
] + [("users.Profile", "user"), ("users.Profile", "phone"), ("products.Product", "price"),
     ("users.Address", "city")]  # fmt: skip
CONSUMER = Consumer("get_user_by_email", "orders", "monolith/orders/letters.py", "mail")


@pytest.fixture
def built(shop):
    graph, contexts = shop
    return build(
        "users", graph=graph, contexts=contexts, root=ROOT, operations=OPERATIONS, reads=READS,
        relations=[("orders.Order", "user")], consumers=[CONSUMER],
    )  # fmt: skip


def test_the_document_is_valid(built):
    document = json.loads(openapi.render(built.contract))
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["openapi"] == "3.1.0"


def test_what_is_read_back_is_what_was_written(built):
    assert openapi.load(openapi.render(built.contract)) == built.contract


def test_reads_with_scalars_are_gets_and_the_rest_are_posts(built):
    paths = json.loads(openapi.render(built.contract))["paths"]
    assert list(paths["/v1/get_user"]) == ["get"]
    assert list(paths["/v1/get_users_by_ids"]) == ["post"]
    assert list(paths["/v1/create_address_with_city_and_user_id"]) == ["post"]
    [parameter] = paths["/v1/get_user_by_email"]["get"]["parameters"]
    assert parameter["schema"] == {"type": "string"}


def test_problems_and_secrets_are_told(built):
    assert [(each.model, each.attribute) for each in built.problems] == [(USER, "addresses")]
    [warning] = built.warnings
    assert "users.User.password" in warning


def test_values_hold_what_is_read_where_a_call_or_relation_gives_them(built):
    values = {value.model: value for value in built.contract.values}
    assert values.keys() == {USER, "users.Profile", "users.Address"}
    assert [each.name for each in values[USER].columns] == [
        "id", "email", "last_login", "password",
    ]  # fmt: skip
    assert [each.is_carried for each in values[USER].members] == [True, True, False]
    [back] = values["users.Profile"].related
    assert not back.is_carried
    assert back.key == "user_id"


def test_consumers_are_told_per_operation(built):
    assert openapi.consumers_of(built.contract, "get_user_by_email") == (CONSUMER,)
    assert openapi.consumers_of(built.contract, "get_users_by_ids") == (
        Consumer("get_users_by_ids", "orders", "monolith/orders/models.py", "Order.user"),
    )


def test_the_next_run_keeps_what_is_still_called_and_names_what_is_dropped(built, shop):
    graph, contexts = shop
    before = openapi.load(openapi.render(built.contract))
    called = [CONSUMER, replace(CONSUMER, operation="user_has_perm_with_perm")]
    after = build(
        "users", graph=graph, contexts=contexts, root=ROOT, before=before, consumers=called,
        reads=READS, relations=[("orders.Order", "user")],
    )  # fmt: skip
    names = {each.name for each in after.contract.operations}
    assert names == {
        "get_user", "get_user_by_email", "get_users_by_ids", "user_has_perm_with_perm",
        "user_has_usable_password",
    }  # fmt: skip
    assert set(after.dropped) == {each.name for each in before.operations} - names
    assert {value.model for value in after.contract.values} == {USER, "users.Profile"}
    again = build(
        "users", graph=graph, contexts=contexts, root=ROOT, before=after.contract, consumers=called,
        reads=READS, relations=[("orders.Order", "user")],
    )  # fmt: skip
    assert openapi.render(again.contract) == openapi.render(after.contract)
    assert again.dropped == ()


def test_a_second_run_over_the_same_code_is_the_same_to_the_byte(built, shop):
    graph, contexts = shop
    again = build(
        "users", graph=graph, contexts=contexts, root=ROOT, operations=OPERATIONS[::-1],
        reads=READS[::-1], relations=[("orders.Order", "user")], consumers=[CONSUMER],
        before=openapi.load(openapi.render(built.contract)),
    )  # fmt: skip
    assert openapi.render(again.contract) == openapi.render(built.contract)


def test_unknown_columns_are_problems(shop):
    graph, contexts = shop
    operations = [Operation(USER, "get", "", by("emial"), order_by=("age",))]
    found = build("users", graph=graph, contexts=contexts, root=ROOT, operations=operations)
    assert {each.attribute for each in found.problems} == {"emial", "age"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"paths": {"/v1/a": {"get": {}}}}'])
def test_a_file_that_is_no_contract_is_refused_by_name(text):
    with pytest.raises(CodemodsError, match=r"contracts/users\.json"):
        openapi.load(text, "contracts/users.json")
