"""Rows that a client would give: followed to all who use them, and stopped where nobody can."""

import ast
import textwrap

import pytest

from codemods.crossings import discover, survey
from codemods.project import sources

QUERY = "Person.objects.get(pk=1)"
ROWS = "Person.objects.filter(nickname='x')"
LISTED = "[each for each in Person.objects.all()]"
IMPORTS = "from people.models import Person\nfrom shop.models import Line, Order\n"


@pytest.fixture
def misuses(project, graph, contexts):
    """Suppose that QUERY, or ROWS, is answered by a client; return (kind, text) of each misuse."""

    def read_code(code, lazily="", path="shop/extra.py", **overlay):
        digests = sources.digest_files(project, sources.walk(project, (".py",)))
        pages = sources.digest_files(project, sources.walk(project, discover.TEMPLATE_SUFFIXES))
        text = IMPORTS + textwrap.dedent(code)
        value = ("U", "people.Person", "query", f"{path}:1:1{lazily}")
        spans = {
            (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset): frozenset(
                (value if ast.unparse(node) == QUERY else ("S", frozenset((value,))),)
            )
            for node in ast.walk(ast.parse(text))
            if ast.unparse(node) in (QUERY, ROWS, LISTED)
        }
        assert spans
        found = survey.survey_typed(
            project, graph, contexts, digests, pages, processes=1, supposed={path: spans},
            overlay={path: text, **{k: textwrap.dedent(v) for k, v in overlay.items()}},
        )  # fmt: skip
        return [
            (c.kind, c.expression) for c in found.survey.crossings if c.via.startswith("query.")
        ]

    return read_code


FOLLOWED = {
    "in place of what is no chain of calls": """
        def names():
            found = [each for each in Person.objects.all()]
            return [person.nickname for person in found]
        """,
    "read by its caller": """
        def one():
            return Person.objects.get(pk=1)
        def show():
            person = one()
            return f"{person.nickname} {person.greet()} {person.badge.colour} {person.pk}"
        """,
    "returned where the project itself does not ask": """
        def one():
            return Person.objects.get(pk=1)
        """,
    "handed on to who reads it": """
        def show(person, *, twice):
            print(person, twice.shown_name)
        def run():
            person = Person.objects.get(pk=1)
            show(person, twice=person)
        """,
    "in a tuple, a list and a dict": """
        def both():
            return Person.objects.get(pk=1), True
        def run():
            person, _ = both()
            people = [person]
            people.append(person)
            known = {"first": people[0]}
            return sorted(each.nickname for each in people), known["first"].nickname
        """,
    "asked about with it": """
        def one():
            return Person.objects.get(pk=1)
        def run():
            return Order.objects.filter(person=one()).exists()
        """,
    "kept on the request": """
        def before(request):
            request.buyer = Person.objects.get(pk=1)
        def view(request):
            return request.buyer.nickname
        """,
    "a list for who goes through it": """
        def people():
            return Person.objects.filter(nickname='x')
        def run():
            found = people()
            print(len(found), bool(found), found[0].pk, found[:2])
            return [each.nickname for each in found]
        """,
}

