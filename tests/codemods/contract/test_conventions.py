"""One shape of interface: generated documents have it, and each departure is told."""

import copy
import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from codemods.contract import openapi
from codemods.contract.conventions import departures
from codemods.contract.document import MAX_ITEMS
from strangler.client import failures, faults, ids, operations, raised
from strangler.client.idempotency import keys
from tests.codemods.contract.test_golden import GOLDEN, generated

GOLDEN_DOCUMENT = json.loads((GOLDEN / "users.json").read_text())
READ = "/v1/get_user_by_email_iexact"
LISTING = "/v1/list_users_by_is_staff_ordered_by_email_limited"


@pytest.fixture
def document():
    return copy.deepcopy(GOLDEN_DOCUMENT)


def told(document):
    return [(each.where, each.told) for each in departures(document)]


def test_generated_documents_are_valid_and_as_agreed(shop):
    document = json.loads(generated(*shop)["users.json"])
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert departures(document) == ()


def test_every_error_an_owner_tells_stands_in_the_document():
    found = {
        code
        for answer in GOLDEN_DOCUMENT["components"]["responses"].values()
        for code in answer["x-codes"]
    }
    refused = re.compile(r'refusal\(\s*\d+,\s*"(\w+)"')
    named = re.compile(r"refusal\(\s*\d+,\s*([\w.]+)")
    texts = [file.read_text() for file in Path(faults.__file__).parent.rglob("*.py")]
    spelled = {code for text in texts for code in refused.findall(text)}
    kept = {keys.IN_PROGRESS, keys.REUSED, keys.NOT_REPEATED, failures.DEPENDENCY_FAILED}
    kept.add(raised.CODE)
    assert len(spelled) > 5
    assert {name for text in texts for name in named.findall(text)} == {"DEPENDENCY_FAILED"}
    assert {code for _, code, _ in faults._CODES} | spelled | kept == found


def test_the_limit_in_the_document_is_the_one_that_is_kept():
    assert ids.MAX_ROWS == operations.MAX_ITEMS == MAX_ITEMS


def _drop(*path):
    def change(document):
        part = document
        for name in path[:-1]:
            part = part[name]
        del part[path[-1]]

    return change


def _set(value, *path):
    def change(document):
        part = document
        for name in path[:-1]:
            part = part[name]
        part[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "where", "says"),
    [
        (_set("3.0.3", "openapi"), "openapi", "3.1"),
        (_drop("components", "schemas", "Error"), "components.schemas.Error", "one body"),
        (_drop("components", "schemas", "Error", "properties", "error", "properties", "code"),
         "components.schemas.Error", "error.code"),
        (_set("2", "info", "version"), READ, "/v2/"),
        (_set("find", "paths", READ, "get", "operationId"), f"get {READ}", "operationId"),
        (_drop("security"), f"get {READ}", "anybody"),
        (_drop("paths", READ, "get", "responses", "default"), f"get {READ}", "default"),
        (_set({"description": "", "content": {"application/json": {"schema": {}}}},
              "paths", READ, "get", "responses", "404"), f"get {READ} 404", "errors"),
        (_drop("paths", LISTING, "get", "responses", "422"), f"get {LISTING}", "never cut short"),
        (_drop("paths", LISTING, "get", "responses", "200", "content", "application/json",
               "schema", "maxItems"), f"get {LISTING} 200", "maxItems"),
        (_drop("paths", LISTING, "get", "parameters", 2), f"get {LISTING}", "offset and limit"),
        (_set("epoch", "components", "schemas", "User", "properties", "email", "format"),
         f"get {READ}", None),
        (_drop("paths", "/v1/get_users_by_ids", "post", "requestBody", "content",
               "application/json", "schema", "properties", "ids", "maxItems"),
         "post /v1/get_users_by_ids ids", "batch"),
    ],
)  # fmt: skip
def test_each_departure_is_told(document, change, where, says):
    change(document)
    found = told(document)
    if says is None:
        assert [place for place, _ in found] == ["components.schemas.User.email"]
    else:
        assert any(place == where and says in text for place, text in found), found


def test_a_path_of_another_form_is_told(document):
    document["paths"]["/v1/users/{id}"] = document["paths"].pop(READ)
    assert any(where == "/v1/users/{id}" for where, _ in told(document))


def test_who_reads_what_survives_being_written_and_read(shop):
    text = generated(*shop)["users.json"]
    contract = openapi.load(text)
    assert {each.attribute for each in contract.readers} == {"email", "__str__"}
    assert openapi.render(contract) == text
