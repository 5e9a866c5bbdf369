"""What code makes which crossing, and what makes none. The file read belongs to `shop`."""
# ruff: noqa: E501  a case is one line

import textwrap

import pytest

IMPORTS = """
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, F, Prefetch, Q
from django.shortcuts import get_object_or_404
import shop.models
from shop.models import Line, Order
"""

LEFT_ALONE = {
    "own manager": "def f(): return Order.objects.filter(number='1').first()",
    "own relation": "def f(line: Line): return line.order.number",
    "own reverse relation": "def f(order: Order): return order.lines.count()",
    "own lookups": "def f(): return Line.objects.filter(order__number='1').values('order__number')",
    "a plain object's attribute called like a relation": "def f(thing): return thing.person.nickname",
    "a dict's key called like a relation": "def f(): return {'person': 1}['person']",
    "a class attribute that is no relation": "def f(order: Order): return order.user.upper()",
    "the local key column": "def f(order: Order): return order.person_id",
    "rows of values are no instances": "def f(): return [row.person for row in Order.objects.values('id')]",
    "a string that is no SQL": "TEXT = 'select a person from people later'.title",
    "own transaction": "def f(order: Order):\n    with transaction.atomic():\n        order.save()",
    "framework models": "from django.contrib.contenttypes.models import ContentType\nContentType.objects.count()",
    "a function of another context without data": "from people.services import shout\nX = shout('a')",
    "a name that shadows": "def f():\n    Order = make()\n    return Order.person.nickname",
}

FOUND = {
    "import": ("from goods.models import Product", "import", "goods.Product"),
    "module import": ("import goods.models\nX = goods.models.Product", "import", "goods.Product"),
    "user model": ("Person = get_user_model()", "get-model", "people.Person"),
    "get_model": (
        "from django.apps import apps\ndef f(): return apps.get_model('goods', 'Product')",
        "get-model",
        "goods.Product",
    ),
    "forward": ("def f(order: Order): return order.person.nickname", "relation", "people.Person"),
    "f-string": (
        "def f(order: Order): return f'{order.person.nickname}'",
        "relation",
        "people.Person",
    ),
    "chained one-to-one": (
        "def f(order: Order): return order.person.badge.colour",
        "reverse-relation",
        "people.Badge",
    ),
    "many-to-many": (
        "def f(line: Line): return line.wanted_by.count()",
        "many-to-many",
        "people.Person",
    ),
    "loop": (
        "def f():\n    for line in Line.objects.all():\n        print(line.product.name)",
        "relation",
        "goods.Product",
    ),
    "comprehension": (
        "def f(): return [line.product.name for line in Line.objects.all()]",
        "relation",
        "goods.Product",
    ),
    "walrus": (
        "def f():\n    if order := Order.objects.first():\n        return order.person.nickname",
        "relation",
        "people.Person",
    ),
    "tuple of get_or_create": (
        "def f():\n    order, made = Order.objects.get_or_create(number='1')\n    return order.person.nickname",
        "relation",
        "people.Person",
    ),
    "dict of in_bulk": (
        "def f(): return Order.objects.in_bulk([1])[1].person.nickname",
        "relation",
        "people.Person",
    ),
    "404": (
        "def f(): return get_object_or_404(Order, pk=1).person.nickname",
        "relation",
        "people.Person",
    ),
    "request": ("def f(request): return request.user.nickname", "relation", "people.Person"),
    "property": (
        "def f(order: Order): return order.person.shown_name",
        "relation",
        "people.Person",
    ),
    "method": (
        "def f(person: 'shop.models.Order'): return person.person.greet()",
        "relation",
        "people.Person",
    ),
    "summary across functions": (
        "def one(): return Order.objects.first()\ndef two(): return one().person.nickname",
        "relation",
        "people.Person",
    ),
    "parameter from a call": (
        "def show(thing): return thing.product.name\ndef f():\n    show(Line.objects.first())",
        "relation",
        "goods.Product",
    ),
    "annotation": (
        "def f(orders: 'list[Order]'): return [o.person.nickname for o in orders]",
        "relation",
        "people.Person",
    ),
    "isinstance": (
        "def f(x):\n    if isinstance(x, Line):\n        return x.product.name",
        "relation",
        "goods.Product",
    ),
    "callable object": (
        "class Maker:\n    def __call__(self): return Order.objects.first()\ndef f(): return Maker()().person.nickname",
        "relation",
        "people.Person",
    ),
    "getattr": (
        "def f(order: Order): return getattr(order, 'person')",
        "relation",
        "people.Person",
    ),
    "reverse manager": (
        "from goods.models import Product\ndef f(): return Product.objects.first().lines",
        "query",
        "goods.Product",
    ),
    "own queryset method": (
        "from goods.models import Product\ndef f(): return Product.objects.in_stock().count()",
        "query",
        "goods.Product",
    ),
    "evaluated elsewhere": (
        "from goods.models import Product\ndef rows(): return Product.objects.all()\ndef f():\n    for p in rows(): pass",
        "evaluate",
        "goods.Product",
    ),
    "joined rows run here": (
        "def rows(): return Order.objects.select_related('person')\ndef f():\n    for o in rows(): pass",
        "evaluate",
        "people.Person",
    ),
    "filter by instance": (
        "def f(p): return Order.objects.filter(person=p)",
        "key",
        "people.Person",
    ),
    "filter by key": (
        "def f(p): return Order.objects.filter(person__id=p)",
        "key",
        "people.Person",
    ),
    "filter joins": (
        "def f(): return Order.objects.filter(person__nickname='a')",
        "join",
        "people.Person",
    ),
    "Q joins": (
        "def f(): return Order.objects.filter(Q(person__nickname='a'))",
        "join",
        "people.Person",
    ),
    "Q built before": (
        "def f():\n    wanted = ~Q(person__nickname='a')\n    return Order.objects.filter(wanted)",
        "join",
        "people.Person",
    ),
    "order_by": (
        "def f(): return Line.objects.order_by('-product__name')",
        "join",
        "goods.Product",
    ),
    "values": (
        "def f(): return Line.objects.values_list('product__name')",
        "join",
        "goods.Product",
    ),
    "annotate": (
        "def f(): return Order.objects.annotate(n=F('person__nickname'))",
        "annotation",
        "people.Person",
    ),
    "count": (
        "def f(): return Order.objects.annotate(n=Count('lines__product__tags'))",
        "annotation",
        "goods.Tag",
    ),
    "select_related": (
        "def f(): return Order.objects.select_related('person__badge')",
        "prefetch",
        "people.Badge",
    ),
    "Prefetch": (
        "def f(): return Order.objects.prefetch_related(Prefetch('lines__product'))",
        "prefetch",
        "goods.Product",
    ),
    "create": (
        "from goods.models import Product\ndef f(): Product.objects.create(name='a')",
        "query-write",
        "goods.Product",
    ),
    "construct": (
        "from goods.models import Product\ndef f(): return Product(name='a')",
        "construct",
        "goods.Product",
    ),
    "save": (
        "def f(order: Order):\n    p = order.person\n    p.save()",
        "instance-write",
        "people.Person",
    ),
    "set": (
        "def f(order: Order):\n    p = order.person\n    p.nickname = 'a'",
        "attribute-write",
        "people.Person",
    ),
    "set a relation": ("def f(order: Order, p):\n    order.person = p", "key", "people.Person"),
    "cascade": ("def f(request):\n    request.user.delete()", "instance-write", "people.Person"),
    "raw SQL": ("SQL = 'SELECT id FROM people_person WHERE id = 1'", "raw-sql", "people.Person"),
    "f-string SQL": (
        "def f(x): return f'SELECT {x} FROM goods_product'",
        "raw-sql",
        "goods.Product",
    ),
    "task": ("from people.tasks import welcome\ndef f(): welcome.delay(1)", "task", ""),
    "service": ("from people.services import recolour\ndef f(p): recolour(p, 'red')", "call", ""),
    "signal": (
        "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\nfrom django.conf import settings\n@receiver(post_save, sender=settings.AUTH_USER_MODEL)\ndef f(sender, **kwargs): pass",
        "signal",
        "people.Person",
    ),
    "inheritance": (
        "from people.models import Badge\nclass Gold(Badge):\n    class Meta:\n        proxy = True",
        "inheritance",
        "people.Badge",
    ),
    "transaction": (
        "def f(order: Order):\n    with transaction.atomic():\n        order.save()\n        order.person.save()",
        "transaction",
        "",
    ),
    "admin": (
        "from django.contrib import admin\nfrom goods.models import Product\nadmin.site.register(Product)",
        "admin",
        "goods.Product",
    ),
}


