"""An instance that was only its key becomes the id column. Shop's relations to people: see MODELS."""
# ruff: noqa: E501  a case is one line

import textwrap
from dataclasses import replace

import pytest

from codemods.transforms import key
from tests.codemods.transforms.one_file import Rewriter

IMPORTS = """
from django.db.models import Q
from django.shortcuts import get_object_or_404
from people.models import Badge, Person
from shop.models import Line, Order
"""


@pytest.fixture(scope="session")
def rewriter(project, graph, contexts):
    return Rewriter(project, graph, contexts)


@pytest.fixture(scope="session")
def with_null(rewriter):
    """The same project, in which an order may have nobody."""
    order = rewriter.graph.models["shop.Order"]
    person = replace(order.fields["person"], null=True)
    changed = replace(
        order,
        fields=order.fields | {"person": person},
        attnames=order.attnames | {"person_id": person},
    )
    graph = replace(rewriter.graph, models=rewriter.graph.models | {"shop.Order": changed})
    return Rewriter(rewriter.root, graph, rewriter.contexts)


def keyed(rewriter, code):
    text, proposal = rewriter.rewrite(key, IMPORTS + textwrap.dedent(code))
    return text.removeprefix(IMPORTS.lstrip("\n")), proposal


LEFT_ALONE = {
    "already by id": "def f(person: Person): return Order.objects.filter(person_id=person.pk)",
    "an id given as the instance": "def f(pk: int): return Order.objects.filter(person=pk)",
    "nothing known": "def f(person_or_id): return Order.objects.filter(person=person_or_id)",
    "own relation": "def f(order: Order): return Line.objects.filter(order=order)",
    "a list": "def f(people: 'list[Person]'): return Order.objects.filter(person__in=people)",
    "the service's own query": "def f(person: Person): return Badge.objects.filter(person=person)",
    "a string of the same name": "def f(): return dict(person=1)",
    "none looked up": "def f(): return Order.objects.filter(person=None)",
    "own comparison": "def f(line: Line, order: Order): return line.order == order",
    "compared with something else": "def f(order: Order): return order.person == 'x'",
    "the pk of an own relation": "def f(line: Line): return line.order.pk",
    "an attribute that is no key": "def f(order: Order): return order.person.nickname",
    "the pk is set": "def f(order: Order):\n    order.person.pk = 3",
    "never null, so no test": "def f(order: Order):\n    if order.person:\n        return 1",
    "never null, so not None": "def f(order: Order): return order.person is None",
    "a row whose relation is read again": "def f(person: Person):\n    order = Order(person=person)\n    return order.person.nickname",
    "an unknown order": "def f(thing, person: Person): return thing.person == person",
}

CHANGED = {
    "annotated parameter": (
        "def f(person: Person): return Order.objects.filter(person=person)",
        "def f(person: Person): return Order.objects.filter(person_id=person.pk)",
    ),
    "the request's user": (
        "def f(request): return Order.objects.exclude(person=request.user).first()",
        "def f(request): return Order.objects.exclude(person_id=request.user.pk).first()",
    ),
    "its own relation": (
        "def f(order: Order): return Order.objects.filter(person=order.person, number='1')",
        "def f(order: Order): return Order.objects.filter(person_id=order.person_id, number='1')",
    ),
    "a row just got": (
        "def f():\n    person = Person.objects.get(pk=1)\n    return Order.objects.get(person=person)",
        "def f():\n    person = Person.objects.get(pk=1)\n    return Order.objects.get(person_id=person.pk)",
    ),
    "a row or 404": (
        "def f():\n    return Order.objects.filter(person=get_object_or_404(Person, pk=1))",
        "def f():\n    return Order.objects.filter(person_id=get_object_or_404(Person, pk=1).pk)",
    ),
    "a loop's row": (
        "def f():\n    for person in Person.objects.all():\n        Order.objects.filter(person = person).delete()",
        "def f():\n    for person in Person.objects.all():\n        Order.objects.filter(person_id = person.pk).delete()",
    ),
    "guarded": (
        "def f():\n    person = Person.objects.first()\n    if person is not None:\n        Order.objects.filter(person=person)",
        "def f():\n    person = Person.objects.first()\n    if person is not None:\n        Order.objects.filter(person_id=person.pk)",
    ),
    "left before": (
        "def f():\n    person = Person.objects.first()\n    if not person:\n        return None\n    return Order.objects.filter(person=person)",
        "def f():\n    person = Person.objects.first()\n    if not person:\n        return None\n    return Order.objects.filter(person_id=person.pk)",
    ),
    "through an own relation": (
        "def f(person: Person): return Line.objects.filter(order__person=person)",
        "def f(person: Person): return Line.objects.filter(order__person_id=person.pk)",
    ),
    "in a Q": (
        "def f(person: Person): return Order.objects.filter(Q(person=person) | ~Q(number='1'))",
        "def f(person: Person): return Order.objects.filter(Q(person_id=person.pk) | ~Q(number='1'))",
    ),
    "get_or_create": (
        "def f(person: Person): return Order.objects.get_or_create(person=person, defaults={})",
        "def f(person: Person): return Order.objects.get_or_create(person_id=person.pk, defaults={})",
    ),
    "create": (
        "def f(person: Person):\n    Order.objects.create(person=person, number='1')",
        "def f(person: Person):\n    Order.objects.create(person_id=person.pk, number='1')",
    ),
    "a constructor": (
        "def f(person: Person):\n    order = Order(person=person)\n    order.save()",
        "def f(person: Person):\n    order = Order(person_id=person.pk)\n    order.save()",
    ),
    "an update": (
        "def f(person: Person): Order.objects.update(person=person)",
        "def f(person: Person): Order.objects.update(person_id=person.pk)",
    ),
    "equal": (
        "def f(order: Order, person: Person): return order.person == person",
        "def f(order: Order, person: Person): return order.person_id == person.pk",
    ),
    "equal, the other way": (
        "def f(order: Order, request): return request.user != order.person",
        "def f(order: Order, request): return request.user.pk != order.person_id",
    ),
    "two relations": (
        "def f(line: Line, order: Order): return line.order.person == order.person",
        "def f(line: Line, order: Order): return line.order.person_id == order.person_id",
    ),
    "a relation of the service's own": (
        "def f(badge: Badge, order: Order): return badge.person == order.person",
        "def f(badge: Badge, order: Order): return badge.person_id == order.person_id",
    ),
    "the pk": (
        "def f(order: Order): return (order.person.pk, order.person.id)",
        "def f(order: Order): return (order.person_id, order.person_id)",
    ),
}

