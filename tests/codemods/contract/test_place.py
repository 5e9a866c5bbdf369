"""Where generated files go, for projects laid out in the ways that real ones are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codemods.contract.place import place_of
from codemods.project import graph as graphs
from codemods.project.contexts import Contexts
from codemods.project.graph import App, Graph, Module

EMPTY = {"python": "3.12.0", "django": "5.2", "auth_user_model": "auth.User"} | {
    name: [] for name in ("apps", "models", "admin", "receivers", "template_dirs", "errors")
} | {"modules": {}, "classes": {}}  # fmt: skip


def project(*apps: App, modules: dict[str, str] | None = None) -> Graph:
    known = {name: Module(path, {}) for name, path in (modules or {}).items()}
    return replace(graphs.parse(EMPTY, "x"), apps=apps, modules=known)


def contexts(*paths: tuple[str, str], **by_app: str) -> Contexts:
    return Contexts(by_app, paths, exclude=("tests/**",))


def test_beside_the_apps_in_the_package_that_holds_them():
    graph = project(
        App("users", "shop.users", "shop/users"), App("orders", "shop.orders", "shop/orders")
    )
    place = place_of(graph, contexts(users="users", orders="orders"), "users")
    assert (place.client, place.package_path(place.client)) == (
        "shop.clients.users_client", "shop/clients/users_client",
    )  # fmt: skip
    assert (place.provider, place.provider_path) == (
        "shop.users.provider",
        "shop/users/provider.py",
    )
    assert place.contract_path == "contracts/users.json"


def test_at_the_top_where_no_package_holds_the_apps():
    graph = project(App("users", "users", "users"), App("orders", "orders", "orders"))
    place = place_of(graph, contexts(users="users", orders="orders"), "users")
    assert place.client == "clients.users_client"
    assert place.provider_path == "users/provider.py"


def test_below_src_and_in_the_app_that_holds_the_others():
    graph = project(
        App("shop", "shop", "src/shop"), App("users", "shop.apps.users", "src/shop/apps/users")
    )
    place = place_of(graph, contexts(shop="core", users="users"), "users")
    assert place.package_path(place.client) == "src/shop/clients/users_client"
    assert place.provider_path == "src/shop/apps/users/provider.py"


def test_not_in_an_app_that_only_tests_install():
    graph = project(
        App("users", "tests.site.users", "tests/site/users"),
        App("orders", "shop.orders", "src/shop/orders"),
        modules={"shop.users": "src/shop/users/__init__.py"},
    )
    named = contexts(("src/shop/users", "users"), users="users", orders="orders")
    place = place_of(graph, named, "users")
    assert (place.provider, place.provider_path) == (
        "shop.users.provider",
        "src/shop/users/provider.py",
    )


@pytest.mark.parametrize("service", ["users", "user-accounts"])
def test_beside_the_client_where_all_apps_are_other_peoples(service):
    graph = project(
        App("auth", "django.contrib.auth", None), App("orders", "shop.orders", "shop/orders")
    )
    place = place_of(graph, contexts(auth=service, orders="orders"), service)
    word = service.replace("-", "_")
    assert place.provider == f"shop.clients.{word}_provider"
    assert place.provider_path == f"shop/clients/{word}_provider.py"
