"""What a function does with an instance it is given: whether a frozen value would do."""

import textwrap

import pytest

from codemods.crossings import discover, survey
from codemods.project import sources

IMPORTS = "from people.models import Badge, Person\nfrom shop.models import Line, Order\n"


@pytest.fixture
def escaping(project, graph, contexts):
    def of(code):
        digests = sources.digest_files(project, sources.walk(project, (".py",)))
        pages = sources.digest_files(project, sources.walk(project, discover.TEMPLATE_SUFFIXES))
        text = IMPORTS + textwrap.dedent(code)
        found = survey.survey_typed(
            project, graph, contexts, digests, pages, processes=1,
            overlay={"shop/extra.py": text},
        )  # fmt: skip
        return ("shop.extra:f", "person") in found.escaping

    return of


@pytest.mark.parametrize(
    "body",
    [
        "line.wanted_by.add(person)",
        "line.wanted_by.remove(person)",
        "Badge.objects.create(person=person)",
        "line.buyer = person",
        "return person.user_permissions.count()",
        "return person.wishes.count()",
    ],
)
def test_an_instance_is_needed(escaping, body):
    assert escaping(f"def f(person: Person, line: Line):\n    {body}\n")


@pytest.mark.parametrize(
    "body",
    [
        "return person.nickname",
        "return person.badge.colour",
        "return Order.objects.filter(person=person).count()",
        "return str(person)",
        "return Order(person=person)",
    ],
)
def test_a_value_would_do(escaping, body):
    assert not escaping(f"def f(person: Person, line: Line):\n    {body}\n")
