"""What is done for others is done once for its key, and taken back once, in any order."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from strangler.client.idempotency import effects


@pytest.fixture(scope="module", autouse=True)
def kept(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    apps.set_installed_apps([*settings.INSTALLED_APPS, "strangler.client.idempotency"])
    with django_db_blocker.unblock():
        call_command("migrate", "strangler_idempotency", verbosity=0)
    yield
    apps.unset_installed_apps()


def notes():
    return apps.get_model("strangler_idempotency", "IdempotencyKey").objects


@hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(["do", "fail", "take back", "fail to take back"]), max_size=6))
@pytest.mark.django_db
def test_it_is_done_once_and_taken_back_once_whatever_comes_in_which_order(db, arrivals):
    notes().all().delete()
    done: list[str] = []
    undone: list[object] = []

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    for arrival in arrivals:
        is_back = bool(undone)
        if arrival == "do" and is_back:
            with pytest.raises(effects.TakenBackError):
                effects.once("k", lambda: done.append("again"))
        elif arrival == "do":
            assert effects.once("k", lambda: done.append("once") or {"n": 1}) == {"n": 1}
        elif arrival == "fail" and not done and not is_back:
            with pytest.raises(ZeroDivisionError):
                effects.once("k", fail)
        elif arrival == "take back":
            effects.take_back("k", undone.append)
        elif arrival == "fail to take back" and not is_back:
            with pytest.raises(ZeroDivisionError):
                effects.take_back("k", fail)
    assert done in ([], ["once"])
    assert undone in ([], [{"n": 1} if done else None])


@pytest.mark.django_db
def test_they_outlast_the_keys_of_calls():
    effects.once("k", lambda: 1)
    notes().create(key="call", digest="x", answer="1")
    command = import_module(
        "strangler.client.idempotency.management.commands.clear_idempotency_keys"
    )
    call_command(command.Command(), older_than_h=0, verbosity=0)
    assert [each.key for each in notes().all()] == [effects.PREFIX + "k"]


def test_it_needs_the_app():
    apps.unset_installed_apps()
    try:
        with pytest.raises(Exception, match="INSTALLED_APPS"):
            effects.once("k", lambda: 1)
    finally:
        apps.set_installed_apps([*settings.INSTALLED_APPS, "strangler.client.idempotency"])
