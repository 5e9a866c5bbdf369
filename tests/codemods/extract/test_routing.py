"""Which entries of a URL tree a service answers, and how they are written down again."""

import ast
from dataclasses import replace

from codemods.extract import routing, urls
from codemods.extract.facts import Above, PageElsewhere, RouteFact
from codemods.extract.tree import Tree
from codemods.project.contexts import Contexts
from tests.codemods.extract.test_closure import GRAPH
from tests.codemods.extract.test_glue import ORDERS

MODULES = {
    "shop": "shop/__init__.py",
    "shop.orders.urls": "shop/orders/urls.py",
    "shop.orders.apis": "shop/orders/apis.py",
    "shop.users.urls": "shop/users/urls.py",
    "shop.users.pages": "shop/users/pages.py",
}
TREE = Tree(
    GRAPH,
    Contexts({}, (("shop/orders", "orders"), ("shop/users", "users"))),
    ("users", "orders"),
    MODULES,
    frozenset(MODULES.values()),
    lambda _path: "",
)


def page(route, view, name="", kind="path", call=""):
    regex = route if kind == "re_path" else f"^{route}\\Z"
    return {"kind": kind, "route": route, "regex": regex, "view": view, "name": name,
            "call": call, "arguments": False}  # fmt: skip


def include(route, inside, module="", namespace="", app_name=""):
    return {"kind": "path", "route": route, "regex": f"^{route}", "include": module,
            "namespace": namespace, "app_name": app_name, "own_app_name": "",
            "inside": inside}  # fmt: skip


URLS = [
    include("shop/", [page("all/", "shop.orders.apis:all", "orders")], "shop.orders.urls"),
    include("people/", [page("<int:pk>/", "shop.users.pages:one", "person")], "shop.users.urls"),
    include(
        "api/",
        [
            page("me/", "shop.users.pages:me", "me"),
            page("orders/", "shop.orders.apis:Orders", "api-orders", call=".as_view()"),
            page(r"^old/(\d+)$", "shop.users.pages:old", "old", kind="re_path"),
        ],
        namespace="v1",
        app_name="v1",
    ),
    page("odd/", "shop.orders.apis:Odd", "odd", call=None),
]


def test_own_modules_stay_at_their_prefix_and_own_views_below_what_they_were_in():
    assert routing.routes(URLS, TREE, "orders") == (
        RouteFact("shop/", "path", include="shop.orders.urls"),
        RouteFact("orders/", "path", view="shop.orders.apis:Orders.as_view()", name="api-orders",
                  above=(Above("path", "api/", "v1", "v1"),)),
    )  # fmt: skip
    assert list(routing.unmade(URLS, TREE, "orders")) == [("odd/", "shop.orders.apis:Odd")]


def test_pages_of_others_that_a_file_names_keep_their_whole_address():
    texts = ["reverse('person')", "{% url 'v1:old' 3 %}"]
    assert routing.elsewhere(URLS, TREE, "orders", texts) == (
        PageElsewhere("person", (), "path", "people/<int:pk>/"),
        PageElsewhere("old", ("v1",), "re_path", r"^api/old/(\d+)$"),
    )


def test_they_are_written_as_urlpatterns_that_python_reads():
    facts = replace(
        ORDERS,
        routes=routing.routes(URLS, TREE, "orders"),
        elsewhere=routing.elsewhere(URLS, TREE, "orders", ["person old"]),
    )
    text = urls.render(facts)
    ast.parse(text)
    assert 'path("shop/", include("shop.orders.urls")),' in text
    assert "shop.orders.apis.Orders.as_view()" in text
    assert 'namespace="v1"' in text
    other = urls.render_elsewhere(facts)
    ast.parse(other)
    assert 'path("people/<int:pk>/", elsewhere, name="person"),' in other
    assert r"""re_path(r"^api/old/(\d+)$", elsewhere, name="old")""" in other
