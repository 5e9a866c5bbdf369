"""Provider states: the rows that an interaction needs, and nothing of this outside of tests."""

import json

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import include, path

from monolith.orders.models import Order
from monolith.products.models import Category, Product
from monolith.users.models import Address, Profile, User
from strangler.client.pacts import states

urlpatterns: list = []
USER = "users.User"


@pytest.fixture
def under_test(settings):
    settings.PACT_STATES = {}
    settings.ROOT_URLCONF = __name__
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    urlpatterns[:] = [path("", include(states.urls()))]


def test_settings_that_are_not_for_tests_cannot_serve_them():
    with pytest.raises(ImproperlyConfigured, match="PACT_STATES"):
        states.urls()


def ask(told, **meta):
    return Client().post("/_pact/state", json.dumps(told), content_type="application/json", **meta)


@pytest.mark.django_db(transaction=True)
def test_a_state_deletes_every_row_and_makes_its_own(under_test):
    User.objects.create(email="before@shop.test")
    parameters = {"model": USER, "count": 1, "where": {"pk__in": [1], "is_staff": True}}
    assert ask({"action": "setup", "state": "x", "params": parameters}).status_code == 200
    [user] = User.objects.all()
    assert (user.pk, user.is_staff) == (1, True)
    assert user.last_login is not None
    assert ContentType.objects.exists()
    assert ask({"action": "teardown", "params": parameters}).status_code == 200
    assert ask({"state": "nothing at all", "params": {}}).status_code == 200
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_lookups_exclusions_and_relations_are_met(under_test, settings):
    settings.PACT_STATES = {"users.Profile": "tests.servers.pact_rows.profile"}
    where = {"first_name__gte": "text"}
    states.set_up({"model": USER, "count": 2, "where": where, "excluding": {"is_active": True}})
    assert User.objects.filter(first_name__gte="text").exclude(is_active=True).count() == 2
    states.set_up({"model": "products.Product", "count": 1, "where": {"category__slug": "text"}})
    assert Product.objects.get().category == Category.objects.get(slug="text")
    states.set_up({"model": "users.Address", "count": 0, "writes": {"user_id": 1, "city": "x"}})
    assert (User.objects.get().pk, Address.objects.count()) == (1, 0)
    states.set_up({"model": "users.Profile", "count": 1, "where": {"favourite_products": 7}})
    assert [each.pk for each in Profile.objects.get(favourite_products=7).favourite_products.all()]
    states.set_up({"model": "orders.Order", "count": 1, "where": {"user_id": 5}})
    assert Order.objects.get().user_id == 5


@pytest.mark.django_db(transaction=True)
def test_a_team_s_own_function_makes_the_row(under_test, settings):
    settings.PACT_STATES = {USER: lambda **columns: User.objects.create(email="own", **columns)}
    states.set_up({"model": USER, "count": 1, "where": {"pk": 3}})
    assert (User.objects.get().pk, User.objects.get().email) == (3, "own")


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_made_is_told_once(under_test):
    parameters = {"model": USER, "count": 1, "where": {"addresses__city": "text"}}
    answer = ask({"state": "x", "params": parameters})
    assert (answer.status_code, "addresses__city" in answer.json()["error"]) == (422, True)


@pytest.mark.parametrize("meta", [{"REMOTE_ADDR": "10.0.0.9"}, {"HTTP_X_FORWARDED_FOR": "1.2.3.4"}])
def test_only_direct_callers_on_this_machine_may_ask(under_test, meta):
    assert ask({"params": {}}, **meta).status_code == 403
