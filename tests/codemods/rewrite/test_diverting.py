"""Which queries the client answers, by what the whole project does with their rows."""

import textwrap

import pytest

from codemods.crossings import discover
from codemods.crossings.survey import survey_typed
from codemods.project import sources
from codemods.rewrite.diverting import Diverting
from codemods.transforms import get
from codemods.transforms import list as lists
from tests.codemods.transforms.one_file import Rewriter

IMPORTS = "from people.models import Person\n"
ONE = """
def one():
    return Person.objects.get(pk=1)
"""
READS = """
def show():
    return one().nickname
"""
SAVES = """
def rename(name):
    person = one()
    person.nickname = name
    person.save()
"""


@pytest.fixture
def decided(project, graph, contexts):
    """Return what is decided of a file of another context, and the file."""
    rewriter = Rewriter(project, graph, contexts)

    def decide(code, path="shop/extra.py"):
        file = rewriter.file(IMPORTS + textwrap.dedent(code), path=path)

        def survey(supposed_graph, supposed):
            digests = sources.digest_files(project, sources.walk(project, (".py",)))
            pages = sources.digest_files(project, sources.walk(project, discover.TEMPLATE_SUFFIXES))
            return survey_typed(
                project, supposed_graph, contexts, digests, pages, processes=1,
                overlay={path: file.text}, supposed=supposed,
            ).survey.crossings  # fmt: skip

        def asking(each, _module, relations):
            each.relations = relations
            proposals = (get.propose(each), lists.propose(each))
            return [change for found in proposals for change in found.changes]

        diverting = Diverting(graph, contexts, "people", survey, asking)
        found = diverting.decided([file], [(file, "shop.extra")])
        file.trusted, file.distrusted = found.trusted, found.refused
        return found, file

    return decide


def test_a_row_that_is_returned_to_readers_is_asked_of_the_client(decided):
    found, file = decided(ONE + READS)
    assert found.trusted == {"shop/extra.py:4:11"}
    change = get.propose(file).changes[0]
    assert change.operations[0].name == "get_person"


def test_a_row_that_a_caller_saves_stays_and_says_where(decided):
    found, file = decided(ONE + READS + SAVES)
    assert not found.trusted
    proposal = get.propose(file)
    assert not proposal.changes
    assert [refusal.reason for refusal in proposal.refusals] == [
        "an attribute of what it gives is set at shop/extra.py:11: person.nickname"
    ]


def test_a_queryset_that_callers_only_go_through_becomes_a_list(decided):
    rows = """
        def people():
            return Person.objects.filter(nickname="x")

        def names():
            return [person.nickname for person in people()]
        """
    found, file = decided(rows)
    assert found.trusted == {"shop/extra.py:4:11"}
    assert lists.propose(file).changes
    more = """
        def newest():
            return people().order_by("-pk")
        """
    found, file = decided(textwrap.dedent(rows) + textwrap.dedent(more))
    assert not found.trusted
    assert not lists.propose(file).changes


def test_one_that_stays_leaves_the_others(decided):
    found, _ = decided(
        ONE
        + SAVES
        + """
def two():
    return one(), Person.objects.get(pk=2)

def show():
    first, second = two()
    print(first.nickname, second.nickname)
"""
    )
    assert found.trusted == {"shop/extra.py:12:18"}
    assert list(found.refused) == ["shop/extra.py:4:11"]
