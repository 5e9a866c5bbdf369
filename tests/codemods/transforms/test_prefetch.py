"""Joins of diverted relations become one batched call. Relations to `people`: Order.person."""
# ruff: noqa: E501  a case is one line

import textwrap
from dataclasses import replace

import pytest

from codemods.project.graph import Class, Module
from codemods.transforms import prefetch
from tests.codemods.transforms.one_file import Rewriter, rewritten

IMPORTS = """
from django.db.models import Count, Prefetch
from goods.models import Product
from people.models import Badge, Person
from shop.models import Line, Order
"""


@pytest.fixture(scope="session")
def rewriter(project, graph, contexts):
    return Rewriter(project, graph, contexts)


def prefetched(rewriter, code, **options):
    text, proposal = rewriter.rewrite(prefetch, IMPORTS + textwrap.dedent(code), **options)
    return text.removeprefix(IMPORTS.lstrip("\n")), proposal


LEFT_ALONE = {
    "own relation": "Line.objects.select_related('order')",
    "another context's relation": "Line.objects.select_related('product')",
    "already batched": "Order.objects.prefetch_related('person')",
    "already batched from afar": "Line.objects.prefetch_related('order__person')",
    "nothing to forget": "Order.objects.select_related(None)",
    "a path that is no relation": "Order.objects.select_related('number')",
    "a relation of the service's own": "Badge.objects.select_related('person')",
    "a name, not a text": "def f(path): return Order.objects.select_related(path)",
    "an own object's method": "class C:\n    def select_related(self, path): return path\nC().select_related('person')",
    "an unknown receiver": "def f(thing): return thing.select_related('person')",
    "only own columns": "Order.objects.only('number', 'person')",
    "only the key": "Order.objects.only('person_id')",
    "defer the relation itself": "Order.objects.defer('person')",
    "a Prefetch of own rows": "Order.objects.prefetch_related(Prefetch('lines', queryset=Line.objects.all()))",
    "rows that may be loaded already": "def f(order: Order):\n    for line in order.lines.all():\n        print(line.order.person.nickname)",
    "a loop that needs the key alone": "def f():\n    for order in Order.objects.all():\n        print(order.person.pk, order.person.id, order.person_id)",
    "a loop that compares it": "def f(request):\n    for order in Order.objects.all():\n        print(order.person == request.user)",
    "a loop that sets it": "def f(person):\n    for order in Order.objects.all():\n        order.person = person",
    "a loop over a list": "def f():\n    for order in list(Order.objects.all()):\n        print(order.person.nickname)",
    "a queryset that goes elsewhere": "def f():\n    orders = Order.objects.all()\n    for order in orders:\n        print(order.person.nickname)\n    return orders",
    "a queryset that is assigned twice": "def f(x):\n    orders = Order.objects.all()\n    orders = orders.filter(number=x)\n    for order in orders:\n        print(order.person.nickname)",
    "a variable that changes": "def f():\n    for order in Order.objects.all():\n        order = None\n        print(order.person.nickname)",
    "a loop already batched": "def f():\n    for order in Order.objects.prefetch_related('person'):\n        print(order.person.nickname)",
    "a loop over a parameter": "def f(orders: 'list[Order]'):\n    for order in orders:\n        print(order.person.nickname)",
    "rows of values": "def f():\n    for row in Order.objects.values('person'):\n        print(row['person'])",
}

