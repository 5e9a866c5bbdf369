"""What looks like a crossing to whoever reads in haste, and is none."""

import pytest

from tests.codemods.conftest import read_all, write


def lines(found, kind):
    return sorted({(c.line, c.model) for c in found if c.kind == kind})


@pytest.mark.parametrize(
    "asked", ["count()", "exists()", "values_list('pk')", "aggregate(Max('pk'))"]
)
def test_what_takes_no_rows_loads_nothing_along_with_them(read, asked):
    found = read(f"""
        from django.db.models import Max
        from shop.models import Order

        def orders():
            wanted = Order.objects.filter(lines__product__name="a")
            return wanted.select_related("person").prefetch_related("person__badge")

        def show():
            return list(orders().{asked})

        def shown():
            return list(orders())
    """)
    everything = {"people.Person", "people.Badge", "goods.Product"}
    assert {model for line, model in lines(found, "evaluate") if line == 9} == {"goods.Product"}
    assert {model for line, model in lines(found, "evaluate") if line == 12} == everything


def test_a_subquery_loads_nothing_along_with_its_rows(read):
    found = read("""
        from shop.models import Line, Order

        def orders():
            return Order.objects.select_related("person")

        def show():
            return Line.objects.filter(order__in=orders()).count()
    """)
    assert lines(found, "evaluate") == []


def test_an_override_gets_of_many_models_what_its_parameter_is_named_after(whole):
    found = [c for c in whole.crossings if c.path == "shop/reports.py"]
    functions = {(c.function, c.model) for c in found if c.kind == "evaluate"}
    assert functions == {
        ("ProductReport.write", "goods.Product"),
        ("TagReport.write", "goods.Tag"),
    }


def test_rows_guessed_from_a_name_are_not_told_to_whom_they_are_passed(read):
    found = read("""
        def show(products):
            return shown(products)

        def shown(given):
            return [one for one in given if given]
    """)
    assert lines(found, "evaluate") == []


def test_a_hidden_field_and_a_checkbox_offer_no_rows(project, graph, contexts):
    view = """
        from django.shortcuts import render
        from shop.forms import LineForm

        def edit(request):
            return render(request, "shop/line.html", {"form": LineForm()})
    """
    page = """
        {% for field in form %}
        {% if field.is_hidden %}
        {{ field }}
        {% elif field.widget_type == 'checkbox' %}
        {{ field }}
        {% else %}
        {{ field }}
        {% endif %}
        {{ field }}
        {% endfor %}
    """
    path = "shop/templates/shop/line.html"
    write(project, "shop/extra.py", view)
    write(project, path, page)
    try:
        found = read_all(project, graph, contexts).crossings
    finally:
        (project / "shop/extra.py").unlink()
        (project / path).unlink()
    shown = [c.line for c in found if c.path == path and c.expression == "field"]
    assert shown == [7, 9]


def test_an_inline_formset_offers_no_parents(graph):
    names = graph.classes["shop.rows:LineFormSet"].names
    assert [name for name in names if name.startswith("field:")] == ["field:product"]


def test_what_is_computed_for_each_row_is_not_for_those_who_take_none(read):
    found = read("""
        from django.db.models import Exists, OuterRef
        from people.models import Badge
        from shop.models import Order

        def orders():
            return Order.objects.annotate(worn=Exists(Badge.objects.filter(person=OuterRef("pk"))))

        def numbers():
            return list(orders().filter(number="1").values_list("number"))

        def worn():
            return orders().filter(worn=True).count()

        def shown():
            return list(orders())
    """)
    assert lines(found, "evaluate") == [(12, "people.Badge"), (15, "people.Badge")]


def test_each_turn_over_a_known_dict_takes_its_own_entry(read):
    found = read("""
        from people.models import Person
        from shop.models import Order

        def show():
            context = {}
            for name, model in {"orders": Order, "people": Person}.items():
                context[name] = model.objects.first()
            return context["orders"].label(), context["people"].nickname
    """)
    assert lines(found, "attribute") == [(8, "people.Person")]
    assert lines(found, "method") == []


def test_a_view_that_only_finds_its_row_asks_for_none_of_its_forms_choices(whole):
    found = [c for c in whole.crossings if c.path == "shop/edit.py" and c.kind == "library"]
    assert {(c.function, c.model) for c in found} == {("LineEdit.post", "goods.Product")}
