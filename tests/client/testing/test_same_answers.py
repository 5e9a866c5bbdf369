"""A fake answers as the provider does over the ORM, for the same rows and the same calls."""

import json
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from codemods.contract import openapi
from codemods.contract.naming import named
from codemods.contract.operations import Operation
from codemods.contract.operations import Parameter as Named
from monolith.products.models import Category, Product
from monolith.users.models import Address, Profile, User
from strangler.client import wire
from strangler.client.testing import contract
from strangler.client.testing.fake import Fake
from tests.codemods.contract.conftest import by, make, shop

__all__ = ["make", "shop"]

USER, PROFILE, ADDRESS = "users.User", "users.Profile", "users.Address"
READS = {
    "found by text": Operation(USER, "list", "", by("first_name__icontains", "email__iexact")),
    "the reference's ids": Operation(
        USER, "ids", "", by("email__iexact"), columns=("pk",), is_flat=True
    ),
    "ids over a join": Operation(
        ADDRESS, "ids", "", by("user__email__startswith"), columns=("user_id",), is_flat=True
    ),
    "one": Operation(USER, "get", "", by("first_name")),
    "first of the model's order": Operation(USER, "first", "", by("is_active")),
    "last": Operation(USER, "last", "", by("is_active"), order_by=("-last_login", "email")),
    "earliest": Operation(USER, "earliest", "", by("is_active"), order_by=("email",)),
    "latest": Operation(USER, "latest", "", by("is_active"), order_by=("first_name", "email")),
    "a page": Operation(
        USER, "list", "", by("is_active"), order_by=("first_name", "-email"), is_limited=True
    ),
    "nulls in order": Operation(USER, "list", "", (), order_by=("last_login", "email")),
    "not those": Operation(USER, "list", "", exclude=by("first_name", "last_login__gte")),
    "not those at the other end": Operation(
        ADDRESS, "count", "", exclude=by("user__last_login__lte")
    ),
    "how many": Operation(USER, "count", "", by("pk__in")),
    "is there one": Operation(ADDRESS, "exists", "", by("city__in", "user__is_active")),
    "is there one by a relation to many": Operation(
        PROFILE, "exists", "", by("favourite_products")
    ),
    "once for each at the other end": Operation(PROFILE, "count", "", by("favourite_products__in")),
    "once": Operation(PROFILE, "list", "", by("favourite_products__in"), is_distinct=True),
    "columns": Operation(
        ADDRESS,
        "values",
        "",
        by("country"),
        order_by=("city", "pk"),
        columns=("city", "user__email"),
    ),
    "distinct columns": Operation(
        ADDRESS,
        "values",
        "",
        (),
        order_by=("city",),
        columns=("city",),
        is_flat=True,
        is_distinct=True,
    ),
    "named columns": Operation(
        USER,
        "values",
        "",
        by("last_login__isnull"),
        columns=("email", "last_login"),
        is_mapping=True,
    ),
    "a part of a date": Operation(PROFILE, "list", "", by("birth_date__year__gte")),
    "by the other end of a one-to-one": Operation(PROFILE, "get", "", by("user_id")),
    "a member": Operation(
        USER, "member", "", member="public_name", returns="str", is_property=True
    ),
}
WRITES = {
    "create": Operation(ADDRESS, "create", "", writes=by("user_id", "line1", "city", "postcode")),
    "update": Operation(ADDRESS, "update", "", by("city"), writes=by("country")),
    "save": Operation(USER, "save", "", (Named("id", "pk", "int"),), writes=by("first_name")),
    "get_or_create": Operation(
        ADDRESS, "get_or_create", "", by("user_id", "city"), writes=by("line1")
    ),
    "update_or_create": Operation(
        ADDRESS, "update_or_create", "", by("user_id", "city"), writes=by("line1")
    ),
    "delete_row": Operation(ADDRESS, "delete_row", "", (Named("id", "pk", "int"),)),
    "delete": Operation(ADDRESS, "delete", "", by("country")),
}
NAMES, CITIES = ("", "Ada", "ada", "Bo"), ("Ulm", "Jena")
ANY_ORDER = ("ids over a join", "once", "the reference's ids")
BEGIN = timezone.now().replace(microsecond=0)

