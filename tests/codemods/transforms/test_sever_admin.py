"""What an admin's options become when the relation they name is severed."""

import ast
from textwrap import dedent

import pytest

from codemods.crossings.walks import Walk
from codemods.transforms import sever_admin, sever_uses
from codemods.transforms.sever_uses import JOINED

BEFORE = """
    class Orders(ModelAdmin):  # kept
        list_display = ("number", "user", "user__email")  # kept too
        list_select_related = ("user__profile", "address", "order__user")
        raw_id_fields = ("user",)
        search_fields = ["^user__email", "number"]
        autocomplete_fields = [
            "user",
            "method",
        ]

        @admin.display(ordering="user__email", description="who")
        def who(self, order):
            return order.user.email
    """
AFTER = """
    class Orders(ModelAdmin):  # kept
        list_display = ("number", "user")  # kept too
        list_select_related = ("address", "order")
        raw_id_fields = ()
        search_fields = ["number"]
        autocomplete_fields = [
            "method",
        ]

        @admin.display(description="who")
        def who(self, order):
            return order.user.email

        def get_queryset(self, request):
            \"\"\"Load by one call for all rows what they refer to in another service.\"\"\"
            return super().get_queryset(request).prefetch_related("user", "order__user")
    """
NAMED = [
    (3, "list_display", "user__email"),
    (4, "list_select_related", "user__profile"),
    (4, "list_select_related", "order__user"),
    (5, "raw_id_fields", "user"),
    (6, "search_fields", "user__email"),
    (8, "autocomplete_fields", "user"),
    (12, "ordering", "user__email"),
]


def walk(line, option, text):
    return Walk("a.py", line, "orders.Order", "user", f"admin {option}", text)


def test_only_the_texts_that_are_named_change():
    walks = [walk(*named) for named in NAMED]
    made = sever_admin.changed(dedent(BEFORE), walks)
    assert made == dedent(AFTER)
    assert sever_admin.changed(made, walks) == made
    assert sever_admin.changed(dedent(BEFORE), []) == dedent(BEFORE)


QUERIES = {
    "super().get_queryset(request)": 'super().get_queryset(request).prefetch_related("user")',
    "super().get_queryset(request).filter(a=1)": (
        'super().get_queryset(request).filter(a=1).prefetch_related("user")'
    ),
    'super().get_queryset(request).prefetch_related("a")': (
        'super().get_queryset(request).prefetch_related("a", "user")'
    ),
}


@pytest.mark.parametrize("query", QUERIES)
def test_an_own_query_that_begins_with_djangos_loads_more_ahead(query):
    text = (
        "class Orders(ModelAdmin):\n    list_select_related = ['user']\n\n"
        "    def get_queryset(self, request):\n        return "
    )
    function = ast.parse(text + query).body[0].body[1]
    assert sever_uses.begins_with_super(function)
    made = sever_admin.changed(text + query, [walk(2, JOINED.partition(" ")[2], "user")])
    assert made == text.replace("['user']", "[]") + QUERIES[query]


@pytest.mark.parametrize(
    "body", ["return Order.objects.all()", "rows = super().get_queryset(r)\n    return rows"]
)
def test_another_query_of_its_own_is_left_alone(body):
    function = ast.parse(f"def get_queryset(self, r):\n    {body}").body[0]
    assert not sever_uses.begins_with_super(function)


INLINES = """
    class Lines(TabularInline):
        model = Line


    class Orders(ModelAdmin):
        inlines = (Lines, Notes)
    """


def test_an_inline_is_left_out_with_its_class():
    wanted = "\n\nclass Orders(ModelAdmin):\n    inlines = (Notes,)\n"
    assert sever_admin.without_inline(dedent(INLINES), "Orders", "Lines").strip() == wanted.strip()


def test_a_class_that_is_named_elsewhere_stays_and_other_pages_too():
    text = dedent(INLINES) + "\n\nclass Others(ModelAdmin):\n    inlines = [Lines]\n"
    made = sever_admin.without_inline(text, "Orders", "Lines")
    assert "class Lines" in made
    assert "inlines = [Lines]" in made
    assert sever_admin.without_inline(text, "Orders", "Nobody") == text
