"""Which change of a contract breaks whom: on documents as they are generated, and as an order."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemods.contract import compat_report
from codemods.contract.compat import RULES, Verdict, compare, is_compatible
from codemods.contract.compat_offer import Answer, Call, Offer, Use, offer_of
from codemods.contract.compat_shapes import OBJECT, Kind, Property, Shape, shape_of
from codemods.contract.compat_sites import Site, located
from codemods.errors import CodemodsError
from tests.codemods.contract.test_compat_fit import SHAPES
from tests.codemods.contract.test_golden import GOLDEN

DOCUMENT = json.loads((GOLDEN / "users.json").read_text())
GET, LIST = "get_user_by_email_iexact", "list_users_by_is_staff_ordered_by_email_limited"
LETTERS = Use("orders", "shop/orders/letters.py")
SERVICES = Use("orders", "shop/orders/services.py", "customer_find")
ORDER = Use("orders", "monolith/orders/models.py", "Order.user")


def changed(change):
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return offer_of(document)


def single(change):
    [found] = compare(offer_of(DOCUMENT), changed(change))
    return found


def operation(document, name):
    [entry] = document["paths"][f"/v1/{name}"].values()
    return entry


def email(document):
    return document["components"]["schemas"]["User"]["properties"]["email"]


def test_equal_documents_have_no_change():
    assert compare(offer_of(DOCUMENT), offer_of(DOCUMENT)) == ()


def test_a_removed_operation_breaks_who_calls_it_and_nobody_else():
    found = single(lambda document: document["paths"].pop(f"/v1/{GET}"))
    assert (found.rule, found.uses, found.verdict) == (
        "operation-removed", (SERVICES,), Verdict.BREAKS,
    )  # fmt: skip
    found = single(lambda document: document["paths"].pop(f"/v1/{LIST}"))
    assert (found.rule, found.uses, found.verdict) == ("operation-removed", (), Verdict.UNUSED)


def test_a_new_operation_breaks_nobody():
    def add(document):
        entry = copy.deepcopy(document["paths"][f"/v1/{GET}"])
        entry["get"]["operationId"] = "get_user_by_phone"
        document["paths"]["/v1/get_user_by_phone"] = entry

    assert [(c.rule, c.verdict) for c in compare(offer_of(DOCUMENT), changed(add))] == [
        ("operation-added", Verdict.ADDED)
    ]


def test_a_field_that_becomes_null_breaks_its_readers_once_for_all_operations():
    found = single(lambda document: email(document).update(type=["string", "null"]))
    assert (found.rule, found.what, found.attribute) == ("answer-nullable", "User.email", "email")
    assert found.uses == (LETTERS,)
    assert {GET, "get_user", LIST} <= set(found.operations)


def test_a_private_field_that_nobody_reads_may_become_null_but_not_go():
    def private(document):
        return document["components"]["schemas"]["User"]["properties"]

    assert single(
        lambda document: private(document)["full_name"].update(type=["string", "null"])
    ).verdict is Verdict.UNUSED  # fmt: skip

    def drop(document):
        del private(document)["full_name"]
        document["components"]["schemas"]["User"]["required"].remove("full_name")

    found = single(drop)
    assert (found.rule, found.what) == ("answer-removed", "User.full_name")
    assert {SERVICES, ORDER} <= set(found.uses)


def test_readers_of_text_are_found_by_str():
    found = single(lambda document: document["components"]["schemas"]["User"]["properties"].update(
        _text={"type": "integer"}))  # fmt: skip
    assert (found.what, found.attribute) == ("User.__str__", "__str__")
    assert [use.path for use in found.uses] == ["shop/orders/templates/order.html"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda entry: entry["parameters"][0].update(name="mail"), "argument-removed"),
        (lambda entry: entry["parameters"][0]["schema"].update(type="integer"),
         "argument-narrowed"),
        (lambda entry: entry["parameters"][0]["schema"].update(enum=["a"]), "argument-narrowed"),
        (lambda entry: entry["parameters"][0]["schema"].update(maxLength=5), "argument-limit"),
        (lambda entry: entry["parameters"].append(
            {"name": "more", "in": "query", "required": True, "schema": {}}), "argument-required"),
        (lambda entry: entry["parameters"][0].update({"in": "header"}), "argument-moved"),
        (lambda entry: entry["responses"].pop("404"), "error-removed"),
        (lambda entry: entry["responses"].pop("200"), "answer-removed"),
        (lambda entry: entry["responses"].update(
            {"404": {"description": "", "x-codes": ["does_not_exist"], "content":
                     {"application/json": {"schema": {"type": "string"}}}}}), "error-changed"),
    ],
)  # fmt: skip
def test_rules_of_one_operation(change, rule):
    found = compare(offer_of(DOCUMENT), changed(lambda document: change(operation(document, GET))))
    assert rule in {each.rule for each in found}
    assert all(each.uses == (SERVICES,) for each in found if each.rule == rule)


def test_an_optional_argument_is_an_addition():
    def add(document):
        operation(document, GET)["parameters"].append(
            {"name": "more", "in": "query", "schema": {"type": "string"}}
        )

    assert compare(offer_of(DOCUMENT), changed(add)) == ()


def test_an_error_code_that_is_told_no_more_is_named():
    found = compare(
        offer_of(DOCUMENT),
        changed(lambda document: document["components"]["responses"]["Missing"].update(
            {"x-codes": []})),
    )  # fmt: skip
    assert ("error-removed", f"{GET} error 404 does_not_exist") in {
        (each.rule, each.what) for each in found
    }


def test_a_read_that_moves_from_get_to_post_is_still_answered_by_both():
    def move(document):
        entry = document["paths"][f"/v1/{GET}"]
        read = entry.pop("get")
        [argument] = read.pop("parameters")
        read["requestBody"] = {"required": True, "content": {"application/json": {"schema": {
            "type": "object", "properties": {argument["name"]: {"type": ["string", "null"]}},
            "required": [argument["name"]], "additionalProperties": False,
        }}}}  # fmt: skip
        entry["post"] = read

    assert compare(offer_of(DOCUMENT), changed(move)) == ()

    def move_alone(document):
        move(document)
        del document["paths"][f"/v1/{GET}"]["post"]["x-methods"]

    assert single(move_alone).rule == "method-changed"


LINES = """\
from shop.clients import users_client