people = st.lists(
    st.fixed_dictionaries(
        {
            "first_name": st.sampled_from(NAMES),
            "is_active": st.booleans(),
            "last_login": st.none() | st.integers(0, 3).map(lambda n: BEGIN + timedelta(n)),
            "birth_date": st.none() | st.integers(1990, 1993).map(lambda year: date(year, 5, 1)),
            "has_profile": st.booleans(),
            "favourites": st.sets(st.integers(0, 2)),
            "addresses": st.lists(
                st.tuples(st.sampled_from(CITIES), st.sampled_from(("DE", "AT"))), max_size=2
            ),
        }
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def users(make):
    reads = [(USER, name) for name in ("email", "first_name", "is_active", "last_login", "profile",
                                       "get_short_name", "public_name", "__str__")]  # fmt: skip
    reads += [(PROFILE, "birth_date"), (ADDRESS, "city"), (ADDRESS, "country"), (ADDRESS, "user")]
    return make(
        "users",
        operations=[*READS.values(), *WRITES.values()],
        reads=reads,
        relations=[("orders.Order", "user"), ("orders.Order", "shipping_address")],
    )


@pytest.fixture(scope="module")
def fake(users):
    document = json.loads(openapi.render(users.contract))
    return Fake(users.client.SERVICE, contract.read(document))


@contextmanager
def rows(fake, drawn):
    """The same rows in the provider's tables and in the fake, for the time of a block."""
    fake.reset()
    with transaction.atomic():
        category = Category.objects.create(name="c", slug="c")
        products = [
            Product.objects.create(sku=str(n), name="p", slug=str(n), category=category, price=1)
            for n in range(3)
        ]
        for number, each in enumerate(drawn):
            own = {name: each[name] for name in ("first_name", "is_active", "last_login")}
            user = User.objects.create(email=f"{'Ab'[number % 2]}{number}@shop.test", **own)
            fake.add(USER, pk=user.pk, email=user.email, **own)
            profile = Profile.objects.get(user=user)
            profile.birth_date = each["birth_date"]
            profile.save()
            profile.favourite_products.set([products[n] for n in each["favourites"]])
            if each["has_profile"]:
                liked = [products[n] for n in sorted(each["favourites"])]
                fake.add(PROFILE, pk=profile.pk, user=fake.rows(USER)[-1],
                         birth_date=each["birth_date"], favourite_products=liked)  # fmt: skip
            else:
                profile.delete()
            for city, country in each["addresses"]:
                where = {"line1": "x", "city": city, "country": country, "postcode": "1"}
                address = Address.objects.create(user=user, **where)
                fake.add(ADDRESS, pk=address.pk, user_id=user.pk, **where)
        yield [product.pk for product in products]
        transaction.set_rollback(True)


def outcome(call):
    """What a call comes to, as it travels."""
    try:
        with transaction.atomic():
            return json.loads(wire.dumps(call()))
    except (ObjectDoesNotExist, MultipleObjectsReturned) as error:
        return [type(error).__name__, str(error)]


def both(service, fake, operation, arguments):
    real = outcome(lambda: service.call(operation, **arguments))
    service.stand_in(fake)
    try:
        return real, outcome(lambda: service.call(operation, **arguments))
    finally:
        service.stand_in(None)


def calls(products):
    """Arguments for every operation, some that find rows and some that find none."""
    keys = list(User.objects.order_by("pk").values_list("pk", flat=True))
    addresses = list(Address.objects.order_by("pk").values_list("pk", flat=True))
    some = [*keys[:2], 10**6]
    yield from ((operation, {"id": key}) for operation in ("get_user", "user_public_name")
                for key in some)  # fmt: skip
    for name in ("Ada", ""):
        yield "found by text", {"first_name__icontains": name, "email__iexact": "A0@Shop.test"}
        yield "one", {"first_name": name}
    yield "the reference's ids", {"email__iexact": "B1@SHOP.test"}
    yield "ids over a join", {"user__email__startswith": "A"}
    for is_it in (True, False):
        for kind in ("first of the model's order", "last", "earliest", "latest"):
            yield kind, {"is_active": is_it}
        yield "a page", {"is_active": is_it, "offset": 1, "limit": 2}
        yield "named columns", {"last_login__isnull": is_it}
        yield "is there one", {"city__in": ["Ulm"], "user__is_active": is_it}
    yield "a page", {"is_active": True}
    yield "nulls in order", {}
    yield "not those", {"first_name": "Bo", "last_login__gte": BEGIN + timedelta(2)}
    yield "not those at the other end", {"user__last_login__lte": BEGIN + timedelta(1)}
    yield "how many", {"pk__in": some}
    yield "is there one by a relation to many", {"favourite_products": products[0]}
    yield "once for each at the other end", {"favourite_products__in": products[:2]}
    yield "once", {"favourite_products__in": products[:2]}
    yield "columns", {"country": "DE"}
    yield "distinct columns", {}
    yield "a part of a date", {"birth_date__year__gte": 1991}
    yield from (("by the other end of a one-to-one", {"user_id": key}) for key in some)
    yield "get_users_by_ids", {"ids": some}
    yield "get_addresses_by_ids", {"ids": addresses}
    yield "update", {"city": "Ulm", "country": "CH"}
    if active := User.objects.filter(is_active=True).first():
        yield (
            "save",
            {"id": active.pk, "first_name": "Cy"},
        )  # others lose their addresses, by a signal
    if keys:
        for verb in ("get_or_create", "update_or_create"):
            if addresses and Address.objects.filter(user_id=keys[0], city="Ulm").count() == 1:
                yield verb, {"user_id": keys[0], "city": "Ulm", "line1": "y"}
    yield "save", {"id": 10**6, "first_name": "Cy"}
    if addresses:
        yield "delete_row", {"id": addresses[-1]}
    yield "delete", {"country": "AT"}
    yield "columns", {"country": "CH"}


@pytest.mark.django_db
def test_it_answers_every_kind_of_operation_as_the_provider_does(users, fake):
    known = {**READS, **WRITES}

    @settings(max_examples=6, phases=[Phase.generate])
    @given(drawn=people)
    def check(drawn):
        with rows(fake, drawn) as products:
            for kind, given_ in calls(products):
                name, arguments = spelt(known.get(kind), kind, given_)
                real, faked = both(users.client.SERVICE, fake, name, arguments)
                if kind in ANY_ORDER or "ids" in given_:
                    real, faked = (sorted(each, key=str) for each in (real, faked))
                assert faked == real, (kind, given_)

    check()


def spelt(operation, kind, given_):
    """The name of an operation and its arguments as callers spell them."""
    if operation is None:
        return kind, given_
    its = named(operation)
    names = {each.lookup: each.name for each in (*its.filters, *its.exclude, *its.writes)}
    return its.name, {names.get(path, path): it for path, it in given_.items()}
