"""Rows that a signal makes with others, told to stand-in factories."""

from dataclasses import replace

import pytest

from codemods.extract.made_with import made_with
from codemods.extract.tree import Tree
from codemods.project.contexts import Contexts
from tests.codemods.extract.test_closure import GRAPH, model

SIGNALS = """
from django.conf import settings
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from shop.users.models import Profile, User


@receiver({signal}, sender={sender})
def with_each(*, instance, created, raw=False, **rest):
    if {condition}:
        {body}
"""
MAKES = "Profile.objects.get_or_create(user=instance)"


def made(signal="post_save", sender="User", condition="created and not raw", body=MAKES):
    path = "shop/users/signals.py"
    text = SIGNALS.format(signal=signal, sender=sender, condition=condition, body=body)
    models = {f"users.{name}": model(f"users.{name}", f"shop.users.models:{name}")
              for name in ("User", "Profile")}  # fmt: skip
    graph = replace(GRAPH, models=models)
    contexts = Contexts({"users": "users"}, (("shop/users", "users"),), clients="shop.clients")
    modules = {"shop.users.signals": path}
    tree = Tree(graph, contexts, ("users",), modules, frozenset([path]), {path: text}.get)
    return made_with(tree, "users")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"sender": "settings.AUTH_USER_MODEL"},
        {"condition": "created"},
        {"body": "Profile.objects.create(user=instance)"},
    ],
    ids=str,
)
def test_a_row_that_is_made_with_each_is_told(said):
    assert made(**said) == {"users.User": {"users.Profile": "user"}}


@pytest.mark.parametrize(
    "said",
    [
        {"signal": "post_delete"},
        {"sender": "Profile", "body": "Elsewhere.objects.create(user=instance)"},
        {"condition": "created and instance.is_staff"},
        {"condition": "created or raw"},
        {"body": "Profile.objects.create(user=instance, phone=instance.phone)"},
        {"body": "Profile.objects.filter(user=instance)"},
    ],
    ids=str,
)
def test_what_depends_on_the_row_is_not(said):
    assert not made(**said)
