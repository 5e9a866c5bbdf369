"""The table of sagas in the test database, for as long as these tests run."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from strangler.client.saga import definition


@pytest.fixture(scope="package", autouse=True)
def saga_app(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    apps.set_installed_apps([*settings.INSTALLED_APPS, "strangler.client.saga"])
    with django_db_blocker.unblock():
        call_command("migrate", "strangler_saga", verbosity=0)
    yield
    apps.unset_installed_apps()


@pytest.fixture
def defined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the sagas that a test defines."""
    monkeypatch.setattr(definition, "_sagas", {})
