"""A generated client of the shop's users, called as tests call it, and what that leaves behind."""

import json

import pytest
from django.utils.timezone import now

from codemods.contract import openapi
from codemods.contract.operations import Operation
from monolith.users.factories import UserFactory
from monolith.users.models import Profile
from strangler.client.pacts.interactions import interactions
from strangler.client.pacts.recording import Recorder, recording
from tests.codemods.contract.conftest import by, make, shop

__all__ = ["make", "shop"]

USER, ADDRESS, PROFILE = "users.User", "users.Address", "users.Profile"
SECRETS = ("ada.lovelace@shop.test", "Lovelace", "12 Crescent Road", "1815-12-10")
BY_EMAIL = Operation(USER, "get", "", by("email__iexact"))
FIRST = Operation(USER, "first", "", by("email"))
LISTED = Operation(USER, "list", "", by("is_active"), order_by=("email",), is_limited=True)
EXISTS = Operation(USER, "exists", "", by("email"))
ROWS = Operation(USER, "values", "", by("email"), columns=("id", "email", "last_login"))
COUNT = Operation(USER, "count", "", exclude=by("is_active"))
CREATE = Operation(ADDRESS, "create", "", writes=by("user_id", "line1", "city", "postcode"))


@pytest.fixture(scope="session")
def users(make):
    reads = [
        *((USER, name) for name in ("email", "last_name", "last_login", "profile", "full_name",
                                    "__str__")),
        (PROFILE, "birth_date"), (PROFILE, "loyalty_points"), (ADDRESS, "city"), (ADDRESS, "line1"),
    ]  # fmt: skip
    return make(
        "users", operations=[BY_EMAIL, FIRST, LISTED, EXISTS, ROWS, COUNT, CREATE], reads=reads,
        relations=[("orders.Order", "user")],
    )  # fmt: skip


@pytest.fixture
def recorded(users, db, settings):
    """What a consumer's tests leave behind that use personal data as tests do."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    email, name, line, birth = SECRETS
    ada = UserFactory(email=email, last_name=name, last_login=now())
    UserFactory(email="bob@shop.test")
    Profile.objects.filter(user=ada).update(birth_date=birth)
    recorder = Recorder()
    with recording(recorder):
        users.client.get_user(id=ada.pk)
        users.client.get_users_by_ids(ids=(key for key in [ada.pk]))
        users.client.get_users_by_ids(ids=[])
        with pytest.raises(users.client.User.DoesNotExist):
            users.client.get_user(id=10**6)
        users.call(BY_EMAIL, email_iexact=email)
        users.call(FIRST, email=email)
        users.call(FIRST, email="nobody")
        users.call(LISTED, is_active=True, offset=0, limit=2)
        users.call(EXISTS, email=email)
        users.call(EXISTS, email="nobody")
        users.call(ROWS, email="bob@shop.test")
        users.call(COUNT, not_is_active=True)
        users.call(CREATE, user_id=ada.pk, line1=line, city="x", postcode="1")
        with pytest.raises(ValueError, match="number"):
            users.client.get_user(id="none")
    return recorder


@pytest.fixture
def contract(users):
    return json.loads(openapi.render(users.contract))


@pytest.fixture
def its(recorded, contract):
    return interactions(recorded.found, contract)