CHANGED = {
    "one": (
        "Order.objects.select_related('person')",
        "Order.objects.prefetch_related('person')",
    ),
    "quotes stay": (
        'Order.objects.select_related("person")',
        'Order.objects.prefetch_related("person")',
    ),
    "through an own relation": (
        "Line.objects.select_related('order__person')",
        "Line.objects.select_related('order').prefetch_related('order__person')",
    ),
    "the own relation is there already": (
        "Line.objects.select_related('order', 'order__person')",
        "Line.objects.select_related('order').prefetch_related('order__person')",
    ),
    "beyond the relation": (
        "Order.objects.select_related('person__badge')",
        "Order.objects.prefetch_related('person')",
    ),
    "twice the same": (
        "Order.objects.select_related('person', 'person__badge')",
        "Order.objects.prefetch_related('person')",
    ),
    "beside another": (
        "Line.objects.select_related('product', 'order__person', 'stamped_by')",
        "Line.objects.select_related('product', 'order', 'stamped_by').prefetch_related('order__person')",
    ),
    "merged into a later one": (
        "Order.objects.select_related('person').filter(number='1').prefetch_related('lines')",
        "Order.objects.filter(number='1').prefetch_related('lines', 'person')",
    ),
    "merged into an earlier one": (
        "Line.objects.prefetch_related('wanted_by').select_related('order__person').first()",
        "Line.objects.prefetch_related('wanted_by', 'order__person').select_related('order').first()",
    ),
    "already in the later one": (
        "Order.objects.select_related('person').prefetch_related('person')",
        "Order.objects.prefetch_related('person')",
    ),
    "prefetch beyond": (
        "Order.objects.prefetch_related('lines__order__person__badge', 'lines')",
        "Order.objects.prefetch_related('lines__order__person', 'lines')",
    ),
    "prefetch beyond and the same": (
        "Order.objects.prefetch_related('person__badge', 'person')",
        "Order.objects.prefetch_related('person')",
    ),
    "a Prefetch that picks no rows": (
        "Order.objects.prefetch_related(Prefetch('person', queryset=Person.objects.select_related('badge')))",
        "Order.objects.prefetch_related('person')",
    ),
    "a Prefetch of a queryset that has a name": (
        "def f():\n    people = Person.objects.select_related('badge')\n    return Order.objects.prefetch_related(Prefetch('person', queryset=people))",
        "def f():\n    return Order.objects.prefetch_related('person')",
    ),
    "a Prefetch of a queryset that is used elsewhere too": (
        "def f():\n    people = Person.objects.select_related('badge')\n    print(people.count())\n    return Order.objects.prefetch_related(Prefetch('person', queryset=people))",
        "def f():\n    people = Person.objects.select_related('badge')\n    print(people.count())\n    return Order.objects.prefetch_related('person')",
    ),
    "a Prefetch beyond": (
        "Order.objects.prefetch_related(Prefetch('person__badge'))",
        "Order.objects.prefetch_related('person')",
    ),
    "inside a Prefetch": (
        "Order.objects.prefetch_related(Prefetch('lines', queryset=Line.objects.select_related('order__person')))",
        "Order.objects.prefetch_related(Prefetch('lines', queryset=Line.objects.select_related('order').prefetch_related('order__person')))",
    ),
    "only": (
        "Order.objects.select_related('person').only('number', 'person__nickname', 'person__email')",
        "Order.objects.prefetch_related('person').only('number', 'person')",
    ),
    "only, with the key there": (
        "Order.objects.select_related('person').only('person_id', 'person__nickname')",
        "Order.objects.prefetch_related('person').only('person_id')",
    ),
    "defer": (
        "Order.objects.select_related('person').defer('person__nickname', 'number')",
        "Order.objects.prefetch_related('person').defer('number')",
    ),
    "defer of nothing else": (
        "Order.objects.select_related('person').defer('person__nickname').get(pk=1)",
        "Order.objects.prefetch_related('person').get(pk=1)",
    ),
    "before a lock": (
        "Order.objects.select_related('person').select_for_update(of=('self',)).get(pk=1)",
        "Order.objects.prefetch_related('person').select_for_update(of=('self',)).get(pk=1)",
    ),
    "an iterator": (
        "Order.objects.select_related('person').iterator()",
        "Order.objects.prefetch_related('person').iterator(chunk_size=2000)",
    ),
    "in a queryset's own method": (
        "from django.db import models\ndef f(order: Order):\n    return order.lines.select_related('order__person')",
        "from django.db import models\ndef f(order: Order):\n    return order.lines.select_related('order').prefetch_related('order__person')",
    ),
    "lines of their own": (
        """
        X = (
            Line.objects
            .select_related("order__person")  # for the page
            .filter(order__number="1")
        )
        """,
        """
        X = (
            Line.objects
            .select_related("order")
            .prefetch_related("order__person")  # for the page
            .filter(order__number="1")
        )
        """,
    ),
    "arguments on lines of their own": (
        """
        X = Line.objects.select_related(
            "order__person",
            "product",
        ).prefetch_related(
            "wanted_by",
        )
        """,
        """
        X = Line.objects.select_related(
            "order",
            "product",
        ).prefetch_related(
            "wanted_by",
            "order__person",
        )
        """,
    ),
    "all arguments on lines of their own": (
        """
        X = Order.objects.select_related(
            "person",
            "person__badge",
        ).filter(number="1")
        """,
        """
        X = Order.objects.prefetch_related(
            "person",
        ).filter(number="1")
        """,
    ),
    "parentheses": (
        "X = (Order.objects.prefetch_related('lines').select_related('person'))",
        "X = (Order.objects.prefetch_related('lines', 'person'))",
    ),
    "a loop": (
        "def f():\n    for order in Order.objects.filter(number='1'):\n        print(order.person.nickname)",
        "def f():\n    for order in Order.objects.filter(number='1').prefetch_related('person'):\n        print(order.person.nickname)",
    ),
    "a comprehension": (
        "def f(): return [line.order.person.nickname for line in Line.objects.all() if line.pk]",
        'def f(): return [line.order.person.nickname for line in Line.objects.all().prefetch_related("order__person") if line.pk]',
    ),
    "a loop over a slice": (
        "def f():\n    for order in Order.objects.order_by('number')[:9]:\n        print(order.person)",
        "def f():\n    for order in Order.objects.order_by('number').prefetch_related('person')[:9]:\n        print(order.person)",
    ),
    "a loop over a local queryset": (
        "def f():\n    orders = Order.objects.prefetch_related('lines')\n    for order in orders:\n        print(order.person)",
        "def f():\n    orders = Order.objects.prefetch_related('lines', 'person')\n    for order in orders:\n        print(order.person)",
    ),
    "a loop over joined rows": (
        "def f():\n    for order in Order.objects.select_related('person'):\n        print(order.person)",
        "def f():\n    for order in Order.objects.prefetch_related('person'):\n        print(order.person)",
    ),
    "a loop over own rows of the request's user": (
        "def f(request):\n    for order in request.user.orders.filter(number='1'):\n        print(order.person.email)",
        "def f(request):\n    for order in request.user.orders.filter(number='1').prefetch_related('person'):\n        print(order.person.email)",
    ),
}


