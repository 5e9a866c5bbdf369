"""What stands in the way of severing `Order.person`, judged by type, and what does not."""

import ast
import sys
import textwrap
from dataclasses import replace

import pytest

from codemods.crossings import survey
from codemods.project import contexts as contexts_file
from codemods.project import load, sources
from codemods.transforms import sever_uses
from tests.codemods.conftest import FILES, write

PERSON = sever_uses.Relation("shop.Order", "person", "people.Person", "id")
IMPORTS = """
from django import forms
from django.contrib import admin
from django.db.models import Count, F, OuterRef, Prefetch, Q
from django.views.generic import CreateView
from people.models import Badge, Person
from shop.models import Line, Order
"""
ADMIN = "class OrderAdmin(admin.ModelAdmin):\n    model = Order\n    "
FORM = "class OrderForm(forms.ModelForm):\n    class Meta:\n        model = Order\n        "
DISPLAY = '@admin.display(ordering="person__nickname")\n    def who(self, order): ...'

NEEDED = {
    "a lookup through it": "Order.objects.filter(person__nickname='x')",
    "a lookup through another": "Line.objects.exclude(order__person__badge__colour='x')",
    "a lookup in a dictionary": "Order.objects.filter(**{'person__nickname': 'x'})",
    "a Q kept apart": "found = Q(person__nickname='x')\nOrder.objects.filter(found)",
    "an F": "Order.objects.annotate(name=F('person__nickname'))",
    "an ordering": "Order.objects.order_by('-person__nickname')",
    "values of it": "Order.objects.values_list('person__nickname')",
    "a join": "Order.objects.select_related('person')",
    "a join through another": "Line.objects.select_related('order__person')",
    "a lock": "Order.objects.select_for_update(of=('person',))",
    "a prefetch with a query": "Order.objects.prefetch_related(Prefetch('person', Person.objects.all()))",  # noqa: E501
    "an update by an instance": "def f(one: Order):\n    Order.objects.update(person=one.person)",
    "a lookup through the reverse side": "Person.objects.filter(orders__number=1)",
    "a count of the reverse side": "Person.objects.annotate(n=Count('orders'))",
    "a condition within a count": "paid = Q(orders__number=1)\nPerson.objects.annotate(n=Count('badge', filter=paid))",  # noqa: E501
    "the descriptor": "Order.person.field",
    "a form": FORM + "fields = ['person']",
    "a form of all fields": FORM + "fields = '__all__'",
    "a form of all but some": FORM + "exclude = ['number']",
    "a generic view's form": "class New(CreateView):\n    model = Order\n    fields = ['person']",
    "a query nobody can follow": "def f(rows):\n    return rows.filter(person__nickname='x')",
    "a join nobody can follow": "def f(rows):\n    return rows.select_related('person')",
}
LOST = {
    "a search": ADMIN + "search_fields = ['person__nickname']",
    "a filter of rows": ADMIN + "list_filter = ['person']",
    "a column of the other row": ADMIN + "list_display = ['person__nickname']",
    "a column sorted by the other row": ADMIN + DISPLAY,
}
SERVED = {
    "reading": "def f(order: Order):\n    return order.person.nickname, order.person_id",
    "setting": "def f(order: Order, person):\n    order.person = person",
    "creating": "Order.objects.create(person=Person.objects.get(pk=1))",
    "constructing": "Order(person=Person.objects.get(pk=1))",
    "a lookup by instance": "Order.objects.filter(person=Person.objects.get(pk=1))",
    "a lookup by key": "Order.objects.filter(person__pk=1, person_id__in=[1], person__isnull=True)",
    "a lookup through another by key": "Line.objects.filter(order__person=1, order__person__id=2)",
    "a Q by instance": "Order.objects.filter(~Q(person=1) | Q(person__in=[1]))",
    "grouping": "Order.objects.values('person').annotate(n=Count('pk')).order_by('person')",
    "counting": "Order.objects.aggregate(n=Count('person'))",
    "an outer reference": "Order.objects.filter(pk=OuterRef('person'))",
    "fields to save": "def f(order: Order):\n    order.save(update_fields=['person'])",
    "columns left out": "Order.objects.defer('person').only('person')",
    "loading ahead": "Line.objects.prefetch_related('order__person')",
    "an update by key": "Order.objects.update(person_id=1)",
    "the reverse side": "def f(person: Person):\n    return person.orders.filter(number='1')",
    "the reverse side loaded ahead": "Person.objects.prefetch_related('orders')",
    "a page that shows it": ADMIN + "list_display = readonly_fields = ['person', 'number']",
    "a page with its id": ADMIN + "fields = ['person']",
    "another relation of that name": "Badge.objects.select_related('person')",
    "a lookup of that name elsewhere": "Badge.objects.filter(person__nickname='x')",
    "a form without it": FORM + "exclude = ['person']",
    "a row of values": "def f(row):\n    return row['person__nickname']",
    "a factory": "class OrderFactory(BaseFactory): ...\nOrderFactory.create(person__nickname='x')",
}


