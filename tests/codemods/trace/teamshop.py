"""A small Django project, written to a folder, whose code reaches from `shop` into `people`.

Lines of interest end in a comment, `# at: NAME`, by which tests find them.
"""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "manage.py": """
        import os, sys
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
        from django.core.management import execute_from_command_line
        execute_from_command_line(sys.argv)
        """,
    "pytest.ini": """
        [pytest]
        DJANGO_SETTINGS_MODULE = site_settings
        python_files = test_*.py
        """,
    "site_settings.py": """
        SECRET_KEY = "for tests"
        INSTALLED_APPS = ["people", "shop"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.sqlite3"}}
        DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
        USE_TZ = True
        ROOT_URLCONF = "shop.urls"
        MIDDLEWARE = ["shop.middleware.passing"]
        TEMPLATES = [
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
            {"BACKEND": "django.template.backends.jinja2.Jinja2", "APP_DIRS": True},
        ]
        """,
    "people/__init__.py": "",
    "people/models.py": """
        from django.db import models

        class Person(models.Model):
            name = models.CharField(max_length=40)

        class Badge(models.Model):
            person = models.ForeignKey(Person, models.CASCADE)
        """,
    "people/selectors.py": """
        from people.models import Person

        def everyone():
            return Person.objects.order_by("name")

        def newest():
            return Person.objects.last()
        """,
    "people/migrations/__init__.py": "",
    "people/migrations/0001_initial.py": """
        from django.db import migrations, models

        def fill(apps, editor):
            apps.get_model("people", "Person").objects.create(name="Nobody")

        class Migration(migrations.Migration):
            operations = [
                migrations.CreateModel("Person", [
                    ("id", models.AutoField(primary_key=True)),
                    ("name", models.CharField(max_length=40)),
                ]),
                migrations.CreateModel("Badge", [
                    ("id", models.AutoField(primary_key=True)),
                    ("person", models.ForeignKey("people.Person", models.CASCADE)),
                ]),
                migrations.RunPython(fill, migrations.RunPython.noop),
            ]
        """,
    "shop/__init__.py": "",
    "shop/models.py": """
        from django.db import models

        class Order(models.Model):
            person = models.ForeignKey("people.Person", models.CASCADE)
            total = models.IntegerField(default=0)
        """,
    "shop/forms.py": """
        from django import forms
        from shop.models import Order

        class OrderForm(forms.ModelForm):
            class Meta:
                model = Order
                fields = ["person"]
        """,
    "shop/code.py": """
        from django.core.paginator import Paginator
        from django.db import connection, transaction
        from django.db.models import Count
        from django.template.loader import render_to_string

        from people import selectors
        from people.models import Person
        from shop.forms import OrderForm
        from shop.models import Order

        class Cart:
            def name(self, order):
                return order.person.name  # at: lazy

        def ahead():
            return list(Order.objects.prefetch_related("person"))  # at: prefetch

        def joined():
            return Order.objects.filter(person__name="Ada").count()  # at: join

        def counted():
            return Person.objects.aggregate(n=Count("id"))  # at: aggregate

        def raw(pk):
            with connection.cursor() as cursor:
                cursor.execute("select name from people_person where id = %s", [pk])  # at: raw
                return cursor.fetchone()

        def many_lines():
            return (  # at: start
                Person.objects
                .filter(name="Ada")
                .first()
            )

        def own():
            return Order.objects.count()  # at: own

        def built_elsewhere():
            return [person.name for person in selectors.everyone()]  # at: evaluate

        def asked_for():
            return selectors.newest()  # at: call

        def page():
            return Paginator(selectors.everyone(), 10).page(1).object_list  # at: library

        def checked(pk):
            return OrderForm({"person": pk}).is_valid()  # at: form

        def moved(order):
            with transaction.atomic():  # at: block
                order.total += 1
                order.save()  # at: own write
                Person.objects.filter(pk=order.person_id).update(name="Bob")  # at: write

        @transaction.atomic  # at: decorated
        def dropped(order):
            Order.objects.filter(pk=order.pk).delete()
            Person.objects.filter(pk=order.person_id).delete()  # at: delete

        def locked(pk):
            with transaction.atomic():
                return Person.objects.select_for_update().get(pk=pk)  # at: lock

        async def awaited():
            return await Person.objects.acount()  # at: async

        def shown(order):
            everyone = selectors.everyone()
            return render_to_string("shop/order.html", {"order": order, "all": everyone})

        def shown_by_jinja(order):
            return render_to_string("shop/order.jinja", {"order": order})
        """,
    "shop/middleware.py": """
        def passing(get_response):
            def middleware(request):
                return get_response(request)  # at: middleware
            return middleware
        """,
    "shop/views.py": """
        from django.views.generic import DetailView
        from people.models import Person
        from shop.models import Order

        class PersonPage(DetailView):  # at: view
            model = Person
            template_name = "shop/empty.html"

        class Sums:
            def get(self):
                orders = Order.objects.filter(total=0)
                orders = orders.filter(person__name="Ada")  # at: shaped
                return len(orders)  # at: evaluated
        """,
    "shop/urls.py": """
        from django.urls import path
        from shop.views import PersonPage
        urlpatterns = [path("people/<int:pk>/", PersonPage.as_view())]
        """,
    "shop/templates/shop/empty.html": """
        <p>{{ person.name }}</p>
        """,
    "shop/templates/shop/order.html": """
        <h1>{{ order.total }}</h1>
        <p>{{ order.person.name }}</p>
        {% for person in all %}
        <li>{{ person.name }}</li>
        {% endfor %}
        """,
    "shop/jinja2/shop/order.jinja": """
        <h1>{{ order.total }}</h1>
        <p>{{ order.person.name }}</p>
        """,
    "shop/migrations/__init__.py": "",
    "shop/migrations/0001_initial.py": """
        from django.db import migrations, models

        def fill(apps, editor):
            apps.get_model("people", "Person").objects.count()  # at: migration

        class Migration(migrations.Migration):
            dependencies = [("people", "0001_initial")]
            operations = [
                migrations.CreateModel("Order", [
                    ("id", models.AutoField(primary_key=True)),
                    ("total", models.IntegerField(default=0)),
                    ("person", models.ForeignKey("people.Person", models.CASCADE)),
                ]),
                migrations.RunPython(fill, migrations.RunPython.noop),
            ]
        """,
    "tests/__init__.py": "",
    "tests/test_code.py": """
        from asgiref.sync import async_to_sync
        from django.test import TestCase, TransactionTestCase
        from people.models import Person
        from shop import code, views
        from shop.models import Order

        class Base(TestCase):
            def setUp(self):
                self.ada = Person.objects.create(name="Ada")
                self.order = Order.objects.get(pk=Order.objects.create(person=self.ada).pk)

        class ReadTest(Base):
            def test_lazy(self):
                self.assertEqual(code.Cart().name(self.order), "Ada")

            def test_ahead(self):
                self.assertEqual(code.ahead()[0].person.name, "Ada")

            def test_joined(self):
                self.assertEqual(code.joined(), 1)

            def test_counted(self):
                with self.assertNumQueries(1):
                    self.assertEqual(code.counted(), {"n": 2})

            def test_raw(self):
                self.assertEqual(code.raw(self.ada.pk), ("Ada",))

            def test_many_lines(self):
                self.assertEqual(code.many_lines(), self.ada)

            def test_own(self):
                self.assertEqual(code.own(), 1)

            def test_lists(self):
                self.assertEqual(code.built_elsewhere(), ["Ada", "Nobody"])
                self.assertEqual(code.asked_for(), self.ada)
                self.assertEqual(len(list(code.page())), 2)

            def test_form(self):
                self.assertTrue(code.checked(self.ada.pk))

            def test_async(self):
                self.assertEqual(async_to_sync(code.awaited)(), 2)

        class PageTest(Base):
            def test_django(self):
                self.assertIn("<p>Ada</p>", code.shown(self.order))

            def test_jinja(self):
                self.assertIn("<p>Ada</p>", code.shown_by_jinja(self.order))

            def test_view(self):
                self.assertContains(self.client.get(f"/people/{self.ada.pk}/"), "<p>Ada</p>")

            def test_sums(self):
                self.assertEqual(views.Sums().get(), 1)

        class WriteTest(Base):
            def test_moved(self):
                code.moved(self.order)
                self.ada.refresh_from_db()
                self.assertEqual(self.ada.name, "Bob")

            def test_locked(self):
                self.assertEqual(code.locked(self.ada.pk), self.ada)

        class CommittedTest(TransactionTestCase):
            def test_dropped(self):
                order = Order.objects.create(person=Person.objects.create(name="Ada"))
                code.dropped(order)
                self.assertFalse(Person.objects.filter(name="Ada").exists())
        """,
}


def write(folder: Path, **more: str) -> Path:
    """Write the project, with `more` files as path to text; return its folder."""
    for name, text in {**FILES, **more}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"))
    return folder


def line_of(folder: Path, name: str, path: str = "shop/code.py") -> int:
    """Return the line of a file that ends in `# at: NAME`."""
    lines = (folder / path).read_text().splitlines()
    found = [number for number, line in enumerate(lines, 1) if line.endswith(f"# at: {name}")]
    assert len(found) == 1, f"{name!r} stands on lines {found} of {path}"
    return found[0]
