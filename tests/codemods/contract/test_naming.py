"""Names say the shape: alike for the same shape, never the same for two."""

import keyword
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemods.contract.naming import MAX_LENGTH, argument, by_id, by_ids, named
from codemods.contract.nouns import noun, nouns, plural
from codemods.contract.operations import LINKS, MEMBER, Operation, Parameter

USER = "users.User"


def by(*lookups, type_="str"):
    return tuple(Parameter("", lookup, type_) for lookup in lookups)


def test_keys_name_the_plainest_operations():
    assert by_id(USER, "int", {}).name == "get_user"
    assert by_ids(USER, "int", {}).name == "get_users_by_ids"
    assert by_ids(USER, "int", {}).filters[0].name == "ids"


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (Operation(USER, "get", "", filters=by("id")), "get_user"),
        (Operation(USER, "get", "", filters=by("email__exact")), "get_user_by_email"),
        (Operation(USER, "get", ""), "get_user_unfiltered"),
        (Operation(USER, "exists", "", filters=by("email__iexact")), "has_users_by_email_iexact"),
        (
            Operation("users.Address", "first", "", filters=by("user_id", "is_default")),
            "first_address_by_is_default_and_user_id",
        ),
        (
            Operation("shop.Order", "count", "", exclude=by("status")),
            "count_orders_excluding_status",
        ),
        (
            Operation("shop.Product", "list", "", by("is_active"), order_by=("-price", "id"),
                      is_limited=True),
            "list_products_by_is_active_ordered_by_price_desc_and_id_limited",
        ),
        (
            Operation(USER, "values", "", by("pk__in"), columns=("email",), is_flat=True),
            "values_email_of_users_by_ids",
        ),
        (
            Operation(USER, "values", "", columns=("email", "id"), is_mapping=True),
            "dicts_email_and_id_of_users",
        ),
        (
            Operation("shop.Line", "create", "", writes=by("sku", "order_id")),
            "create_line_with_order_id_and_sku",
        ),
        (
            Operation("users.Profile", "update", "", by("pk"), writes=by("phone")),
            "update_profile_by_id_setting_phone",
        ),
        (
            Operation("shop.Order", "latest", "", by("user_id"), order_by=("placed_at",)),
            "latest_order_by_user_id_ordered_by_placed_at",
        ),
        (
            Operation(USER, "ids", "", by("email__iexact"), columns=("pk",), is_flat=True),
            "find_user_ids_by_email_iexact",
        ),
        (
            Operation("pay.Payment", "ids", "", by("state"), columns=("order_id",), is_flat=True),
            "find_order_ids_of_payments_by_state",
        ),
        (Operation(USER, MEMBER, "", member="get_full_name"), "user_get_full_name"),
        (Operation(USER, "list", "", manager="active"), "list_users_through_active"),
        (
            Operation(USER, "save", "", by("pk"), writes=by("email"), is_partial=True),
            "save_user_only_setting_email",
        ),
        (Operation(USER, "delete_row", "", by("pk")), "delete_user"),
        (Operation(USER, "delete", "", by("pk")), "delete_users_by_id"),
        (Operation(USER, "delete", ""), "delete_users_unfiltered"),
        (
            Operation(USER, "get_or_create", "", by("email"), writes=by("city")),
            "get_or_create_user_by_email_setting_city",
        ),
        (Operation(USER, "add", "", by("ids"), member="groups"), "add_user_groups"),
        (
            Operation(USER, "ask", "", by("key"), member="for_key", manager="objects"),
            "ask_users_for_key_with_key",
        ),
        (
            Operation(USER, "count", "", by("city"), scopes=("active",), given=by("active.since"),
                      manager="objects"),
            "count_users_among_active_given_since_by_city_through_objects",
        ),
        (Operation(USER, "list", "", by("profile__phone")), "list_users_by_profile__phone"),
    ],
)  # fmt: skip
def test_names_read_like_the_call(operation, name):
    assert named(operation).name == name


def test_order_of_filters_means_nothing():
    one = Operation(USER, "get", "", filters=by("email", "is_active"))
    other = replace(one, filters=one.filters[::-1])
    assert named(one) == named(other)


def test_naming_twice_changes_nothing():
    operation = named(Operation(USER, "update", "", by("is_active"), writes=by("is_active")))
    assert [each.name for each in (*operation.filters, *operation.writes)] == [
        "is_active",
        "set_is_active",
    ]
    assert named(operation) == operation


def test_words_of_the_grammar_in_a_shape_call_for_a_digest():
    odd = Operation(USER, "get", "", filters=by("terms_and_conditions"))
    pair = Operation(USER, "get", "", filters=by("conditions", "terms"))
    assert named(odd).name.startswith("get_user_by_terms_and_conditions_x")
    assert named(pair).name == "get_user_by_conditions_and_terms"


def test_long_names_are_cut_between_words_and_stay_apart():
    lookups = [f"some_rather_long_column_{number}" for number in range(9)]
    longer = named(Operation(USER, "list", "", by(*lookups))).name
    other = named(Operation(USER, "list", "", by(*lookups, "another"))).name
    assert max(len(longer), len(other)) <= MAX_LENGTH
    assert longer != other


