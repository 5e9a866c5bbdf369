"""Changes are made together or not at all, and never at the price of a comment or a broken file."""

import libcst as cst
import libcst.matchers as m
import pytest

from codemods.rewrite.plan import Candidate, Rules, plan, uncompilable
from codemods.transforms.change import Change, Proposal
from codemods.transforms.source import SourceFile

TEXT = """\
from shop.users.models import User


def page(a, b):
    x = old(a)
    y = old(
        b,  # why b
    )
    return x, y
"""


def source(text=TEXT, path="shop/views.py"):
    return SourceFile(
        path=path, text=text, context="shop", service="users", graph=None, contexts=None,
        types={}, crossings=(), client_module="shop.clients.users_client", client="users_client",
    )  # fmt: skip


def calls(file, name="old"):
    return m.findall(file.module, m.Call(func=m.Name(name)))


def to(code):
    return lambda _node: cst.parse_expression(code)


def planned(file, *changes, rules=None, others=()):
    candidate = Candidate(file, "shop.views", tuple(Proposal([c]) for c in changes))
    return plan([candidate, *others], rules or Rules())


def test_nothing_proposed_changes_nothing():
    found = planned(source())
    assert (dict(found.texts), dict(found.changes)) == ({}, {})


def test_a_change_is_made_with_its_import_and_what_it_made_unused_goes():
    file = source("from shop.users.models import User\n\nname = User.objects.get(pk=1)\n")
    call = m.findall(file.module, m.Call())[0]
    change = Change(
        call, to("users_client.get_user(id=1)"), "get",
        imports=(file.client_import,), unused=(("shop.users.models", "User"),),
    )  # fmt: skip
    assert planned(file, change, rules=Rules(own=frozenset({"shop"}))).texts == {
        "shop/views.py": (
            "from shop.clients import users_client\n\nname = users_client.get_user(id=1)\n"
        )
    }
    kept = planned(file, change, rules=Rules(is_exported=lambda module, name: name == "User"))
    assert "import User" in kept.texts["shop/views.py"]


def test_inner_changes_are_made_before_outer_ones():
    file = source("outer(inner(1))\n")
    outer, inner = calls(file, "outer")[0], calls(file, "inner")[0]
    changes = (
        Change(outer, lambda node: node.with_changes(func=cst.Name("around")), "a"),
        Change(inner, to("within(2)"), "b"),
    )
    assert planned(file, *changes).texts == {"shop/views.py": "around(within(2))\n"}


def test_a_comment_is_worth_more_than_a_change_and_its_group_goes_with_it():
    file = source()
    first, second = calls(file)
    found = planned(
        file,
        Change(first, to("one()"), "t", group="g"),
        Change(second, to("two()"), "t", group="g"),
    )
    assert found.texts == {}
    reasons = sorted(drop.reason for drop in found.dropped)
    assert reasons[0] == "a comment inside would be lost"
    assert "together" in reasons[1]
    alone = planned(file, Change(first, to("one()"), "t"), Change(second, to("two()"), "t"))
    assert "x = one()" in alone.texts["shop/views.py"]
    assert "# why b" in alone.texts["shop/views.py"]


def test_a_group_is_whole_over_all_files():
    file, other = source(), source("old(1)\n", "shop/other.py")
    bad = Change(calls(other)[0], lambda _node: 1 / 0, "t", group="g")
    found = planned(
        file,
        Change(calls(file)[0], to("one()"), "t", group="g"),
        others=[Candidate(other, "shop.other", (Proposal([bad]),))],
    )
    assert found.texts == {}
    assert any("ZeroDivisionError" in drop.reason for drop in found.dropped)


def test_of_two_changes_to_one_node_the_first_transform_wins():
    file = source()
    node = calls(file)[0]
    found = planned(file, Change(node, to("one()"), "first"), Change(node, to("two()"), "second"))
    assert "x = one()" in found.texts["shop/views.py"]
    assert [drop.reason for drop in found.dropped] == ["`first` changes the same place"]


def test_what_would_not_compile_is_left_out():
    file = source("old(1)\n")
    found = planned(file, Change(calls(file)[0], lambda _node: cst.Name("return"), "t"))
    assert found.texts == {}
    assert "would not compile" in found.dropped[0].reason


def test_paths_and_people_narrow_what_is_made():
    file = source()
    change = Change(calls(file)[0], to("one()"), "t")
    assert planned(file, change, rules=Rules(is_within=lambda _path: False)).texts == {}
    asked = []

    def choose(candidate, changes):
        asked.append((candidate.module_name, changes))
        return False

    found = planned(file, change, rules=Rules(choose=choose))
    assert (found.texts, asked) == ({}, [("shop.views", [change])])
    assert found.dropped[0].reason == "not chosen"


def test_what_the_service_cannot_offer_is_left_out():
    file = source()
    change = Change(calls(file)[0], to("one()"), "t")
    found = planned(file, change, rules=Rules(misfits=lambda _changes: {change: "no such column"}))
    assert [drop.reason for drop in found.dropped] == ["no such column"]


@pytest.mark.parametrize(
    ("text", "python", "is_fine"),
    [
        ("x = 1\n", (3, 8), True),
        ("match x:\n    case 1: pass\n", (3, 8), False),
        ("match x:\n    case 1: pass\n", (3, 11), True),
        ("return 1\n", (3, 11), False),
        ("x = '\0'\n", (3, 11), False),
    ],
)
def test_a_program_is_one_of_its_own_version(text, python, is_fine):
    assert (uncompilable(text, "x.py", python) == "") is is_fine