STOPPED = {
    "saved by a caller": ("""
        def one():
            return Person.objects.get(pk=1)
        def run():
            one().save()
        """, "instance-write", "one().save()"),
    "set by a caller's caller": ("""
        def one():
            return Person.objects.get(pk=1)
        def two():
            return one(), 1
        def run():
            person, _ = two()
            person.nickname = "x"
        """, "attribute-write", "person.nickname"),
    "handed to code of others": ("""
        import json
        def run():
            json.dumps(Person.objects.get(pk=1))
        """, "escape", QUERY),
    "handed to nobody knows whom": ("""
        def run(target):
            person = Person.objects.get(pk=1)
            target.send(person)
        """, "escape", "person"),
    "told apart by its class": ("""
        def run():
            person = Person.objects.get(pk=1)
            return isinstance(person, Person)
        """, "escape", "person"),
    "returned by a method that nobody is seen to call": (
        """
        class Shop:
            def buyer(self):
                return Person.objects.get(pk=1)
        """,
        "escape",
        QUERY,
    ),
    "given to every page": (
        """
        def owner(site):
            return {"owner": Person.objects.get(pk=1)}
        """,
        "escape",
        "{'owner': Person.objects.get(pk=1)}",
    ),
    "returned to the framework": ("""
        class View:
            def get_object(self):
                return Person.objects.get(pk=1)
            def show(self):
                return self.get_object().nickname
        """, "escape", QUERY),
    "behind a decorator": ("""
        from functools import wraps
        def timed(function):
            @wraps(function)
            def inner(*args):
                return function(*args)
            return inner
        @timed
        def one():
            return Person.objects.get(pk=1)
        def run():
            return one().nickname
        """, "escape", QUERY),
    "given by a function that is handed on": ("""
        def one():
            return Person.objects.get(pk=1)
        def run(pool):
            print(one().nickname)
            pool.submit(one)
        """, "escape", "one"),
    "given by a method of what nobody knows": ("""
        class Shop:
            def buyer(self):
                return Person.objects.get(pk=1)
        def run(shops):
            print(Shop().buyer().nickname)
            return shops.best().buyer()
        """, "escape", "shops.best().buyer()"),
    "asked for what no value has": ("""
        def run():
            return Person.objects.get(pk=1)._meta
        """, "lacks", f"{QUERY}._meta"),
    "asked for many of its rows": ("""
        def run():
            return Person.objects.get(pk=1).groups.all()
        """, "many-to-many", f"{QUERY}.groups"),
    "given to a relation that needs an instance": ("""
        def run():
            return Order(person=Person.objects.get(pk=1))
        """, "construct", QUERY),
    "put into a list of others": ("""
        def collect(into):
            into.append(Person.objects.get(pk=1))
        """, "escape", QUERY),
    "a key of a dict": ("""
        def run():
            return {Person.objects.get(pk=1): 1}
        """, "escape", QUERY),
    "a list asked as a queryset": ("""
        def people():
            return Person.objects.filter(nickname='x')
        def run():
            return people().order_by("pk")
        """, "rows", 'people().order_by("pk")'),
    "a list counted as a queryset": ("""
        def people():
            return Person.objects.filter(nickname='x')
        def run():
            return people().count()
        """, "rows", "people().count()"),
    "a list given to a query": ("""
        def people():
            return Person.objects.filter(nickname='x')
        def run():
            return Order.objects.filter(person__in=people())
        """, "escape", "people()"),
}  # fmt: skip


@pytest.mark.parametrize("code", FOLLOWED.values(), ids=FOLLOWED)
def test_values_are_followed(misuses, code):
    assert misuses(code) == []


@pytest.mark.parametrize(("code", "kind", "text"), STOPPED.values(), ids=STOPPED)
def test_a_use_that_values_cannot_serve_names_the_query(misuses, code, kind, text):
    assert (kind, text.replace("'", '"')) in misuses(code)


def test_a_queryset_is_not_read_before_a_write_that_it_would_have_seen(misuses):
    code = """
        def people():
            return Person.objects.filter(nickname='x')
        def run():
            found = people()
            {write}
            return [each.nickname for each in found]
        """
    quiet = misuses(code.format(write="pass"), lazily=":lazy")
    assert quiet == []
    loud = misuses(code.format(write="Person.objects.create(nickname='x')"), lazily=":lazy")
    assert ("rows", "people()") in loud


def test_values_are_followed_into_templates(misuses):
    code = """
        from django.shortcuts import render
        def view(request):
            return render(request, "shop/person.html", {"person": Person.objects.get(pk=1)})
        """
    page = "shop/templates/shop/person.html"
    assert misuses(code, **{page: "{{ person.nickname }} {{ person.badge.colour }}"}) == []
    assert misuses(code, **{page: "{{ person.nothing }}"}) == [("template", "person.nothing")]
