"""Types of columns, of lookups and of JSON, told by the models."""

import pytest

from codemods.contract.managers import hides_rows, manager_of_every_row
from codemods.contract.types import (
    TYPES,
    annotation,
    followed,
    from_schema,
    schema,
    split_lookup,
    type_of_lookup,
)


@pytest.mark.parametrize(
    ("label", "lookup", "expected"),
    [
        ("users.User", "pk", ("int", False)),
        ("users.User", "pk__in", ("int", True)),
        ("users.User", "email__icontains", ("str", False)),
        ("users.User", "date_joined__gte", ("datetime", False)),
        ("users.User", "date_joined__date", ("date", False)),
        ("users.User", "date_joined__year__gt", ("int", False)),
        ("users.User", "last_login__isnull", ("bool", False)),
        ("users.User", "addresses__city", ("str", False)),
        ("users.User", "addresses", ("int", False)),
        ("users.Profile", "favourite_products", ("int", False)),
        ("users.Profile", "favourite_products__in", ("int", True)),
        ("users.Profile", "user_id", ("int", False)),
        ("users.Profile", "user", ("int", False)),
        ("users.Profile", "user__email__in", ("str", True)),
        ("users.Profile", "birth_date__range", ("date", True)),
        ("products.Product", "price__lt", ("Decimal", False)),
        ("products.Product", "nonsense", None),
        ("products.Product", "name__nonsense", None),
        ("audit.AuditEntry", "data", ("any", False)),
    ],
)
def test_lookups_take_what_their_column_holds(shop, label, lookup, expected):
    assert type_of_lookup(shop[0], label, lookup) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("email", ("str", False)), ("last_login", ("datetime", True)),
     ("profile__phone", ("str", True)), ("groups__name", ("str", True))],
)  # fmt: skip
def test_a_path_may_end_in_none_where_a_join_finds_nothing(shop, path, expected):
    assert followed(shop[0], "users.User", path) == expected


def test_an_operator_is_told_from_a_column():
    assert split_lookup("email__iexact") == ("email", "iexact")
    assert split_lookup("profile__phone") == ("profile__phone", "exact")
    assert split_lookup("in") == ("in", "exact")


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("nullable", [False, True])
def test_a_schema_tells_its_type_again(type_, many, nullable):
    assert from_schema(schema(type_, many=many, nullable=nullable)) == (type_, many, nullable)


def test_an_unknown_schema_is_refused():
    with pytest.raises(ValueError, match="colour"):
        from_schema({"type": "colour"})


def test_annotations_are_those_of_python_3_8():
    assert annotation("datetime", many=True, nullable=True) == "Optional[List[datetime.datetime]]"
    assert annotation("any", nullable=True) == "Any"


def test_managers_with_a_queryset_of_their_own_may_hide_rows(shop, graph):
    assert not hides_rows(shop[0], "users.User", "objects")
    assert not hides_rows(shop[0], "products.Product", "objects")
    assert hides_rows(shop[0], "users.User", "nonsense")
    assert not hides_rows(graph, "goods.Product", "objects")
    assert manager_of_every_row(shop[0], "users.User") == "objects"
