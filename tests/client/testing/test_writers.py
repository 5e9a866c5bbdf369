"""Whose writes of a copied row are a test's."""

import pytest

from strangler.client.testing.writers import is_a_test

Copied = type("Copied", (), {"__module__": "shop.users.models"})
ORM = ("django/db/models/base.py", "django.db.models.base")


def asked_by(*callers):
    """Return what is told of a write that these ask for, the ORM first."""
    told = is_a_test
    for path, module in callers:
        names = {"__name__": module, "told": told}
        exec(compile("def ask(model): return told(model)", path, "exec"), names)
        told = names["ask"]
    return told(Copied)


@pytest.mark.parametrize(
    "callers",
    [
        (ORM,),
        (ORM, ("shop/users/models.py", "shop.users.models")),
        (ORM, ("shop/orders/conftest.py", "shop.orders.conftest")),
        (ORM, ("shop/users/factories.py", "shop.users.factories")),
        (ORM, ("shop/orders/tests/making.py", "shop.orders.tests.making")),
    ],
    ids=("test", "own model", "conftest", "factory", "beside tests"),
)
def test_a_test_writes_for_the_owner(callers):
    assert asked_by(*callers)


@pytest.mark.parametrize(
    "callers",
    [
        (ORM, ("shop/orders/services.py", "shop.orders.services")),
        (ORM, ("rest_framework/serializers.py", "rest_framework.serializers")),
        (ORM, ("django/core/handlers/base.py", "django.core.handlers.base")),
        (ORM, ("shop/orders/models.py", "shop.orders.models")),
    ],
    ids=("service", "serializer", "view of a library", "model of the service"),
)
def test_what_is_tested_does_not_write_though_a_test_calls_it(callers):
    assert not asked_by(*callers)
