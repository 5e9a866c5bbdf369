"""A relation that a client serves: reading it is no crossing, misusing its value is one."""

import textwrap
from dataclasses import replace

import pytest

from codemods.crossings import discover, survey
from codemods.project import sources


@pytest.fixture(scope="module")
def diverted(graph):
    """The graph once `Order.person` and `Line.wanted_by`'s owner's person come from a client."""
    order = graph.models["shop.Order"]
    served = replace(order.fields["person"], service="people")
    return replace(
        graph,
        models=graph.models
        | {"shop.Order": replace(order, fields=order.fields | {"person": served})},
    )


@pytest.fixture(scope="module")
def carried(diverted):
    """The same, once a person has many badges, which travel with the person's value."""
    person = diverted.models["people.Person"]
    badges = replace(person.accessors["badge"], many=True, carried=True)
    person = replace(person, accessors=person.accessors | {"badge": badges})
    return replace(diverted, models=diverted.models | {"people.Person": person})


@pytest.fixture
def read(project, diverted, contexts):
    def read_code(code, path="shop/extra.py", graph=diverted, **overlay):
        digests = sources.digest_files(project, sources.walk(project, (".py",)))
        pages = sources.digest_files(project, sources.walk(project, discover.TEMPLATE_SUFFIXES))
        texts = {path: code, **overlay}
        return survey.survey_typed(
            project, graph, contexts, digests, pages, processes=1,
            wanted=lambda _crossings: {path},
            overlay={where: textwrap.dedent(text).lstrip("\n") for where, text in texts.items()},
        )  # fmt: skip

    return read_code


def crossings(found, path="shop/extra.py"):
    return [
        (c.kind, c.model, c.line, c.access, c.via)
        for c in found.survey.crossings
        if c.path == path and c.kind != "import"
    ]


def test_reading_a_value_crosses_nothing(read):
    found = read(
        """
        from shop.models import Order

        def show(order: Order):
            print(order.person, order.person.shown_name, order.person.badge.colour)
            return f"{order.person.nickname} {order.person.greet()} {order.person_id}"
        """
    )
    assert crossings(found) == []
    assert {(read.label, read.attribute) for read in found.reads if "extra" in read.path} == {
        ("people.Person", "__str__"),
        ("people.Person", "shown_name"),
        ("people.Person", "badge"),
        ("people.Badge", "colour"),
        ("people.Person", "nickname"),
        ("people.Person", "greet"),
    }


def test_templates_read_values_too(read):
    found = read("", **{"shop/templates/shop/order_detail.html": "{{ order.person.greet }}"})
    assert crossings(found, "shop/templates/shop/order_detail.html") == []


def test_what_only_an_instance_can_do_is_a_crossing_with_its_relation(read):
    found = read(
        """
        from shop.forms import ProductForm
        from shop.models import Order

        def change(order: Order):
            person = order.person
            person.nickname = "x"
            person.save()
            person.set_password("x")
            ProductForm(instance=person)
        """,
    )
    via = "shop.Order.person"
    assert crossings(found) == [
        ("attribute-write", "people.Person", 6, "write", via),
        ("instance-write", "people.Person", 7, "write", via),
        ("method", "people.Person", 8, "read", via),
        ("form", "people.Person", 9, "read", via),
    ]


def test_a_value_misused_in_its_own_service_is_recorded_there(read):
    found = read(
        """
        from shop.models import Order
        from people.services import recolour

        def paint(order: Order):
            return recolour(order.person, "red")
        """,
        **{
            "people/services.py": """
            def recolour(person, colour):
                person.nickname = colour
                person.save()
            """
        },
    )
    assert crossings(found, "people/services.py") == [
        ("attribute-write", "people.Person", 2, "write", "shop.Order.person"),
        ("instance-write", "people.Person", 3, "write", "shop.Order.person"),
    ]


def test_the_other_side_of_a_diverted_relation_leads_where_the_rows_are(read):
    found = read(
        """
        from shop.models import Order

        def show(order: Order):
            return order.person.orders.count()
        """
    )
    assert crossings(found) == []


def test_rows_that_a_value_cannot_lead_to_are_a_misuse_wherever_they_and_the_code_are(read):
    found = read(
        """
        from shop.models import Order

        def show(order: Order):
            return order.person.wishes.first(), order.person.groups.all()
        """,
        **{
            "people/services.py": """
            from shop.models import Order

            def show(order: Order):
                return order.person.groups.all(), order.person.logentry_set.all()
            """
        },
    )
    via = "shop.Order.person"
    assert crossings(found) == [
        ("reverse-relation", "people.Person", 4, "read", via),
        ("many-to-many", "people.Person", 4, "read", via),
    ]
    assert [
        each for each in crossings(found, "people/services.py") if each[1] == "people.Person"
    ] == [
        ("many-to-many", "people.Person", 4, "read", via),
        ("reverse-relation", "people.Person", 4, "read", via),
    ]


