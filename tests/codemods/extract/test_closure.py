"""Which files a service takes along, on a tree of a few texts."""

from dataclasses import replace

import pytest

from codemods.extract.closure import close
from codemods.extract.tree import Tree
from codemods.project.contexts import Contexts
from codemods.project.graph import App, Field, Graph, Model, Module

MODEL = Model(
    label="", app="", name="", table="", bases=(), parents=(), proxy_for=None, auto_created=False,
    pk="id", fields={}, attnames={}, accessors={}, query_names={}, managers={},
    default_manager=None, members={},
)  # fmt: skip
FILES = {
    "shop/__init__.py": "",
    "shop/settings.py": "",
    "shop/users/__init__.py": "",
    "shop/users/models.py": "class User: ...",
    "shop/users/errors.py": "class UserError(Exception): ...",
    "shop/users/services.py": "from shop.users.models import User",
    "shop/users/factories.py": "from shop.users.models import User",
    "shop/users/provider.py": "",
    "shop/audit/__init__.py": "",
    "shop/audit/models.py": "",
    "shop/audit/services.py": "from shop.audit.models import Entry",
    "shop/audit/management/commands/report.py": (
        "from shop.users.services import user_create\nuser_create()"
    ),
    "shop/audit/unused.py": "",
    "shop/audit/tests/test_audit.py": "",
    "shop/clients/__init__.py": "",
    "shop/clients/users_client.py": "from strangler.client.service import Service",
    "shop/orders/__init__.py": "",
    "shop/orders/models.py": "from shop.clients import users_client",
    "shop/orders/urls.py": "from shop.orders import apis",
    "shop/orders/apis.py": "from shop.orders.services import order_create",
    "shop/orders/services.py": "from shop.audit.services import record",
    "shop/orders/unused.py": "",
    "shop/orders/factories.py": "from shop.users.factories import UserFactory\nUserFactory()",
    "shop/orders/tests/test_orders.py": "from shop.orders.factories import OrderFactory",
    "shop/orders/migrations/0001_initial.py": "",
    "shop/orders/templates/orders/list.html": "",
}


def model(label, name):
    return replace(MODEL, label=label, app=label.split(".")[0], name=name)


GRAPH = Graph(
    digest="", python="3.11", django="5.2", auth_user_model="users.User",
    apps=tuple(App(name, f"shop.{name}", f"shop/{name}") for name in ("users", "audit", "orders")),
    models={
        label: model(label, name)
        for label, name in (
            ("users.User", "shop.users.models:User"),
            ("audit.Entry", "shop.audit.models:Entry"),
            ("orders.Order", "shop.orders.models:Order"),
        )
    },
    modules={}, classes={}, admin=(), receivers=(), template_dirs=(),
)  # fmt: skip


def closed(graph=GRAPH, configs=None, **texts):
    """Close orders over the tree with some of its files different."""
    files = FILES | {path.replace("__", "/") + ".py": text for path, text in texts.items()}
    modules = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path
        for path in files
        if path.endswith(".py")
    }
    contexts = Contexts(
        {"users": "users", "audit": "audit", "orders": "orders"},
        (("shop/orders", "orders"), ("shop/users", "users"), ("shop/audit", "audit")),
    )
    tree = Tree(
        graph, contexts, ("users", "orders"), modules, frozenset(files), files.get,
        configs=configs or {},
    )  # fmt: skip
    return close(tree, "orders", ["shop/settings.py", "shop/orders/urls.py"])


def test_own_files_are_moved_and_those_of_no_service_copied():
    found = closed()
    assert found.moved == {
        "shop/orders/__init__.py",
        "shop/orders/models.py",
        "shop/orders/urls.py",
        "shop/orders/apis.py",
        "shop/orders/services.py",
        "shop/orders/unused.py",
        "shop/orders/templates/orders/list.html",
    }
    assert found.copied == {
        "shop/__init__.py",
        "shop/settings.py",
        "shop/audit/__init__.py",
        "shop/audit/models.py",
        "shop/audit/services.py",
        "shop/clients/__init__.py",
        "shop/clients/users_client.py",
    }
    assert found.blockers == ()
    assert set(found.apps) == {"orders", "audit"}


def test_what_nothing_needs_and_cannot_come_along_is_left_with_the_reason():
    reasons = {one.path: one.reason for one in closed().left}
    assert reasons == {
        "shop/audit/management/commands/report.py": "uses user_create of users, line 2",
        "shop/orders/factories.py": "uses UserFactory of users, line 2",
        "shop/orders/tests/test_orders.py": "uses UserFactory of users, line 2"
        " (shop/orders/factories.py:1)",
    }


def test_a_model_of_another_service_is_a_blocker_with_its_place():
    found = closed(shop__orders__apis="import os\nfrom shop.users.models import User\nUser.objects")
    (blocker,) = found.blockers
    assert str(blocker) == "shop/orders/apis.py:2: uses User of users, line 3"
    assert "client" in blocker.todo


