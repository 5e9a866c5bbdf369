"""What stands in the way of severing a foreign key, and what does not."""

import pytest

from codemods.transforms import sever_uses
from codemods.transforms.sever_uses import Names

NAMES = Names("user", "Order", "orders", "order")
FORWARDING = "def find(**lookups):\n    return Order.objects.filter(**lookups)\n"
PLAIN = "def place(user):\n    return Order.objects.create(user=user)\n"

NEEDED = {
    "a lookup by instance": "Order.objects.filter(user=x)",
    "a lookup through it": "Line.objects.filter(order__user__email=x)",
    "a lookup in a dictionary": 'Order.objects.filter(**{"user": x})',
    "a Q": "Q(user=x) | Q(a=1)",
    "an F": 'F("user__email")',
    "an ordering": 'Order.objects.order_by("-user")',
    "an update": "Order.objects.update(user=x)",
    "fields to save": 'order.save(update_fields=["user"])',
    "a join": 'Order.objects.select_related("user")',
    "a prefetch with a query": 'Order.objects.prefetch_related(Prefetch("user", queryset=q))',
    "a get_or_create": "Order.objects.get_or_create(user=x)",
    "a function that hands arguments on": FORWARDING + "find(user=x)",
    "a callable nobody knows": "build(user=x)",
    "the reverse side": "x.orders.count()",
    "a lookup through the reverse side": "User.objects.filter(order__total=1)",
    "the reverse side loaded ahead": 'User.objects.prefetch_related("orders")',
    "the descriptor": "Order.user.field",
    "an index": (
        "class Order(Model):\n    user = f()\n    class Meta:\n"
        '        indexes = [Index(fields=["user"])]'
    ),
    "a serializer's field that is not declared": (
        "class S(ModelSerializer):\n    class Meta:\n        model = Order\n"
        '        fields = ["user"]'
    ),
    "a form of all fields": (
        'class F(ModelForm):\n    class Meta:\n        model = Order\n        fields = "__all__"'
    ),
    "a form that excludes": (
        'class F(ModelForm):\n    class Meta:\n        model = Order\n        exclude = ["a"]'
    ),
    "a filter": "class F(FilterSet):\n    user = ModelChoiceFilter(queryset=q)",
    "an admin page": "@admin.register(Order)\nclass A(ModelAdmin):\n    list_display = ['user']",
    "an inline": "class I(TabularInline):\n    model = Order\n    readonly_fields = ['user']",
    "a plain registration": "admin.site.register(Order)",
    "an admin's filter": "class A(ModelAdmin):\n    list_filter = ['user']",
}
SERVED = {
    "reading": "print(order.user.email, order.user_id)",
    "setting": "order.user = x",
    "creating": "Order.objects.create(user=x)",
    "constructing": "Order(user=x)",
    "a function that takes it by name": PLAIN + "place(user=x)",
    "loading ahead": 'Order.objects.prefetch_related("user", "lines__order__user")',
    "a lookup by id": "Order.objects.filter(user_id=x)",
    "a read of a dictionary": 'data["user"]',
    "the declaration": 'user = client.ForeignKey(User, related_name="orders")',
    "a page that only shows it": (
        "class I(Inline):\n    model = Order\n    fields = readonly_fields = ['user']"
    ),
    "a serializer's own field": (
        "class S(ModelSerializer[Order]):\n    user = EmailField(source='user.email')\n"
        '    class Meta:\n        model = Order\n        fields = ["user"]'
    ),
    "a factory": "class F(Factory):\n    class Meta:\n        model = Order",
    "other text": 'print("the user of this order")',
}


def uses(code: str, path: str = "shop/views.py") -> list[sever_uses.Use]:
    trees = sever_uses.parsed({path: code})
    called = sever_uses.callables(trees.values(), ["Order", "User"])
    return [use for use in sever_uses.uses(path, trees[path], NAMES, called)
            if not code.startswith(FORWARDING) or use.line > 2]  # fmt: skip


@pytest.mark.parametrize("code", NEEDED.values(), ids=NEEDED)
def test_it_needs_the_foreign_key(code):
    assert uses(code)


@pytest.mark.parametrize("code", SERVED.values(), ids=SERVED)
def test_a_column_and_a_reference_serve_as_well(code):
    assert uses(code) == []


def test_a_dictionary_of_a_test_is_what_it_compares_with():
    code = 'assert response == {"user": 1}'
    assert uses(code)
    assert uses(code, "shop/tests/test_views.py") == []
    assert uses('Order.objects.filter(**{"user": 1})', "shop/tests/test_views.py")


def test_a_template_may_walk_it_forward_but_not_back():
    found = sever_uses.uses_in_template(
        "a.html", "{{ order.user.email }}\n{{ user.orders.all }}", NAMES
    )
    assert [(use.line, use.is_reverse) for use in found] == [(2, True)]


def test_a_hidden_reverse_side_has_no_names():
    trees = sever_uses.parsed({"a.py": "x.orders.filter(order=1)\nf('')"})
    called = sever_uses.callables(trees.values(), [])
    assert sever_uses.uses("a.py", trees["a.py"], Names("user", "Order"), called) == []