OWN_QUERY = "\n    def get_queryset(self, request):\n        return Order.objects.all()"
PAGES = {
    option: ADMIN + f"{option} = ['person']"
    for option in ("raw_id_fields", "autocomplete_fields", "list_select_related")
}
OTHERS = {
    "an order": "Order.objects.order_by('person')",
    "an admin's own query": ADMIN + "list_select_related = ['person']" + OWN_QUERY,
}
CASES = [*NEEDED.values(), *LOST.values(), *SERVED.values(), *PAGES.values(), *OTHERS.values()]


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory):
    """The project with a module for each case, read once."""
    root = tmp_path_factory.mktemp("cases")
    for path, text in FILES.items():
        write(root, path, text)
    for number, code in enumerate(CASES):
        write(root, f"shop/case_{number}.py", IMPORTS + textwrap.dedent(code) + "\n")
    digests = sources.digest_files(root, sources.walk(root, (".py",)))
    graph = load.load_graph(
        root, settings="config.settings", python=sys.executable, digests=digests, cache=None
    )
    contexts = contexts_file.load(root / "contexts.toml", graph)
    typed = survey.survey_typed(root, graph, contexts, digests, {}, processes=1)
    return root, graph, typed.walks


@pytest.fixture
def judged(surveyed):
    """Say what of a case stands in the way of severing a relation."""
    root, graph, walks = surveyed

    def judge(code: str, relation: sever_uses.Relation = PERSON):
        path = f"shop/case_{CASES.index(code)}.py"
        tree = ast.parse((root / path).read_text())
        here = [walk for walk in walks if walk.path == path]
        found = sever_uses.judge(relation, here, {path: tree})
        factories = sever_uses.factories([tree])
        read = sever_uses.untyped(path, tree, factories)
        untyped = sever_uses.uses(read, relation, graph, here)
        return replace(found, obstacles=(*found.obstacles, *untyped))

    return judge


@pytest.mark.parametrize("code", NEEDED.values(), ids=NEEDED.keys())
def test_what_needs_the_key_stands_in_the_way(judged, code):
    found = judged(code)
    assert found.obstacles
    assert (found.edits, found.losses) == ((), ())


@pytest.mark.parametrize("code", LOST.values(), ids=LOST.keys())
def test_what_an_admin_would_lose_is_told_apart(judged, code):
    found = judged(code)
    assert len(found.losses) == 1
    assert (found.obstacles, found.edits) == ((), ())


@pytest.mark.parametrize("code", SERVED.values(), ids=SERVED.keys())
def test_what_a_column_serves_does_not(judged, code):
    found = judged(code)
    assert (found.obstacles, found.losses) == ((), ())


def test_ordering_by_it_is_ordering_by_the_key_unless_the_other_model_says_otherwise(judged):
    code = OTHERS["an order"]
    assert judged(code).obstacles == ()
    by_name = replace(PERSON, ordering=("nickname",))
    assert [use.what for use in judged(code, by_name).obstacles] == [
        "order_by 'person' sorts as people.Person does"
    ]


@pytest.mark.parametrize("option", PAGES)
def test_an_admins_options_can_change(judged, option):
    found = judged(PAGES[option])
    assert found.obstacles == ()
    assert [(walk.how, walk.text) for walk in found.edits] == [(f"admin {option}", "person")]


def test_an_admin_whose_query_is_its_own_cannot(judged):
    found = judged(OTHERS["an admin's own query"])
    assert [use.what for use in found.obstacles] == ["list_select_related 'person' joins it"]


def test_an_inline_of_the_other_models_page_needs_it(graph):
    page = {"model": "people.Person", "class": "a:PersonAdmin", "inlines": [["a:I", "shop.Order"]]}
    found = list(sever_uses.inlines(PERSON, replace(graph, admin=(page,))))
    assert found == [sever_uses.Inline("a:PersonAdmin", "a:I")]
    assert str(found[0]) == "a:I is an inline of a:PersonAdmin, and is found by it"


def test_a_model_may_be_sorted_by_it_where_that_is_its_key(graph):
    def ordered(relation, *ordering):
        line = replace(graph.models["shop.Line"], ordering=ordering)
        models = {**graph.models, "shop.Line": line}
        return list(sever_uses.ordered(relation, replace(graph, models=models)))

    assert ordered(PERSON, "order__person", "id") == []
    assert ordered(PERSON, "order__person__nickname") != []
    assert ordered(replace(PERSON, ordering=("nickname",)), "-order__person") != []
