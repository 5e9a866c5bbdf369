"""What of a test file runs without the services that are not there."""

from textwrap import dedent

from codemods.extract.tests_alone import alone

FILE = '''\
"""Tests of letters."""

import pytest
from shop.users.models import User
from tests.servers import running

from shop.orders.letters import letter

ADA = "ada@shop.test"


@pytest.fixture
def server():
    with running() as found:
        yield found


def rows():
    return User.objects.all()


def test_a_letter():
    assert letter(ADA)  # stays


def test_a_letter_over_http(server):
    assert server


class TestMany:
    kind = "many"

    def test_none(self):
        assert not letter("")

    def test_rows(self):
        assert rows()


@pytest.mark.usefixtures("server")
def test_by_name():
    assert letter(ADA)
'''


def leaving(text=FILE, **lost):
    given = {"names": {"running": "is apart"}, "lines": {18: "uses User"}, "fixtures": ()}
    return alone(text, **{**given, **lost})


def test_what_needs_something_that_is_not_here_goes_and_takes_along_what_needs_it():
    part = leaving()
    assert part.left == {
        "server": "is apart",
        "rows": "uses User",
        "test_a_letter_over_http": "needs the fixture server, which is apart",
        "TestMany::test_rows": "needs rows, which uses User",
        "test_by_name": "needs the fixture server, which is apart",
    }
    assert part.text == dedent(
        '''\
        """Tests of letters."""


        from shop.orders.letters import letter

        ADA = "ada@shop.test"


        def test_a_letter():
            assert letter(ADA)  # stays


        class TestMany:
            kind = "many"

            def test_none(self):
                assert not letter("")
        '''
    )


def test_a_fixture_that_is_not_here_is_not_missed_where_a_file_has_its_own():
    text = FILE.replace("with running() as found:\n        yield found", "return 1")
    assert not leaving(text, names={}, lines={}, fixtures=["server"]).left
    below = "def test_it(server):\n    pass\n"
    assert leaving(below, fixtures=["server"]).left == {"test_it": "needs the fixture server"}


def test_a_class_goes_with_what_sets_it_up_and_a_file_with_its_tests():
    text = dedent(
        """\
        from shop.users.models import User

        class Tests:
            def setUp(self):
                User.objects.create()

            def test_it(self):
                pass
        """
    )
    part = leaving(text, names={}, lines={5: "uses User"})
    assert part.left == {"Tests": "uses User"}
    assert not part.has_tests