@pytest.mark.parametrize("code", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_is_left_alone(rewriter, code):
    after, proposal = prefetched(rewriter, code)
    assert after == code
    assert not proposal.changes


@pytest.mark.parametrize(("before", "after"), CHANGED.values(), ids=CHANGED)
def test_is_batched(rewriter, before, after):
    found, proposal = prefetched(rewriter, before)
    assert found == textwrap.dedent(after)
    assert all(change.is_batched for change in proposal.changes)
    assert not proposal.refusals


REFUSED = {
    "no arguments": ("Order.objects.select_related()", "it joins person too"),
    "a Prefetch that filters": (
        "Order.objects.prefetch_related(Prefetch('person', queryset=Person.objects.filter(nickname='x')))",
        "picks rows",
    ),
    "a Prefetch of rows with many of their own": (
        "Order.objects.prefetch_related(Prefetch('person', queryset=Person.objects.prefetch_related('groups')))",
        "many rows for each",
    ),
    "a Prefetch of a name bound in branches": (
        "def f(x):\n    people = Person.objects.all()\n    if x:\n        people = people.filter(nickname=x)\n    return Order.objects.prefetch_related(Prefetch('person', queryset=people))",
        "picks rows",
    ),
    "a Prefetch to a name of its own": (
        "Order.objects.prefetch_related(Prefetch('person', to_attr='who'))",
        "a name of its own",
    ),
    "a lock on its rows": (
        "Order.objects.select_related('person').select_for_update(of=('self', 'person'))",
        "locks rows",
    ),
    "a comment that would be lost": (
        "Order.objects.select_related(\n    'number',\n    'person',  # shown\n)",
        "comment",
    ),
    "a prefetch that is forgotten": (
        "Order.objects.select_related('person').prefetch_related(None)",
        "forgets",
    ),
}


@pytest.mark.parametrize(("code", "reason"), REFUSED.values(), ids=REFUSED)
def test_is_refused(rewriter, code, reason):
    after, proposal = prefetched(rewriter, code)
    assert after == code
    assert [reason in refusal.reason for refusal in proposal.refusals] == [True]


def test_an_admins_list_is_left_to_a_person(rewriter):
    code = """
        from django.contrib import admin

        @admin.register(Order)
        class OrderAdmin(admin.ModelAdmin):
            model = Order
            list_select_related = ("person",)
    """
    file = rewriter.file(IMPORTS + textwrap.dedent(code))
    assert not prefetch.propose(file).changes


ADMIN = (
    IMPORTS.lstrip("\n")
    + """
from django.contrib import admin

@admin.register(Line)
class LineAdmin(admin.ModelAdmin):
    list_display = ["product", "order"]
    list_select_related = {paths}
{method}"""
)
SHOWN = "\n    def shown(self, line):\n        return line.order.person.nickname\n"
QUERYSET = (
    "\n    def get_queryset(self, request):\n"
    '        return super().get_queryset(request).prefetch_related("order__person")\n'
)


def admin_of(rewriter, text, bases=()):
    file = rewriter.file(text)
    file.relations = {**file.relations, ("shop.Order", "person"): ""}
    entry = {"class": "shop.extra:LineAdmin", "model": "shop.Line", "inlines": []}
    known = {"shop.extra:Other": Class(("shop.extra:Other", *bases), {})}
    file.graph = replace(
        file.graph,
        admin=[entry],
        modules=file.graph.modules | {"shop.extra": Module("shop/extra.py", {})},
        classes=file.graph.classes | known,
    )
    return file


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('("order__person",)', '("order",)'),
        ('("order__person__badge", "product")', '("order", "product")'),
        ('["order__person__badge", "order__person", "order"]', '["order"]'),
        ('["product", "order__person"]', '["product", "order"]'),
        ('"order__person",', '("order",)'),
    ],
)
@pytest.mark.parametrize("method", ["", SHOWN], ids=["attributes only", "with a method"])
def test_an_admins_list_is_loaded_ahead_by_its_queryset(rewriter, before, after, method):
    file = admin_of(rewriter, ADMIN.format(paths=before, method=method))
    text, proposal = rewritten(prefetch, file)
    assert text == ADMIN.format(paths=after, method=QUERYSET + method)
    assert all(change.is_batched for change in proposal.changes)
    again, nothing = rewritten(prefetch, admin_of(rewriter, text))
    assert (again, nothing.changes, nothing.refusals) == (text, [], [])