def test_prefetching_a_served_relation_crosses_nothing_but_joining_it_does(read):
    found = read(
        """
        from django.db.models import Prefetch
        from shop.models import Line, Order

        for order in Order.objects.prefetch_related("person"):
            print(order.person.nickname)
        Order.objects.prefetch_related(Prefetch("person")).first()
        Order.objects.select_related("person").first()
        Order.objects.filter(person__nickname="x").first()
        Order.objects.filter(person=1).first()
        Line.objects.prefetch_related("order__person").first()
        """
    )
    assert [(kind, line) for kind, _, line, _, _ in crossings(found)] == [
        ("prefetch", 7),
        ("join", 8),
        ("key", 9),
    ]


def test_setting_a_served_relation_writes_a_local_key(read):
    found = read(
        """
        from shop.models import Order

        def give(order: Order, other: Order):
            order.person = other.person
        """
    )
    assert crossings(found) == [("key", "people.Person", 4, "write", "")]


CLIENT = {
    "clients/__init__.py": "",
    "clients/people_client/__init__.py": """
        from clients.people_client.operations import get_person, list_persons
        from clients.people_client.values import Person
    """,
    "clients/people_client/values.py": """
        class Person:
            model_label = "people.Person"
    """,
    "clients/people_client/operations.py": """
        from clients.people_client.values import Person

        def get_person(*, id: int) -> Person:
            ...

        def list_persons() -> "list[Person]":
            ...
    """,
}


def test_what_operations_return_is_read_as_values(read):
    found = read(
        """
        from clients import people_client

        def show():
            names = [person.nickname for person in people_client.list_persons()]
            try:
                return people_client.get_person(id=1).badge.colour, names
            except people_client.Person.DoesNotExist:
                return None
        """,
        **CLIENT,
    )
    assert crossings(found) == []
    assert {(read.label, read.attribute) for read in found.reads if "extra" in read.path} == {
        ("people.Person", "nickname"),
        ("people.Person", "badge"),
        ("people.Badge", "colour"),
    }


def test_a_value_given_to_a_plain_relation_inside_its_service_is_no_instance(read):
    found = read(
        """
        from shop.models import Order
        from people.services import award

        def thank(order: Order):
            return award(order.person)
        """,
        **{
            "people/services.py": """
            from people.models import Badge

            def award(person):
                return Badge.objects.create(person=person, colour="gold")
            """
        },
    )
    assert crossings(found, "people/services.py") == [
        ("construct", "people.Person", 4, "read", "shop.Order.person"),
    ]


def test_a_value_cannot_be_linked(read):
    found = read("""
        from shop.models import Line, Order

        def wish(order: Order, line: Line):
            line.wanted_by.add(order.person)
    """)
    assert ("many-to-many", "people.Person", 4, "read", "shop.Order.person") in crossings(found)


def test_rows_that_travel_with_a_value_are_gone_through_and_counted(read, carried):
    found = read(
        """
        from shop.models import Order

        def show(order: Order):
            badges = order.person.badge.all()
            print(order.person.badge.count(), badges.exists(), len(badges), badges[0].colour)
            return [each.colour for each in badges] + sorted(badges)
        """,
        graph=carried,
        **{"shop/templates/shop/order_detail.html": "{{ order.person.badge.all.0.colour }}"},
    )
    assert crossings(found) == []
    assert crossings(found, "shop/templates/shop/order_detail.html") == []
    assert ("people.Badge", "colour") in {(read.label, read.attribute) for read in found.reads}


def test_what_only_a_queryset_can_do_is_a_misuse_of_rows_that_travel(read, carried):
    found = read(
        """
        from shop.models import Order
        from elsewhere import unknown

        def show(order: Order):
            order.person.badge.filter(colour="red")
            order.person.badge.add(1)
            order.person.badge.all().first()
            unknown(order.person.badge)
            Order.objects.filter(pk__in=order.person.badge.all())
            return order.person.badge.all() | order.person.badge.all()
        """,
        graph=carried,
        **{"shop/templates/shop/order_detail.html": "{{ order.person.badge.all.first }}"},
    )
    told = {(kind, line, via) for kind, _, line, _, via in crossings(found) if via}
    assert told == {("many-to-many", line, "shop.Order.person") for line in range(5, 11)}
    assert crossings(found, "shop/templates/shop/order_detail.html")
