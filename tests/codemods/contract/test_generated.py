"""What is generated for the reference shop runs, and gives what the ORM itself gives."""

import ast
import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext

from codemods.contract.operations import MEMBER, Operation
from monolith.products.factories import ProductFactory
from monolith.products.models import Category, Product, Stock
from monolith.users.factories import UserFactory
from monolith.users.models import Address, Profile, User
from strangler.client.failures import MisconfiguredError, TooManyIdsError
from tests.codemods.contract.conftest import by

USER, ADDRESS, PROFILE = "users.User", "users.Address", "users.Profile"
USER_READS = [
    (USER, "email"), (USER, "full_name"), (USER, "get_full_name"), (USER, "profile"),
    (USER, "__str__"), (USER, "is_authenticated"), (USER, "has_usable_password"),
    (PROFILE, "loyalty_points"), (PROFILE, "user"), (PROFILE, "__str__"), (PROFILE, "birth_date"),
    (ADDRESS, "city"), (ADDRESS, "user_id"),
]  # fmt: skip
RELATIONS = [("orders.Order", "user"), ("orders.Order", "shipping_address")]


@pytest.fixture
def people(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    Profile.objects.filter(user=UserFactory(email="ada@shop.test", first_name="Ada")).update(
        loyalty_points=7, birth_date=date(1815, 12, 10)
    )
    for name in ("bob", "cyd", "dan"):
        user = UserFactory(email=f"{name}@shop.test", first_name=name, is_active=name != "dan")
        Address.objects.create(user=user, line1="1 Way", city=f"{name}ville", postcode="1")
    return list(User.objects.order_by("email"))


def attributes(value, names):
    return [getattr(value, name) for name in names]


GIVING_ROWS = [
    (Operation(USER, "get", "", by("email__iexact")), {"email_iexact": "ADA@shop.test"},
     lambda: User.objects.get(email__iexact="ADA@shop.test")),
    (Operation(USER, "first", "", by("is_active"), order_by=("-email",)), {"is_active": True},
     lambda: User.objects.filter(is_active=True).order_by("-email").first()),
    (Operation(USER, "first", "", by("email")), {"email": "nobody"}, lambda: None),
    (Operation(USER, "last", "", order_by=("email",)), {},
     lambda: User.objects.order_by("email").last()),
    (Operation(USER, "latest", "", order_by=("email",)), {}, lambda: User.objects.latest("email")),
    (Operation(USER, "earliest", "", by("is_active"), order_by=("email",)), {"is_active": True},
     lambda: User.objects.filter(is_active=True).earliest("email")),
    (Operation(USER, "list", ""), {}, lambda: list(User.objects.all())),
    (Operation(USER, "list", "", by("email__in"), by("is_active"), ("-email",)),
     {"email_in": ("ada@shop.test", "cyd@shop.test", "dan@shop.test"), "not_is_active": False},
     lambda: list(User.objects.filter(email__in=["ada@shop.test", "cyd@shop.test",
                  "dan@shop.test"]).exclude(is_active=False).order_by("-email"))),
    (Operation(USER, "list", "", order_by=("email",), is_limited=True), {"offset": 1, "limit": 2},
     lambda: list(User.objects.order_by("email")[1:3])),
    (Operation(USER, "list", "", by("addresses__city__startswith"), is_distinct=True),
     {"addresses__city_startswith": "c"},
     lambda: list(User.objects.filter(addresses__city__startswith="c").distinct())),
]  # fmt: skip
COMPUTED = [
    (Operation(USER, "count", "", by("is_active")), {"is_active": True}, 3),
    (Operation(USER, "exists", "", by("email")), {"email": "bob@shop.test"}, True),
    (Operation(USER, "exists", "", by("email"), by("is_active")),
     {"email": "bob@shop.test", "not_is_active": True}, False),
    (Operation(USER, "values", "", by("is_active"), columns=("email",), is_flat=True),
     {"is_active": False}, ["dan@shop.test"]),
    (Operation(USER, "values", "", by("first_name"), columns=("email", "profile__loyalty_points")),
     {"first_name": "Ada"}, [("ada@shop.test", 7)]),
    (Operation(USER, "values", "", columns=("email", "addresses__city"), is_mapping=True,
               order_by=("email",), is_limited=True),
     {"limit": 2}, [{"email": "ada@shop.test", "addresses__city": None},
                    {"email": "bob@shop.test", "addresses__city": "bobville"}]),
    (Operation(USER, "ids", "", by("email__iexact"), columns=("pk",), is_flat=True),
     {"email_iexact": "nobody@shop.test"}, []),
]  # fmt: skip


@pytest.fixture(scope="module")
def users(make):
    operations = [each[0] for each in (*GIVING_ROWS, *COMPUTED)]
    operations += [
        Operation(ADDRESS, "create", "", writes=by("user_id", "line1", "city", "postcode")),
        Operation(PROFILE, "update", "", by("user_id"), writes=by("phone", "loyalty_points")),
        Operation(USER, "update", "", by("is_active"), writes=by("is_active")),
        Operation(USER, MEMBER, "", by("raw_password"), member="check_password", returns="bool"),
    ]
    return make("users", operations=operations, reads=USER_READS, relations=RELATIONS)


@pytest.mark.parametrize("strict", ["0", "1"], ids=["in process", "through JSON"])
def test_every_verb_gives_what_the_orm_gives(users, people, monkeypatch, strict):
    monkeypatch.setenv("USERS_CLIENT_STRICT", strict)
    for operation, arguments, expected in GIVING_ROWS:
        found, row = users.call(operation, **arguments), expected()
        assert found == row, operation
        assert type(found) is type(row) or isinstance(found, users.client.User)
    for operation, arguments, expected in COMPUTED:
        assert users.call(operation, **arguments) == expected, operation


@pytest.mark.parametrize("strict", ["0", "1"], ids=["in process", "through JSON"])
def test_ids_are_given_all_or_none(make, people, monkeypatch, strict):
    pks = Operation(USER, "ids", "", by("email__icontains"), columns=("pk",), is_flat=True)
    of_users = Operation(
        ADDRESS, "ids", "", by("city__endswith"), columns=("user_id",), is_distinct=True,
        is_flat=True,
    )  # fmt: skip
    users = make("users", operations=[pks, of_users])
    monkeypatch.setenv("USERS_CLIENT_STRICT", strict)
    monkeypatch.setenv("SERVICE_MAX_ROWS", str(len(people)))
    Address.objects.create(user=people[1], line1="2 Way", city="Newville", postcode="2")
    found = users.client.find_user_ids_by_email_icontains(email_icontains="@SHOP")
    assert sorted(found) == sorted(row.pk for row in people)
    found = users.call(of_users, city_endswith="ville")
    assert sorted(found) == sorted(row.pk for row in people[1:])
    monkeypatch.setenv("SERVICE_MAX_ROWS", str(len(people) - 1))
    with pytest.raises(TooManyIdsError, match="more than 3 ids"):
        users.client.find_user_ids_by_email_icontains(email_icontains="@")
    assert len(users.call(of_users, city_endswith="ville")) == 3
    monkeypatch.setenv("SERVICE_MAX_ROWS", "many")
    with pytest.raises(MisconfiguredError, match="SERVICE_MAX_ROWS"):
        users.call(of_users, city_endswith="ville")


@pytest.mark.parametrize("strict", ["0", "1"], ids=["in process", "through JSON"])
def test_values_carry_what_is_read_and_nothing_else(users, people, monkeypatch, strict):
    monkeypatch.setenv("USERS_CLIENT_STRICT", strict)
    row = people[0]
    value = users.client.get_user(id=row.pk)
    names = ("pk", "id", "email", "full_name", "is_authenticated")
    assert attributes(value, names) == attributes(row, names)
    assert (str(value), value.get_full_name()) == (str(row), row.get_full_name())
    assert value.has_usable_password() is row.has_usable_password()
    assert value.profile.loyalty_points == 7
    assert value.profile.birth_date == date(1815, 12, 10)
    assert str(value.profile) == str(row.profile)
    assert value.profile.user == row
    with pytest.raises(AttributeError, match="users"):
        value.password  # noqa: B018


def test_many_rows_with_their_relations_take_one_query(users, people, django_assert_num_queries):
    ids = [row.pk for row in people]
    with django_assert_num_queries(1):
        found = users.client.get_users_by_ids(ids=(*ids, 10**6))
        assert all(value.profile.user is value for value in found)
        assert [str(value.profile) for value in found] == [
            f"profile of {value.email}" for value in found
        ]
    assert {value.pk for value in found} == set(ids)


def test_a_missing_row_raises_what_callers_catch(users, people):
    with pytest.raises(users.client.User.DoesNotExist):
        users.client.get_user(id=10**6)
    with pytest.raises(User.DoesNotExist):
        users.client.get_user(id=10**6)
    with pytest.raises(ObjectDoesNotExist):
        users.call(Operation(USER, "get", "", by("email__iexact")), email_iexact="nobody")


def test_a_missing_one_to_one_is_missing_as_in_the_orm(users, people):
    Profile.objects.filter(user=people[1]).delete()
    value = users.client.get_user(id=people[1].pk)
    assert not hasattr(value, "profile")
    with pytest.raises(Profile.DoesNotExist):
        value.profile  # noqa: B018


@pytest.mark.parametrize("strict", ["0", "1"], ids=["in process", "through JSON"])
def test_writes_write(users, people, monkeypatch, strict):
    monkeypatch.setenv("USERS_CLIENT_STRICT", strict)
    ada = people[0]
    address = users.client.create_address_with_city_and_line1_and_postcode_and_user_id(
        user_id=ada.pk, line1="2 Way", city="Adaville", postcode="2"
    )
    assert address == Address.objects.get(user=ada)
    assert (address.city, address.user_id) == ("Adaville", ada.pk)
    update = users.client.update_profile_by_user_id_setting_loyalty_points_and_phone
    assert update(user_id=ada.pk, loyalty_points=9, phone="5") == 1
    assert Profile.objects.filter(user=ada, loyalty_points=9, phone="5").exists()
    update = users.client.update_user_by_is_active_setting_is_active
    assert update(is_active=True, set_is_active=False) == 3
    assert not User.objects.filter(is_active=True).exists()
    assert users.client.user_check_password_with_raw_password(id=ada.pk, raw_password="no") is False


def test_decimals_dates_and_nested_relations_of_products(make, db, monkeypatch):
    product = ProductFactory(price=Decimal("12.50"), category__name="Tea")
    Stock.objects.filter(product=product).update(quantity=5, reserved=2)
    products = make(
        "products",
        operations=[Operation("products.Product", "list", "", by("category_id", "price__gte"))],
        reads=[
            ("products.Product", name)
            for name in ("price", "created_at", "category", "stock", "created_by", "__str__",
                         "get_absolute_url")
        ] + [("products.Category", "name"), ("products.Category", "parent"),
             ("products.Stock", "available"), ("products.Stock", "product")],
        relations=[("orders.OrderLine", "product")],
    )  # fmt: skip
    for strict in ("0", "1"):
        monkeypatch.setenv("PRODUCTS_CLIENT_STRICT", strict)
        [value] = products.client.list_products_by_category_id_and_price_gte(
            category_id=product.category_id, price_gte=Decimal("12.5")
        )
        product = Product.objects.get()
        names = ("price", "created_at", "created_by_id")
        assert attributes(value, names) == attributes(product, names)
        assert value.get_absolute_url() == product.get_absolute_url()
        assert (value.category.name, value.category.parent) == ("Tea", None)
        assert (value.stock.available, value.stock.product.price) == (3, Decimal("12.50"))
        assert value.created_by == product.created_by
    Category.objects.update(parent=Category.objects.create(name="Drinks", slug="drinks"))
    product = products.client.get_product(id=product.pk)
    assert product.category.parent.name == "Drinks"


def test_generated_text_is_formatted_plain_and_the_same_every_time(users):
    for path, text in users.files.items():
        ast.parse(text, feature_version=(3, 8))
        assert max(map(len, text.splitlines()), default=0) <= 100, path
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--diff", "--line-length", "100", "--isolated",
         "--target-version", "py38", str(users.folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,I,D1,W", "--ignore",
         "E501", "--target-version", "py38", "--config",
         'lint.isort={known-third-party=["strangler"], known-first-party=["made*", "monolith"]}',
         str(users.folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


WRITTEN = [
    Operation(USER, "save", "", by("pk"), writes=by("first_name")),
    Operation(USER, "save", "", by("pk"), writes=by("first_name"), is_partial=True),
    Operation(USER, "delete_row", "", by("pk")),
    Operation(USER, "get_or_create", "", by("email"), writes=by("first_name")),
    Operation(USER, "update_or_create", "", by("email"), writes=by("first_name")),
    *(Operation(USER, verb, "", by("ids"), member="groups") for verb in ("add", "remove", "set")),
    Operation(USER, "clear", "", member="groups"),
    Operation(USER, "ask", "", by("email"), member="create_user", manager="objects", returns="row"),
]  # fmt: skip


@pytest.mark.parametrize("strict", ["0", "1"], ids=["in process", "through JSON"])
def test_writes_of_one_row_do_what_an_instance_does(make, people, monkeypatch, strict):
    users = make("users", operations=WRITTEN, reads=USER_READS)
    call = users.client
    monkeypatch.setenv("USERS_CLIENT_STRICT", strict)
    ada, bob = people[:2]
    User.objects.filter(pk=ada.pk).update(last_name="Elsewhere")
    assert call.save_user_setting_first_name(id=ada.pk, first_name="A.").full_name == "A. Elsewhere"
    with CaptureQueriesContext(connection) as captured:
        call.save_user_only_setting_first_name(id=ada.pk, first_name="Ada")
    [update] = [each["sql"] for each in captured if each["sql"].startswith("UPDATE")]
    assert "last_name" not in update
    with pytest.raises(User.DoesNotExist):
        call.save_user_setting_first_name(id=0, first_name="Ada")
    got = [
        call.get_or_create_user_by_email_setting_first_name(email=each, first_name="new")
        for each in ("bob@shop.test", "eve@shop.test")
    ]
    assert got == [(bob, False), (User.objects.get(email="eve@shop.test"), True)]
    found, is_new = call.update_or_create_user_by_email_setting_first_name(
        email="bob@shop.test", first_name="Robert"
    )
    assert (found, is_new, User.objects.get(pk=bob.pk).first_name) == (bob, False, "Robert")
    new = call.ask_users_create_user_with_email(email="New@Shop.test")
    assert new == User.objects.get(email="New@shop.test")
    assert call.delete_user(id=bob.pk) is None
    assert call.delete_user(id=bob.pk) is None
    assert not User.objects.filter(pk=bob.pk).exists()


def test_rows_are_linked_through_the_row_that_has_the_relation(make, people):
    users = make("users", operations=WRITTEN, reads=USER_READS).client
    ada, groups = people[0], [Group.objects.create(name=name) for name in "abc"]
    ids = [group.pk for group in groups]
    users.add_user_groups(id=ada.pk, ids=ids[:2])
    users.remove_user_groups(id=ada.pk, ids=ids[:1])
    assert list(ada.groups.all()) == groups[1:2]
    users.set_user_groups(id=ada.pk, ids=[ids[2]])
    assert list(ada.groups.all()) == groups[2:]
    users.clear_user_groups(id=ada.pk)
    assert not ada.groups.exists()