@pytest.mark.parametrize("code", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_is_left_alone(read, code):
    assert [(c.kind, c.expression) for c in read(IMPORTS + code)] == []


@pytest.mark.parametrize(("code", "kind", "model"), FOUND.values(), ids=FOUND)
def test_is_found(read, code, kind, model):
    found = read(IMPORTS + code)
    assert (kind, model) in {(c.kind, c.model) for c in found}
    assert {c.source for c in found} == {"shop"}


def test_a_chain_is_one_crossing_per_model(read):
    found = read(IMPORTS + "def f(order: Order):\n    return order.person.badge.colour\n")
    assert [(c.kind, c.model, c.expression) for c in found] == [
        ("relation", "people.Person", "order.person"),
        ("reverse-relation", "people.Badge", "order.person.badge.colour"),
    ]


def test_a_query_chain_over_lines_is_one_crossing(read):
    code = """
        from goods.models import Product

        def f():
            return (
                Product.objects.filter(left=1)
                .exclude(name="é")
                .order_by("name")
                .first()
            )
    """
    query = next(c for c in read(textwrap.dedent(code)) if c.kind == "query")
    assert (query.line, query.end_line) == (5, 8)
    assert query.expression.startswith("Product.objects.filter(left=1).exclude(")
    assert query.expression.endswith(".first()")


def test_columns_count_characters(read):
    code = IMPORTS.lstrip() + "def f(order: Order):\n    return 'ééé' + order.person.nickname\n"
    found = next(c for c in read(code) if c.kind == "relation")
    line = code.splitlines()[found.line - 1]
    assert line[found.column - 1 : found.end_column - 1] == "order.person.nickname"


def test_a_guess_by_name_has_low_confidence(read):
    found = read("def f(product):\n    return product.name\n")
    assert [(c.model, c.confidence) for c in found] == [("goods.Product", "low")]


def test_a_delete_reaches_rows_that_depend_on_it(read):
    found = read("def f(request):\n    request.user.delete()\n", path="goods/extra.py")
    assert {(c.kind, c.target) for c in found} >= {
        ("cascade", "shop"),
        ("instance-write", "people"),
    }


def test_code_in_no_app_belongs_to_the_project(read):
    found = read("from goods.models import Product\n", path="config/extra.py")
    assert [(c.source, c.target) for c in found] == [("project", "goods")]