def test_models_called_alike_are_named_with_their_app():
    found = nouns(["basket.Line", "order.Line", "order.Order"])
    assert {label: its.value for label, its in found.items()} == {
        "basket.Line": "BasketLine",
        "order.Line": "OrderLine",
        "order.Order": "Order",
    }
    assert nouns(["order.OrderLine", "order.Line", "basket.Line"])["order.OrderLine"].value != (
        nouns(["order.OrderLine", "order.Line", "basket.Line"])["order.Line"].value
    )


def test_members_of_models_whose_names_start_alike_stay_apart():
    its = nouns(["users.User", "users.UserProfile"])
    one = named(Operation("users.User", MEMBER, "", member="profile_name"), its)
    other = named(Operation("users.UserProfile", MEMBER, "", member="name"), its)
    assert one.name != other.name == "user_profile_name"


@pytest.mark.parametrize(
    ("one", "many"),
    [("user", "users"), ("address", "addresses"), ("category", "categories"), ("day", "days"),
     ("order_line", "order_lines"), ("staff_person", "staff_people"), ("tax", "taxes")],
)  # fmt: skip
def test_plurals_are_english(one, many):
    assert plural(one) == many


def test_value_classes_keep_the_models_name():
    assert noun("shop.APIKey") == nouns(["shop.APIKey"])["shop.APIKey"]
    assert noun("shop.APIKey").one == "api_key"


PATHS = st.sampled_from(
    [
        "id", "pk", "ids", "email", "user", "user_id", "created_by", "checked_in", "rows",
        "name_exact", "terms_and_x", "email_2", "limit", "order", "ordered_by", "not_email",
        "set_email", "random", "random_desc", "profile__id", "profile_id", "date_of_birth",
        "with_email", "x12345678",
    ]
)  # fmt: skip
LOOKUP = st.builds(
    lambda path, operator: path + operator,
    PATHS,
    st.sampled_from(
        ["", "__exact", "__in", "__iexact", "__gt", "__isnull", "__date", "__date__gt"]
    ),
)
PARAMETERS = st.lists(LOOKUP, max_size=3, unique=True).map(lambda found: by(*found))
LABELS = ("a.User", "b.User", "a.UserProfile", "a.Users", "a.List", "a.UserByEmail", "a.Category")
NOUNS = nouns(LABELS)
OPERATIONS = st.builds(
    Operation,
    st.sampled_from(LABELS),
    st.sampled_from(["get", "get_by_ids", "first", "last", "list", "count", "exists"]),
    st.just(""),
    filters=PARAMETERS,
    exclude=PARAMETERS,
    order_by=st.lists(
        st.one_of(PATHS, PATHS.map("-{}".format), st.just("?")), max_size=2, unique=True
    ).map(tuple),
    is_distinct=st.booleans(),
    is_limited=st.booleans(),
    manager=st.sampled_from(["", "active", "objects"]),
) | st.builds(
    Operation,
    st.sampled_from(LABELS),
    st.sampled_from(["create", "update", "save", "values", MEMBER, "add", "set", "ask"]),
    st.just(""),
    filters=PARAMETERS,
    columns=st.lists(PATHS, min_size=1, max_size=2, unique=True).map(tuple),
    writes=PARAMETERS,
    member=st.sampled_from(["profile_email", "email", "s_by_id", "get_x", "x_and_save"]),
    is_partial=st.booleans(),
    scopes=st.sampled_from([(), ("active",), ("active", "by_id"), ("active_and_by", "x")]),
    manager=st.sampled_from(["active", "objects"]),
)


WRITING, ASKING = ("create", "update", "save"), (MEMBER, "ask", *LINKS)


def shape_of(operation):
    found = named(operation, NOUNS)
    verb = found.verb
    return replace(
        found,
        name="",
        filters=() if verb in ("create", *LINKS) else tuple(each.lookup for each in found.filters),
        exclude=tuple(each.lookup for each in found.exclude),
        writes=tuple(each.lookup for each in found.writes) if verb in WRITING else (),
        columns=found.columns if verb == "values" else (),
        member=found.member if verb in ASKING else "",
        is_partial=found.is_partial and verb not in ASKING,
        scopes=() if verb in ASKING else found.scopes,
        manager="" if verb in ASKING and verb != "ask" else found.manager,
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(OPERATIONS, min_size=40, max_size=80))
def test_two_shapes_never_share_a_name(operations):
    shapes = {}
    for operation in operations:
        shapes.setdefault(named(operation, NOUNS).name, set()).add(shape_of(operation))
    assert {name: found for name, found in shapes.items() if len(found) > 1} == {}


@given(LOOKUP, LOOKUP)
def test_two_lookups_are_never_spelt_alike(one, other):
    plain = [named(Operation(USER, "get", "", by(each))).filters[0].lookup for each in (one, other)]
    assert (plain[0] == plain[1]) is (argument(plain[0]) == argument(plain[1]))


@given(OPERATIONS)
def test_names_and_arguments_are_identifiers(operation):
    found = named(operation, NOUNS)
    spelled = [each.name for each in (*found.filters, *found.exclude, *found.writes)]
    assert all(each.isidentifier() and not keyword.iskeyword(each) for each in spelled)
    assert len(set(spelled)) == len(spelled)
    assert found.name.isidentifier()
    assert len(found.name) <= MAX_LENGTH
