"""Serializers over a client's value: what they show is carried, what it has not is a misuse."""

import textwrap

import pytest

from tests.codemods.crossings.test_diverted import crossings, diverted, read  # noqa: F401

PATH = "shop/serializers.py"
VIA = "shop.Order.person"
BASE = """
from rest_framework import serializers
from people.models import Person
from shop.models import Order

"""


def classes(person="", plain="", order="fields = ['number']"):
    return BASE + "\n".join(
        f"class {name}(serializers.{base}):\n{textwrap.indent(textwrap.dedent(body), ' ' * 4)}"
        for name, base, body in (
            ("PersonSerializer", "ModelSerializer", person or "pass\n"),
            ("PlainSerializer", "Serializer", plain or "pass\n"),
            ("OrderSerializer", "ModelSerializer", order),
        )
    )


def order(field, meta="fields = ['number', 'shown']", code=""):
    return f"shown = {field}\n{code}\nclass Meta:\n    model = Order\n    {meta}\n"


def person(meta, code=""):
    return f"{code}\nclass Meta:\n    model = Person\n    {meta}\n"


@pytest.mark.parametrize(
    ("meta", "kind"),
    [
        ("fields = ['username', 'groups']", "many-to-many"),
        ("exclude = ['password']", "many-to-many"),
        ("fields = chosen()", "serializer"),
    ],
)
def test_a_nested_serializer_that_asks_for_more_is_a_misuse(read, meta, kind):  # noqa: F811
    shown = order("PersonSerializer(source='person')")
    found = read(classes(order=shown, person=person(meta)), PATH)
    assert kind in {each[0] for each in crossings(found, PATH) if each[-1] == VIA}


def test_what_a_value_cannot_show_is_a_misuse_where_it_is_asked_for(read):  # noqa: F811
    found = read(
        classes(
            plain="""
            names = serializers.ListField(source="person.groups.all")
            wishes = serializers.StringRelatedField(source="person.wishes", many=True)
            groups = serializers.SerializerMethodField()

            def get_groups(self, obj):
                return list(obj.groups.all())
            """,
            order=order(
                "serializers.ListField(source='person.groups.all')",
                meta="fields = '__all__'\n    depth = 1",
                code=(
                    "wishes = serializers.StringRelatedField(source='person.wishes', many=True)\n"
                    "other = Unknown(source='person')\n"
                    "plain = PlainSerializer(source='person')\n"
                ),
            ),
        ),
        PATH,
    )
    asked = {(kind, line) for kind, _, line, _, via in crossings(found, PATH) if via == VIA}
    assert {kind for kind, _ in asked} == {
        "many-to-many",
        "reverse-relation",
        "escape",
        "serializer",
    }
    assert len(asked) == 5


def test_what_is_shown_of_a_value_is_carried(read):  # noqa: F811
    found = read(
        classes(
            order=order(
                "serializers.CharField(source='person.shown_name')",
                code=(
                    "named = serializers.SlugRelatedField(source='person', slug_field='username',"
                    " read_only=True)\n"
                    "nested = PlainSerializer(source='person')\n"
                ),
            ),
            plain="colour = serializers.CharField(source='badge.colour')\n"
            "about = serializers.SerializerMethodField()\n\n"
            "def get_about(self, obj):\n    return obj.nickname\n",
        ),
        PATH,
    )
    assert {each for each in crossings(found, PATH) if each[-1]} == set()
    assert {(read.label, read.attribute) for read in found.reads if read.path == PATH} >= {
        ("people.Person", "shown_name"),
        ("people.Person", "username"),
        ("people.Person", "nickname"),
        ("people.Badge", "colour"),
    }
