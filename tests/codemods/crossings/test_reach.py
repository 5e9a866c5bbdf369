"""What querysets bring along to where they run, and what else runs SQL out of sight."""


def lines(found, kind):
    return sorted({(c.line, c.model) for c in found if c.kind == kind})


def test_a_nested_prefetch_runs_where_the_outer_rows_do(read):
    found = read("""
        from django.db.models import Prefetch
        from goods.models import Product
        from shop.models import Line, Order

        def detailed():
            products = Product.objects.prefetch_related("tags")
            lines = Line.objects.prefetch_related(Prefetch("product", queryset=products))
            return Order.objects.prefetch_related(Prefetch("lines", queryset=lines))

        def show():
            return detailed().get(pk=1)
    """)
    assert {(11, "goods.Product"), (11, "goods.Tag")} <= set(lines(found, "evaluate"))


def test_a_slice_and_a_subquery_keep_what_they_touch(read):
    found = read("""
        from django.db.models import Exists, OuterRef
        from people.models import Badge
        from shop.models import Order

        def show():
            worn = Exists(Badge.objects.filter(person=OuterRef("person")))
            orders = Order.objects.filter(worn)
            return [order.number for order in orders[:5]]
    """)
    assert lines(found, "evaluate") == [(8, "people.Badge")]


def test_what_other_callers_join_is_not_told_of_this_one(read):
    found = read("""
        from shop.models import Order

        def newest(orders):
            return orders.order_by("-pk")

        def joined():
            orders = Order.objects.select_related("person")
            return list(newest(orders))

        def plain():
            orders = Order.objects.all()
            return list(newest(orders))
    """)
    assert lines(found, "evaluate") == [(8, "people.Person")]


def test_lookups_given_as_a_dict_are_read(read):
    found = read("""
        from people.models import Badge
        from shop.models import Order

        def show():
            wanted = {"person__badge__in": Badge.objects.all()}
            return Order.objects.filter(**wanted).count()
    """)
    assert (6, "people.Badge") in lines(found, "join")


def test_sql_is_told_where_it_runs(read):
    found = read("""
        from django.db import connection

        NAMES = "SELECT nickname FROM people_person"

        def show():
            with connection.cursor() as cursor:
                cursor.execute(NAMES)
    """)
    assert lines(found, "raw-sql") == [(3, "people.Person"), (7, "people.Person")]


def test_flush_writes_every_table(read):
    found = read("""
        from django.core.management import call_command

        call_command("flush", interactive=False)
    """)
    written = {c.model for c in found if c.access == "write" and c.kind == "library"}
    assert {"people.Person", "people.Badge", "goods.Product", "goods.Product_tags"} <= written
    assert "shop.Order" not in written


def test_a_handler_picked_by_an_unknown_key_may_be_any(read):
    found = read("""
        from people.models import Person

        def first():
            return Person.objects.first()

        def second():
            return None

        HANDLERS = {"first": first, "second": second}

        def show(name):
            return HANDLERS[name]().nickname
    """)
    assert (12, "people.Person") in lines(found, "attribute")


def of_page(whole, kind):
    return lines([c for c in whole.crossings if c.path == "shop/desk.py"], kind)


def test_a_list_view_runs_what_its_queryset_joins(whole):
    assert (8, "people.Person") in of_page(whole, "view")


def test_an_admin_form_offers_rows_of_other_models_but_for_those_it_leaves_out(whole):
    assert of_page(whole, "admin") == [(12, "goods.Product"), (14, "goods.Product")]


def test_a_choice_added_late_is_validated_and_read(whole):
    assert (25, "people.Person") in of_page(whole, "library")
    assert (26, "people.Person") in of_page(whole, "attribute")


def test_linked_rows_asked_for_by_key_need_no_join(read):
    found = read("""
        from shop.models import Line

        Line.objects.filter(wanted_by=1).count()
        Line.objects.filter(wanted_by__nickname="x").count()
    """)
    assert lines(found, "key") == [(3, "people.Person")]
    assert lines(found, "join") == [(4, "people.Person")]


def test_a_page_counts_rows_that_a_dataclass_was_given_in_order(read):
    found = read("""
        from dataclasses import dataclass
        from typing import Any

        from django.core.paginator import Paginator

        from shop.models import Order

        @dataclass
        class Chosen:
            title: str
            rows: Any

        def of(word):
            return Chosen(word, Order.objects.filter(person__nickname=word))

        def page(word, number):
            chosen = of(word)
            paginator = Paginator(chosen.rows, 20)
            return paginator.get_page(number)
    """)
    assert [(each.kind, each.line) for each in found] == [
        ("join", 14),
        ("library", 18),
        ("library", 19),
    ]


def test_loading_all_that_a_row_refers_to_reaches_it_wherever_the_rows_are_taken(read):
    found = read("""
        from django.shortcuts import get_object_or_404
        from shop.models import Line

        def show(number):
            lines = Line.objects.select_related()
            return get_object_or_404(lines, pk=number)
    """)
    reached = {"people.Person", "goods.Product"}
    assert {each.model for each in found if (each.line, each.kind) == (5, "prefetch")} == reached
    assert {each.model for each in found if each.line == 6} == reached
