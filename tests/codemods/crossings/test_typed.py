"""Types by span, what is read of foreign instances, overlays, and what becomes of parameters."""

import ast
import textwrap
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from codemods.crossings import discover, survey
from codemods.crossings.facts import Facts
from codemods.crossings.infer.typed import PARENTHESISED, TypedWalker
from codemods.crossings.infer.walker import Project
from codemods.crossings.reader import decode
from codemods.project import sources

ROOT = Path(__file__).resolve().parents[3]
# Not expressions of their own to libcst.
OTHERS = (ast.Slice, ast.Starred, ast.FormattedValue)


def files():
    found = [ROOT / path for path in sources.walk(ROOT, (".py",))]
    return [path for path in found if path.is_file()]


def ast_spans(text, graph, contexts):
    """Return the span of every expression that `ast` sees, as the typed walker spells it."""
    source = discover.Source("x.py", "python", "x", "project", "")
    project = Project(graph, contexts, {}, {}, {}, {})
    walker = TypedWalker(project, source, Facts({}), text)
    tree = ast.parse(text)
    indexes = {id(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}
    return {
        walker.span(node): node
        for node in ast.walk(tree)
        if isinstance(node, ast.expr)
        and not isinstance(node, OTHERS)
        and not (isinstance(node, ast.Tuple) and id(node) in indexes)
    }


def cst_spans(text):
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    return {
        (at.start.line, at.start.column, at.end.line, at.end.column)
        for node, at in wrapper.resolve(PositionProvider).items()
        if isinstance(node, cst.BaseExpression)
    }


def strays(text, graph, contexts):
    known = cst_spans(text)
    return [
        f"{span} {ast.unparse(node)}"
        for span, node in ast_spans(text, graph, contexts).items()
        # The parentheses of a tuple or a generator may have lines of their own.
        if span not in known and not (isinstance(node, PARENTHESISED) and span[0] != span[2])
    ]


def test_spans_are_those_of_libcst_whatever_the_parentheses(graph, contexts):
    text = textwrap.dedent(
        """\
        a = (b, c)
        d = (b), c
        e = f(x.y for x in (z))
        g = ( h for h in i )
        j = ((k.l)).m
        n = "é", (o.p), f"{q.r} {(s.t)}"
        u = [(v, w), (x)]
        """
    )
    assert strays(text, graph, contexts) == []


def test_spans_are_those_of_libcst_in_all_files_of_the_shop(graph, contexts):
    wrong = {
        str(path): found
        for path in files()
        if path.relative_to(ROOT).parts[0] == "monolith"
        and (found := strays(decode(path.read_bytes()), graph, contexts))
    }
    assert wrong == {}


@pytest.fixture
def typed(project, graph, contexts):
    """Read the project with one more file, which is nowhere on disk."""

    def read_typed(code, path="shop/extra.py", **overlay):
        digests = sources.digest_files(project, sources.walk(project, (".py",)))
        pages = sources.digest_files(project, sources.walk(project, discover.TEMPLATE_SUFFIXES))
        return survey.survey_typed(
            project, graph, contexts, digests, pages,
            wanted=lambda _crossings: {path},
            overlay={path: textwrap.dedent(code).lstrip("\n"), **overlay},
            processes=1,
        )  # fmt: skip

    return read_typed


def spelled(file):
    """Map each expression's text to its type."""
    lines = file.text.split("\n")
    return {
        lines[line - 1][column:end_column]: type_
        for (line, column, end_line, end_column), type_ in file.types.items()
        if line == end_line
    }


PERSON = frozenset({("I", "people.Person")})
CODE = """
    from people.models import Person
    from shop.models import Order

    def mail(order, *, copies: "list[Person]" = ()):
        person = order.person
        for copy in copies:
            print(copy.email)
        try:
            chosen = Person.objects.filter(email=person.email).first()
        except Person.DoesNotExist:
            return [one.person_id for one in Order.objects.all()]
        return chosen

    mail(Order.objects.get(pk=1))
"""


def test_every_expression_and_name_has_its_type(typed):
    found = spelled(typed(CODE).files["shop/extra.py"])
    assert found["order"] == frozenset({("I", "shop.Order")})
    assert found["person"] == found["order.person"] == found["chosen"] == found["copy"] == PERSON
    assert found["copies"] == frozenset({("S", PERSON)})
    assert found["Person"] == frozenset({("M", "people.Person")})
    assert found["Person.objects"] == frozenset({("G", "people.Person", "objects")})
    assert found["Person.objects.filter(email=person.email)"] == frozenset({("Q", "people.Person")})
    assert found["one"] == frozenset({("I", "shop.Order")})
    assert "person.email" not in found


def test_what_only_a_name_tells_is_marked_as_guessed(typed):
    file = typed(
        """
        def label(person):
            name = person.badge
            return name.colour
        """
    ).files["shop/extra.py"]
    lines = file.text.split("\n")
    guessed = {lines[line - 1][start:end] for line, start, _, end in file.guessed}
    assert {"person", "person.badge", "name"} <= guessed


def reads(found, path="shop/extra.py"):
    return {
        (read.label, read.attribute, read.line, read.is_write)
        for read in found.reads
        if read.path == path
    }


def test_reads_and_writes_of_foreign_instances_are_told(typed):
    found = typed(
        """
        from shop.models import Order

        def show(order: Order):
            order.person.nickname = getattr(order.person, "username")
            order.person.save()
            text = f"{order.person} {order.number}"
            return text + order.person.greet() + "%s" % order.person.badge.colour
        """
    )
    assert reads(found) == {
        ("people.Person", "nickname", 4, True),
        ("people.Person", "username", 4, False),
        ("people.Person", "save", 5, True),
        ("people.Person", "__str__", 6, False),
        ("people.Person", "greet", 7, False),
        ("people.Person", "badge", 7, False),
        ("people.Badge", "colour", 7, False),
    }


def test_templates_tell_what_they_read(typed):
    found = typed(
        "",
        **{
            "shop/templates/shop/order_detail.html": "{{ order.person }}\n"
            '{% url "x" order.person.pk %}{{ order.person.greet }}'
        },
    )
    assert reads(found, "shop/templates/shop/order_detail.html") == {
        ("people.Person", "__str__", 1, False),
        ("people.Person", "pk", 2, False),
        ("people.Person", "greet", 2, False),
    }


def test_the_owner_reads_its_own_without_telling(whole, typed):
    assert not {read for read in typed("").reads if read.path.startswith("people/")}


def test_an_overlay_adds_changes_and_drops_files(typed, whole):
    found = typed(
        "from people.models import Person\n",
        **{"shop/views.py": "from people.models import Badge\n", "shop/forms.py": None},
    )
    places = {(c.path, c.model) for c in found.survey.crossings if c.kind == "import"}
    assert ("shop/extra.py", "people.Person") in places
    assert ("shop/views.py", "people.Badge") in places
    assert not [c for c in found.survey.crossings if c.path == "shop/forms.py"]


def test_parameters_that_are_written_or_handed_out_of_sight_are_told(typed):
    found = typed(
        """
        import json

        def rename(person, name):
            person.nickname = name

        def store(person):
            person.save()

        def through(first, second):
            rename(first, second)
            store(person=first)

        def show(person):
            return person.nickname

        def hand(person, other):
            json.dumps(person)
            return other
        """
    )
    own = {entry for entry in found.written if entry[0].startswith("shop.extra:")}
    assert own == {
        ("shop.extra:rename", "person"),
        ("shop.extra:store", "person"),
        ("shop.extra:through", "first"),
    }
    escaping = {entry for entry in found.escaping if entry[0].startswith("shop.extra:")}
    assert escaping == {
        ("shop.extra:rename", "name"),
        ("shop.extra:through", "second"),
        ("shop.extra:hand", "person"),
        ("shop.extra:hand", "other"),
    }