def test_a_model_that_is_only_a_type_has_a_stand_in():
    found = closed(shop__orders__apis="from shop.users.models import User\nx: User = None")
    assert found.blockers == ()
    assert found.stand_ins == {"shop.users.models": {"User"}}
    assert "shop/users/models.py" not in found.files
    assert "shop/users/__init__.py" in found.copied


def test_a_module_of_another_service_without_models_is_copied_and_noted():
    found = closed(shop__orders__apis="from shop.users.errors import UserError\nUserError()")
    assert found.blockers == ()
    assert "shop/users/errors.py" in found.copied
    assert found.noted == ("shop.users.errors",)


def test_one_that_reaches_models_by_way_of_others_is_not():
    found = closed(
        shop__users__errors="from shop.users.services import user_create",
        shop__orders__apis="from shop.users.errors import UserError\nUserError()",
    )
    assert [blocker.line for blocker in found.blockers] == [1]
    assert "shop/users/services.py" not in found.files


def test_another_services_provider_and_apps_never_come_along():
    found = closed(shop__orders__apis="from shop.users import provider\nprovider.get()")
    assert len(found.blockers) == 1
    assert "users" not in found.apps


def test_a_module_named_in_a_string_comes_along_when_it_is_no_services():
    found = closed(shop__hooks="", shop__orders__apis='import_string("shop.hooks")')
    assert "shop/hooks.py" in found.copied
    found = closed(shop__orders__apis='import_string("shop.users.services")')
    assert "shop/users/services.py" not in found.files


@pytest.mark.parametrize("text", ["def f(:\n", "\0"])
def test_a_file_that_cannot_be_parsed_is_a_blocker(text):
    (blocker,) = closed(shop__orders__apis=text).blockers
    assert str(blocker) == "shop/orders/apis.py:1: cannot be parsed"


def test_what_a_module_loads_by_a_name_of_the_projects_own_comes_along():
    loaded = Module(
        "shop/orders/apis.py",
        {
            "Ledger": ("class", "shop.audit.unused:Ledger"),
            "User": ("model", "users.User"),
            "now": ("function", "django.utils.timezone:now"),
        },
    )
    graph = replace(GRAPH, modules={"shop.orders.apis": loaded})
    found = closed(graph, shop__orders__apis="Ledger, User = get_classes('audit.unused', 'users')")
    assert "shop/audit/unused.py" in found.files
    assert not any(path.startswith("shop/users/models") for path in found.files)
    assert "shop/audit/unused.py" not in closed(graph, shop__orders__apis="import os").files


def test_a_module_that_is_named_below_its_apps_label_comes_along():
    text = "def ready(self): self.view = get_class('audit.unused', 'Ledger')"
    assert "shop/audit/unused.py" in closed(shop__orders__apis=text).files
    of_users = text.replace("audit.unused", "users.services")
    assert "shop/users/services.py" not in closed(shop__orders__apis=of_users).files


def test_models_that_a_copied_apps_rows_refer_to_come_along_with_their_app():
    field = Field(
        name="shelf", attname="shelf_id", column="shelf_id", type="ForeignKey",
        target="storage.Shelf", many=False, generic=False, one=False, through=None,
        through_auto=False, on_delete="CASCADE", null=False, declared_in=None, ct_field=None,
        fk_field=None, inherited=False,
    )  # fmt: skip
    shelf = model("storage.Shelf", "shop.storage.models:Shelf")
    entry = replace(GRAPH.models["audit.Entry"], fields={"shelf": field})
    graph = replace(
        GRAPH,
        apps=(*GRAPH.apps, App("storage", "shop.storage", "shop/storage")),
        models=GRAPH.models | {"audit.Entry": entry, "storage.Shelf": shelf},
    )
    found = closed(graph, shop__storage__models="class Shelf: ...")
    assert "shop/storage/models.py" in found.copied
    assert "storage" in found.apps


def test_the_configuration_of_an_app_comes_along_wherever_it_is():
    texts = {"shop__audit__config": "class Audit: ..."}
    assert "shop/audit/config.py" not in closed(**texts).files
    found = closed(configs={"audit": "shop.audit.config"}, **texts)
    assert "shop/audit/config.py" in found.copied


def test_an_app_that_is_asked_for_by_its_label_comes_along():
    asking = {"shop__orders__apis": "def ready(apps): return apps.get_app_config('audit')"}
    quiet = {"shop__orders__services": "", "shop__audit__config": "class Audit: ..."}
    configs = {"audit": "shop.audit.config", "users": "shop.users.config"}
    assert "audit" not in closed(configs=configs, **quiet).apps
    assert "audit" in closed(configs=configs, **quiet, **asking).apps
    of_users = {"shop__orders__apis": "def ready(apps): return apps.get_app_config('users')"}
    assert "users" not in closed(configs=configs, **quiet, **of_users).apps
