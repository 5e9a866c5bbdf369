"""What keeps a service from running alone, by the crossings that are left in the prepared tree."""

from dataclasses import replace
from pathlib import Path

import pytest

from codemods.crossings.crossing import Crossing
from codemods.extract import blocking
from codemods.extract.closure import Closure
from codemods.extract.findings import Blocker
from codemods.extract.prepared import Prepared
from codemods.extract.probed import Probed
from codemods.extract.tree import Tree
from codemods.project.contexts import Contexts
from codemods.project.graph import Field
from codemods.rewrite.severing import Severing
from tests.codemods.extract.test_closure import GRAPH

FILES = {
    "shop/orders/apis.py": "",
    "shop/orders/models.py": "class Order:\n    user = 1\n",
    "shop/orders/page.html": '{% extends "users/base.html" %}\n',
    "shop/audit/signals.py": (
        "from shop.users.models import User\n\n\n@receiver(post_save, sender=User)\n"
        "def note(instance, **_):\n    record(instance.email, instance.orders.count())\n"
    ),
    "shop/users/base.html": "",
}
CONTEXTS = Contexts(
    {"users": "users", "audit": "audit", "orders": "orders"},
    (("shop/orders", "orders"), ("shop/users", "users"), ("shop/audit", "audit")),
)
NOTHING = Probed((), {}, {}, (), {}, (), (), ())


def crossing(kind, expression, path="shop/orders/apis.py", line=3, target="users"):
    return Crossing(
        path, line, 1, line, 9, kind, "orders", target, "users.User", "users_user", "read", "high",
        "f", expression,
    )  # fmt: skip


def found(*crossings, severings=(), blockers=(), graph=GRAPH, page=False):
    tree = Tree(
        replace(graph, template_dirs=("shop/orders", "shop")), CONTEXTS, ("users", "orders"),
        {p.removesuffix(".py").replace("/", "."): p for p in FILES if p.endswith(".py")},
        frozenset(FILES), FILES.get,
    )  # fmt: skip
    closure = Closure(
        frozenset(FILES) - {"shop/users/base.html", *(() if page else ("shop/orders/page.html",))},
        frozenset({"shop/audit/signals.py"}), (), tuple(blockers), {}, (), (),
    )  # fmt: skip
    prepared = Prepared(
        Path(), "", graph, CONTEXTS, ("users", "orders"), crossings, tuple(severings), ()
    )
    return [str(one) for one in blocking.blockers(prepared, tree, NOTHING, closure, "orders")]


@pytest.mark.parametrize(
    ("kind", "expression"),
    [
        ("join", "user__email='x'"),
        ("raw-sql", "select * from users_user"),
        ("get-model", "get_user_model()"),
        ("reverse-relation", "user.orders.all()"),
        ("attribute", "user.last_login"),
        ("signal", "receiver(post_save, sender=User)"),
        ("template", "order.user.last_login"),
    ],
)
def test_what_reaches_into_another_service_is_told_with_its_place(kind, expression):
    (told,) = found(crossing(kind, expression))
    assert told.startswith("shop/orders/apis.py:3: ")
    assert told.endswith(f": {expression} (users.User of users)")


@pytest.mark.parametrize(
    ("kind", "expression"),
    [
        ("relation", "request.user"),
        ("relation", "self.request.user.is_staff"),
        ("attribute", "viewer.is_staff"),
        ("template", "user.is_authenticated"),
        ("template", "page"),
        ("key", "created_by=actor"),
        ("evaluate", "rows[:3]"),
        ("import", "User"),
    ],
)
def test_what_an_account_gives_or_only_follows_from_others_is_not(kind, expression):
    assert found(crossing(kind, expression)) == []


def test_files_that_stay_and_contexts_that_are_no_service_block_nothing():
    assert found(crossing("join", "x__y", path="shop/users/services.py")) == []
    assert found(crossing("join", "x__y", target="audit")) == []


def test_a_copied_receiver_of_another_services_rows_is_never_told_of_any():
    path = "shop/audit/signals.py"
    listens = Blocker(path, 1, "uses User of users, line 4", "", (4,))
    heard = [
        crossing("signal", "receiver(post_save, sender=User)", path, 4),
        crossing("reverse-relation", "instance.orders", path, 6),
    ]
    assert found(*heard, blockers=[listens]) == []
    more = replace(listens, uses=(4, 9))
    assert found(*heard, blockers=[more]) == [str(more)]


def with_relation(kind):
    user = Field(
        name="user", attname="user_id", column="user_id", type=kind, target="users.User",
        many=False, generic=False, one=False, through=None, through_auto=False, on_delete="CASCADE",
        null=False, declared_in=None, ct_field=None, fk_field=None, inherited=False,
    )  # fmt: skip
    order = replace(GRAPH.models["orders.Order"], fields={"user": user})
    return replace(GRAPH, models={**GRAPH.models, "orders.Order": order})


SEVERED = Severing(
    "orders.Order.user",
    (
        "shop/orders/apis.py:7: join 'user__email'",
        "shop/users/admin.py:1: join 'orders'",
        "shop/orders/models.py:1: users.admin:Orders is an inline of users.admin:Users",
    ),
    is_severed=True,
)


def test_what_needed_a_severed_key_is_told_where_it_comes_along():
    assert found(severings=[SEVERED], graph=with_relation("Reference")) == [
        "shop/orders/apis.py:7: needs the foreign key orders.Order.user: join 'user__email'"
    ]


def test_a_relation_that_was_not_severed_is_told_at_its_declaration():
    (told,) = found(severings=[SEVERED], graph=with_relation("ForeignKey"))
    assert told.startswith(
        "shop/orders/models.py:2: orders.Order.user is a relation to users.User of users, not"
    )


def test_a_template_that_loads_one_of_another_service_is_told():
    (told,) = found(page=True)
    assert told == (
        "shop/orders/page.html:1: loads the template users/base.html, which stays with another"
    )
