"""Pacts: written from real calls without their data, and what the client itself really sends."""

import json
import re

import pytest
from jsonschema import Draft202012Validator
from pact import Pact

from strangler.client.pacts import writing
from strangler.client.pacts.examples import FORMATS, AnythingError, example, expected
from strangler.client.pacts.forms import form_of, merged
from strangler.client.pacts.interactions import interactions
from strangler.client.pacts.recording import Recorder
from tests.client.pacts.conftest import SECRETS


def test_nothing_that_a_test_used_or_got_is_kept(recorded, its, tmp_path):
    kept = json.dumps(recorded.dump()) + writing.write("shop", its, tmp_path).read_text()
    assert "text" in kept
    for secret in SECRETS:
        assert secret not in kept


def test_every_outcome_is_an_interaction_of_its_own(its):
    told = {each.description: each for each in its.found}
    assert {
        "get_user gives a value", "get_user gives does_not_exist", "get_users_by_ids gives a value",
        "get_users_by_ids gives no rows, ids empty", "first_user_by_email gives nothing",
        "has_users_by_email gives true", "has_users_by_email gives false",
        "list_users_by_is_active_ordered_by_email_limited gives a value, with offset, with limit",
    } <= set(told)  # fmt: skip
    missing = told["get_user gives does_not_exist"]
    assert (missing.status, missing.state) == (404, "no such users.User")
    one = told["get_user_by_email_iexact gives a value"]
    assert one.parameters == {"model": "users.User", "count": 1, "where": {"email__iexact": "text"}}
    assert (one.method, one.query, one.body) == ("GET", {"email_iexact": "text"}, None)
    assert told["count_users_excluding_is_active gives a value"].parameters["excluding"] == {
        "is_active": True
    }
    made = next(each for each in its.found if each.description.startswith("create_address"))
    assert (made.method, made.parameters["writes"]["user_id"]) == ("POST", 1)


def test_what_no_state_is_known_for_is_left_out_and_told(its):
    assert its.left_out == ("get_user fails with invalid_argument: no state is known for that",)


def test_an_operation_that_the_contract_lacks_is_told(recorded, contract):
    del contract["paths"]["/v1/get_user"]
    told = interactions(recorded.found, contract).left_out
    assert any("get_user: not in the contract" in each for each in told)


def test_the_file_has_patterns_for_types_and_is_the_same_every_time(its, tmp_path):
    path = writing.write("shop", its, tmp_path)
    first = path.read_bytes()
    assert writing.write("shop", its, tmp_path).read_bytes() == first
    pact = json.loads(first)
    assert pact["metadata"]["pactSpecification"]["version"] == "4.0"
    [one] = [each for each in pact["interactions"]
             if each["description"] == "get_user gives a value"]  # fmt: skip
    body = one["response"]["body"]["content"]
    assert (body["id"], body["email"], body["_profile"]["birth_date"]) == (1, "text", "2000-01-01")
    rules = one["response"]["matchingRules"]["body"]
    assert rules["$.id"]["matchers"] == [{"match": "integer"}]
    assert rules["$._profile.birth_date"]["matchers"][0]["match"] == "regex"


def test_the_client_sends_what_the_pact_says_and_can_use_what_it_expects(
    users, its, tmp_path, monkeypatch
):
    """The consumer's side: the generated client over HTTP against pact's own mock server."""
    writing.write("shop", its, tmp_path)
    pact = Pact("shop", "users").with_specification("V4")
    names = ("get_user gives a value", "get_users_by_ids gives a value")
    for each in its.found:
        if each.description in names:
            made = pact.upon_receiving(each.description).with_request(each.method, each.path)
            if each.body is None:
                made.with_query_parameters(each.query)
            else:
                made.with_body(each.body, "application/json")
            made.will_respond_with(200).with_body(writing._matcher(each.answer), "application/json")
    with pact.serve() as server:
        monkeypatch.setenv("USERS_CLIENT_TRANSPORT", "http")
        monkeypatch.setenv("USERS_CLIENT_URL", str(server.url).rstrip("/"))
        one = users.client.get_user(id=1)
        assert (one.id, one.email, one.last_login.year) == (1, "text", 2000)
        assert users.client.get_users_by_ids(ids=[1]) == [one]
    users.client.SERVICE.close()


def test_what_was_always_null_is_not_expected(its):
    [rows] = [each for each in its.found if each.path.endswith("_of_users_by_email")
              and each.path.startswith("/v1/rows")]  # fmt: skip
    assert rows.answer is None
    text = {"type": ["string", "null"]}
    schema = {"type": "object", "properties": {"a": text, "b": text}}
    assert list(expected(schema, {"a": True, "b": None}, {}).example) == ["a"]
    with pytest.raises(AnythingError):
        expected(schema, {"a": None}, {})


@pytest.mark.parametrize("schema", [
    *({"type": "string", "format": name} for name in FORMATS),
    {"type": ["integer", "null"]}, {"enum": ["a"]}, {"type": "array", "items": {"type": "number"}},
    {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "boolean"}], "items": False},
])  # fmt: skip
def test_examples_are_valid_and_match_what_is_expected_of_them(schema):
    made = example(schema, {})
    Draft202012Validator(schema).validate(made)
    its = expected(schema, form_of(made), {})
    if its.regex:
        assert re.match(its.regex, made)


def test_what_workers_recorded_is_joined(recorded):
    joined = Recorder()
    for _ in range(2):
        joined.load(json.loads(json.dumps(recorded.dump())))
    assert joined.found == recorded.found


def test_forms_join_to_what_any_of_them_has():
    assert form_of({"a": None, "b": [1, None], "c": "x"}) == {"a": None, "b": [True, None],
                                                              "c": True}  # fmt: skip
    assert merged({"a": None, "b": [True]}, {"a": True, "b": [None, True]}) == {
        "a": True, "b": [True, True],
    }  # fmt: skip
    assert merged(None, [True]) == [True]
