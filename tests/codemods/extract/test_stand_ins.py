"""Modules that stand where another service's were."""

from dataclasses import replace

from codemods.extract import stand_ins
from codemods.project.graph import Module
from tests.codemods.extract.test_closure import GRAPH

VALUES = {"users.User": "shop.clients.users_client.User"}


def test_a_model_is_its_clients_value_and_the_rest_raises_where_it_is_used():
    names = {"user_create": ("function", "x"), "Public": ("class", "x"), "User": ("model", "x")}
    graph = replace(GRAPH, modules={"shop.users.models": Module("shop/users/models.py", names)})
    text = stand_ins.render(
        "shop.users.models", {"User", "Public", "user_create", "*"},
        owner="users", graph=graph, values=VALUES,
    )  # fmt: skip
    assert "from shop.clients.users_client import User\n" in text
    assert 'Public = class_elsewhere("shop.users.models.Public")' in text
    assert 'user_create = function_elsewhere("shop.users.models.user_create")' in text
    assert '__all__ = ["Public", "User", "user_create"]' in text


def test_a_model_without_a_value_is_not_here_either():
    text = stand_ins.render("shop.users.models", {"User"}, owner="users", graph=GRAPH, values={})
    assert 'User = class_elsewhere("shop.users.models.User")' in text


def test_a_model_that_is_needed_as_more_than_a_type_raises_there_and_is_a_type_elsewhere():
    text = stand_ins.render(
        "shop.users.models", {"User"}, owner="users", graph=GRAPH, values=VALUES,
        blocked={"shop.users.models.User"},
    )  # fmt: skip
    assert "from shop.clients.users_client import User as UserValue\n" in text
    assert 'User = class_elsewhere("shop.users.models.User", UserValue)' in text