CHANGED_WITH_NULL = {
    "is None": (
        "def f(order: Order): return order.person is None",
        "def f(order: Order): return order.person_id is None",
    ),
    "is not None": (
        "def f(order: Order): return order.person is not None",
        "def f(order: Order): return order.person_id is not None",
    ),
    "a condition": (
        "def f(order: Order):\n    if order.person and order.number:\n        return 1",
        "def f(order: Order):\n    if order.person_id is not None and order.number:\n        return 1",
    ),
    "not": (
        "def f(order: Order): return not order.person",
        "def f(order: Order): return order.person_id is None",
    ),
    "one of two": (
        "def f(order: Order): return 'x' if order.person else 'y'",
        "def f(order: Order): return 'x' if order.person_id is not None else 'y'",
    ),
    "two relations": (
        "def f(line: Line, order: Order): return line.order.person == order.person",
        "def f(line: Line, order: Order): return line.order.person_id == order.person_id",
    ),
}

CHANGED_WITH_NULL |= {
    "a row for sure": (
        "def f():\n    for person in Person.objects.all():\n        Order.objects.filter(person=person)",
        "def f():\n    for person in Person.objects.all():\n        Order.objects.filter(person_id=person.pk)",
    ),
}

LEFT_ALONE_WITH_NULL = {
    "the value of and": "def f(order: Order): return order.person and order.person.nickname",
    "the pk, which fails for None": "def f(order: Order): return order.person.pk",
}


@pytest.mark.parametrize("code", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_is_left_alone(rewriter, code):
    after, proposal = keyed(rewriter, code)
    assert after == code
    assert not proposal.changes
    assert not proposal.refusals


@pytest.mark.parametrize("code", LEFT_ALONE_WITH_NULL.values(), ids=LEFT_ALONE_WITH_NULL)
def test_is_left_alone_when_it_may_be_null(with_null, code):
    assert keyed(with_null, code)[0] == code


@pytest.mark.parametrize(("before", "after"), CHANGED.values(), ids=CHANGED)
def test_uses_the_column(rewriter, before, after):
    found, proposal = keyed(rewriter, before)
    assert found == after
    assert not proposal.refusals


@pytest.mark.parametrize(("before", "after"), CHANGED_WITH_NULL.values(), ids=CHANGED_WITH_NULL)
def test_uses_the_column_that_may_be_null(with_null, before, after):
    assert keyed(with_null, before)[0] == after


REFUSED = {
    "may be None": "def f(): return Order.objects.filter(person=Person.objects.first())",
    "may be None by default": "def f(person: Person = None): return Order.objects.filter(person=person)",
    "may be None by its annotation": "def f(person: 'Person | None'): return Order.objects.filter(person=person)",
    "may be None again": "def f():\n    person = Person.objects.first()\n    if not person:\n        return None\n    person = Person.objects.last()\n    return Order.objects.filter(person=person)",
    "only warned of": "def f():\n    person = Person.objects.first()\n    if not person:\n        print('nobody')\n    return Order.objects.filter(person=person)",
    "may be None in one branch": "def f(x):\n    person = None\n    if x:\n        person = Person.objects.get(pk=1)\n    return Order.objects.filter(person=person)",
    "compared with what may be None": "def f(order: Order):\n    person = Person.objects.first()\n    return order.person == person",
}


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_is_refused_when_it_may_be_none(rewriter, code):
    after, proposal = keyed(rewriter, code)
    assert after == code
    assert ["may be None" in refusal.reason for refusal in proposal.refusals] == [True]


def test_is_refused_when_the_column_may_be_null(with_null):
    code = "def f(request): return Order.objects.filter(person=request.user)"
    after, proposal = keyed(with_null, code)
    assert after == code
    assert "may be null" in proposal.refusals[0].reason
