"""Rows that travel with a value answer as related rows that were loaded ahead do."""

from django.template import Context, Engine
from rest_framework import serializers

from strangler.client.carried import Carried


class TownSerializer(serializers.Serializer):
    towns = serializers.ListField(child=serializers.CharField())
    first_letters = serializers.ManyRelatedField(
        child_relation=serializers.StringRelatedField(), source="towns"
    )


def test_rows_answer_as_a_manager_and_its_queryset_do():
    towns, none = Carried(["Leeds", "York"]), Carried([])

    assert list(towns.all()) == list(towns.all().all()) == ["Leeds", "York"]
    assert (towns.count(), towns.all().count(), none.count()) == (2, 2, 0)
    assert (towns.exists(), towns.all().exists(), none.all().exists()) == (True, True, False)
    assert none, "a manager is true without rows"
    assert not none.all()
    assert towns.all()[:1] == ["Leeds"]


def test_templates_and_serializers_go_through_them():
    page = Engine().from_string("{{ towns.all|join:' ' }} {{ towns.count }} {{ towns.all.count }}")
    assert page.render(Context({"towns": Carried(["Leeds", "York"])})) == "Leeds York 2 2"

    shown = TownSerializer({"pk": 1, "towns": Carried(["Leeds"])}).data
    assert shown == {"towns": ["Leeds"], "first_letters": ["Leeds"]}