@pytest.mark.parametrize(
    ("paths", "method", "bases"),
    [
        ("True", "", ()),
        ("PATHS", "", ()),
        ('("order__person",)', QUERYSET.replace("prefetch", "select"), ()),
        ('("order__person",)', "\n    def act(self, rows):\n        rows.iterator()\n", ()),
        ('("order__person",)', "", ("shop.extra:LineAdmin",)),
    ],
    ids=["every relation", "named elsewhere", "a queryset of its own", "iterator", "inherited"],
)
def test_an_admin_that_may_need_more_is_left_to_a_person(rewriter, paths, method, bases):
    file = admin_of(rewriter, ADMIN.format(paths=paths, method=method), bases)
    assert not prefetch.propose(file).changes


BLOCKING = [
    "Order.objects.prefetch_related(Prefetch('person', queryset=Person.objects.filter(nickname='x')))",
    "Order.objects.prefetch_related(Prefetch('person', to_attr='who'))",
    "Order.objects.prefetch_related(\n    'lines',\n    'person__badge',  # shown\n    'person',\n)",
]


@pytest.mark.parametrize("code", BLOCKING)
def test_rows_loaded_beyond_a_relation_keep_it_from_being_diverted(rewriter, code):
    blocked = prefetch.blocks(rewriter.file(IMPORTS + code))
    assert list(blocked) == [("shop.Order", "person")]
    assert "shop/extra.py:5" in blocked["shop.Order", "person"]


def test_nothing_is_rewritten_in_the_services_own_files(rewriter):
    code = "from shop.models import Order\nX = Order.objects.prefetch_related('person__badge')\n"
    file = rewriter.file(code, path="people/extra.py")
    assert not prefetch.propose(file).changes
    assert list(prefetch.blocks(file)) == [("shop.Order", "person")]
    fine = rewriter.file(code.replace("__badge", ""), path="people/extra.py")
    assert not prefetch.blocks(fine)


def test_what_can_be_cut_blocks_nothing(rewriter):
    file = rewriter.file(IMPORTS + "Order.objects.prefetch_related('person__badge')")
    assert not prefetch.blocks(file)


def test_an_old_iterator_loads_nothing_ahead(rewriter):
    code = IMPORTS + "Order.objects.select_related('person').iterator()"
    file = rewriter.file(code)
    file.graph = replace(file.graph, django="3.2.25")
    proposal = prefetch.propose(file)
    assert not proposal.changes
    assert "Django 3.2.25" in proposal.refusals[0].reason