def customer_find(email):
    return users_client.get_user_by_email_iexact(
        email_iexact=email
    )


def letter(user):
    return user.email, User.objects.values("user__email")
"""


def test_a_site_is_found_by_its_line_and_one_that_is_gone_breaks_no_more():
    change = single(lambda document: document["paths"].pop(f"/v1/{GET}"))
    [found] = located([change], {SERVICES.path: LINES}.get)
    assert found.sites == (Site(SERVICES, (5,)),)
    assert str(found.sites[0]) == "shop/orders/services.py:5 in customer_find (orders)"
    [found] = located([change], {SERVICES.path: "pass"}.get)
    assert (found.sites, found.verdict) == ((), Verdict.UNUSED)
    [found] = located([change], {SERVICES.path: ""}.get)
    assert found.verdict is Verdict.UNUSED


def test_a_site_in_another_repository_breaks_without_lines():
    change = single(lambda document: document["paths"].pop(f"/v1/{GET}"))
    [found] = located([change], lambda path: None)
    assert (found.sites, found.verdict) == ((Site(SERVICES, (), is_here=False),), Verdict.BREAKS)
    [found] = located([change], lambda path: None, frozenset({GET}))
    assert (found.verdict, found.is_accepted) == (Verdict.UNUSED, True)


def test_reads_are_found_in_python_and_in_templates():
    change = single(lambda document: email(document).update(type="integer"))
    [found] = located([change], {LETTERS.path: LINES}.get)
    assert found.sites == (Site(LETTERS, (11,)),)
    page = Use("orders", "shop/orders/templates/order.html")
    [found] = located(
        [change.__class__(change.rule, change.what, "", (), "email", (page,))],
        {page.path: "<p>\n{{ order.user.email }}"}.get,
    )
    assert found.sites == (Site(page, (2,)),)


def test_a_relation_is_found_where_its_field_is_declared():
    change = single(lambda document: document["paths"].pop("/v1/get_users_by_ids"))
    text = "class Order:\n    user = users_client.ForeignKey()\n    other = 1\n"
    [found] = located([change], {ORDER.path: text}.get)
    assert found.sites == (Site(ORDER, (2,)),)


def test_every_way_to_tell_names_the_line():
    change = single(lambda document: document["paths"].pop(f"/v1/{GET}"))
    found = located([change], {SERVICES.path: LINES}.get)
    compared = [compat_report.Compared("contracts/users.json", "users", "HEAD", found)]
    assert f"{SERVICES.path}:5" in compat_report.text(compared)
    [told] = compat_report.to_json(compared)["contracts"][0]["changes"]
    assert told["sites"][0]["lines"] == [5]
    assert compat_report.github(compared, folder="back/").startswith(
        f"::error file=back/{SERVICES.path},line=5,title=contract%3A operation-removed::"
    )
    [result] = json.loads(compat_report.sarif(compared))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (SERVICES.path, 5)


@pytest.mark.parametrize(
    "document",
    [{}, [], {"openapi": "2.0"}, {"openapi": "3.1.0", "info": {"title": "x"}, "paths": {"/a": {
        "get": {"responses": {"200": {"$ref": "#/components/responses/Nothing"}}}}}}],
)  # fmt: skip
def test_what_is_no_document_is_refused_by_name(document):
    with pytest.raises(CodemodsError, match=r"contracts/users\.json"):
        offer_of(document, "contracts/users.json")


USES = (Use("orders", "orders/views.py", "page"),)


def call(name, properties, answer, codes):
    return Call(
        name,
        "get",
        f"/v1/{name}",
        Shape((Kind(OBJECT, properties=properties),)),
        tuple((each.name, "query") for each in properties),
        (Answer("200", answer), *(Answer(code, None, frozenset({code})) for code in codes)),
        USES,
    )


PROPERTIES = st.dictionaries(
    st.sampled_from("xy"), st.tuples(SHAPES, st.booleans()), max_size=2
).map(lambda found: tuple(Property(name, *part) for name, part in sorted(found.items())))
CALLS = st.builds(
    call,
    st.sampled_from(["a", "b"]),
    PROPERTIES,
    SHAPES,
    st.sets(st.sampled_from(["404", "409"])).map(sorted),
)
OFFERS = st.lists(CALLS, max_size=2, unique_by=lambda call: call.name).map(
    lambda found: Offer("users", tuple(sorted(found, key=lambda call: call.name)))
)
NUMBERS = [shape_of(schema, {}) for schema in (
    {}, {"type": "number"}, {"type": "integer"}, {"type": ["integer", "null"]},
    {"type": "integer", "minimum": 1},
)]  # fmt: skip
SMALL = [
    Offer("users", (call("a", properties, answer, codes),))
    for answer in NUMBERS
    for codes in ((), ("404",))
    for properties in ((), *((Property("x", shape, required),)
                             for shape in NUMBERS[1:4] for required in (True, False)))
]  # fmt: skip


@settings(max_examples=50)
@given(OFFERS)
def test_an_offer_is_compatible_with_itself(offer):
    assert compare(offer, offer) == ()


def test_compatible_step_by_step_is_compatible_from_end_to_end():
    fits = {
        number: {other for other, after in enumerate(SMALL) if is_compatible(before, after)}
        for number, before in enumerate(SMALL)
    }
    assert sum(map(len, fits.values())) > 4 * len(SMALL)
    for number, others in fits.items():
        assert all(fits[other] <= others for other in others), SMALL[number]


@settings(max_examples=50)
@given(OFFERS, CALLS)
def test_adding_an_operation_is_compatible_and_removing_it_is_not(offer, call):
    rest = tuple(each for each in offer.calls if each.name != call.name)
    less, more = Offer("users", rest), Offer("users", (*rest, call))
    assert is_compatible(less, more)
    assert not is_compatible(more, less)


@settings(max_examples=50)
@given(OFFERS, OFFERS)
def test_every_change_has_a_known_rule_and_names_an_operation(one, two):
    for change in compare(one, two):
        assert change.rule in RULES
        assert change.operations
