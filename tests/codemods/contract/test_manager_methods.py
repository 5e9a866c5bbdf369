"""Methods of a manager's own: their arguments travel as annotated, and the owner calls them."""

from dataclasses import replace

import pytest

from codemods.contract import provider
from codemods.contract.build import build
from codemods.contract.operations import Operation, Parameter
from tests.codemods.contract.conftest import ROOT, by

USER, PRODUCT = "users.User", "products.Product"
CREATED = Operation(
    USER, "ask", "", by("email", "password"), member="create_user", manager="objects", returns="row"
)
AMONG = Operation(
    PRODUCT, "list", "", by("price__gt"), scopes=("available",), manager="objects",
    given=(Parameter("", "available.least", "int"),),
)  # fmt: skip


@pytest.fixture
def built(shop):
    graph, contexts = shop

    def built(service, *operations, **asked):
        made = build(
            service, graph=graph, contexts=contexts, root=ROOT, operations=operations, **asked
        )
        text = provider.render(made.contract, graph, f"clients.{service}_client")
        return made, " ".join(text.split())

    return built


def test_arguments_are_what_the_source_annotates(built):
    made, text = built("users", CREATED)
    [operation] = [each for each in made.contract.operations if each.verb == "ask"]
    assert [(each.name, each.type, each.nullable) for each in operation.filters] == [
        ("email", "str", False), ("password", "str", True),
    ]  # fmt: skip
    assert made.problems == ()
    assert "User.objects.create_user(email=email, password=password)" in text


def test_an_argument_without_annotation_is_a_problem_unless_it_is_written_out(built):
    unsure = replace(AMONG, given=by("available.least"))
    assert built("products", AMONG)[0].problems == ()
    [problem] = built("products", unsure)[0].problems
    assert problem.reason == (
        "what available() takes as least is not annotated, so it may arrive changed"
    )


def test_scopes_come_first_and_related_rows_are_loaded_after_them(built):
    _, text = built("products", AMONG, reads=[(PRODUCT, "category"), ("products.Category", "name")])
    scope, load = "available(least=least)", 'prefetch_related("category")'
    assert text.index(scope) < text.index(load) < text.index("filter(price__gt=price_gt)")


def test_rows_given_to_a_method_are_looked_up_by_key(built):
    of_user = Parameter("", "buyer@users.User", "int")
    asked = Operation(USER, "ask", "", (of_user,), member="like", manager="objects", returns="row",
                      is_nullable=True)  # fmt: skip
    made, text = built("users", asked)
    assert made.contract.operations[0].name == "ask_users_like_with_buyer_id"
    assert "_maybe(_user, User.objects.like(buyer=User.objects.get(pk=buyer_id)))" in text
