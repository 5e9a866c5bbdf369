"""A small Django project of three contexts, written to a folder and read by the real probe."""

import sys
import textwrap
from pathlib import Path

import pytest

from codemods.crossings import discover, survey
from codemods.project import contexts as contexts_file
from codemods.project import load, sources

FILES = {
    "config/__init__.py": "",
    "config/settings.py": """
        SECRET_KEY = "test"
        INSTALLED_APPS = [
            "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
            "django.contrib.sessions", "django.contrib.messages", "people", "goods", "shop",
        ]
        AUTH_USER_MODEL = "people.Person"
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        ROOT_URLCONF = "config.urls"
        TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates",
                      "APP_DIRS": True, "OPTIONS": {}}]
        DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
        print("a settings module may print")
    """,
    "config/urls.py": "urlpatterns = []\n",
    "manage.py": """
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    """,
    "people/__init__.py": "",
    "people/models.py": """
        from django.contrib.auth.models import AbstractUser
        from django.db import models

        class Person(AbstractUser):
            nickname = models.CharField(max_length=20)

            @property
            def shown_name(self):
                return self.nickname or self.username

            def greet(self):
                return f"Hello {self.nickname}"

        class Badge(models.Model):
            person = models.OneToOneField(Person, models.CASCADE, related_name="badge")
            colour = models.CharField(max_length=9)

        class Stamped(models.Model):
            stamped_by = models.ForeignKey(Person, models.CASCADE, related_name="+")

            class Meta:
                abstract = True
    """,
    "people/services.py": """
        from people.models import Badge

        def badge_of(person):
            return Badge.objects.get(person=person)

        def recolour(person, colour):
            badge = badge_of(person)
            badge.colour = colour
            badge.save()

        def shout(text):
            return text.upper()
    """,
    "people/tasks.py": """
        def shared_task(function):
            function.delay = function
            return function

        @shared_task
        def welcome(person_id):
            return person_id
    """,
    "goods/__init__.py": "",
    "goods/models.py": """
        from django.db import models

        class ProductQuerySet(models.QuerySet):
            def in_stock(self):
                return self.filter(left__gt=0)

        class Product(models.Model):
            name = models.CharField(max_length=20)
            left = models.IntegerField(default=0)
            tags = models.ManyToManyField("goods.Tag", related_name="products")
            objects = ProductQuerySet.as_manager()

        class Tag(models.Model):
            word = models.CharField(max_length=20)
    """,
    "shop/__init__.py": "",
    "shop/models.py": """
        from django.conf import settings
        from django.db import models
        from people.models import Stamped

        class Order(models.Model):
            person = models.ForeignKey(
                settings.AUTH_USER_MODEL, models.CASCADE, related_name="orders"
            )
            number = models.CharField(max_length=20)
            user = "not a relation"

            def label(self):
                return f"{self.number} for {self.person.nickname}"

        class Line(Stamped):
            order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
            product = models.ForeignKey("goods.Product", models.PROTECT, related_name="lines")
            wanted_by = models.ManyToManyField("people.Person", related_name="wishes")
    """,
    "shop/forms.py": """
        from django import forms
        from goods.models import Product
        from shop.models import Line

        class LineForm(forms.ModelForm):
            class Meta:
                model = Line
                fields = ["product", "order"]

        class ProductForm(forms.ModelForm):
            class Meta:
                model = Product
                fields = ["name"]
    """,
    "shop/views.py": """
        from django.shortcuts import render
        from django.views.generic import DetailView, ListView
        from goods.models import Product
        from shop.models import Order

        class OrderPage(DetailView):
            model = Order

            def get_context_data(self, **kwargs):
                context = super().get_context_data(**kwargs)
                context["customer"] = self.object.person
                return context

        class Shelf(ListView):
            model = Product

        def summary(request):
            return render(request, "shop/summary.html", {"orders": Order.objects.all()})
    """,
    "shop/edit.py": """
        from django.views.generic import UpdateView
        from shop.forms import LineForm
        from shop.models import Line


        class LineEdit(UpdateView):
            model = Line
            form_class = LineForm

            def get_object(self, queryset=None):
                return super().get_object(queryset)

            def post(self, request, *args, **kwargs):
                return super().post(request, *args, **kwargs)
    """,
    "shop/desk.py": """
        from django import forms
        from django.contrib import admin
        from django.views.generic import ListView
        from people.models import Person
        from shop.models import Line, Order


        class Orders(ListView):
            queryset = Order.objects.select_related("person")


        class LineAdmin(admin.ModelAdmin):
            model = Line
            fields = ["product", "order"]


        class PickForm(forms.Form):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.fields["person"] = forms.ModelChoiceField(queryset=Person.objects.all())


        def picked(data):
            form = PickForm(data)
            if form.is_valid():
                return form.cleaned_data["person"].nickname
    """,
    "shop/reports.py": """
        from goods.models import Product, Tag
        from people.models import Person

        class Report:
            def generate(self):
                return self.write(self.rows)

        class ProductReport(Report):
            rows = Product.objects.all()

            def write(self, products):
                return [row for row in products]

        class TagReport(Report):
            rows = Tag.objects.all()

            def write(self, shop_tags):
                return [row for row in shop_tags]

        class PersonReport(Report):
            rows = Person.objects.all()

            def write(self, rows):
                return [row for row in rows]
    """,
    "shop/rows.py": """
        from django.forms import inlineformset_factory
        from shop.models import Line, Order

        LineFormSet = inlineformset_factory(Order, Line, fields=["order", "product"])
    """,
    "shop/serializers.py": """
        from rest_framework import serializers

        class PersonSerializer(serializers.ModelSerializer):
            pass

        class PlainSerializer(serializers.Serializer):
            pass

        class OrderSerializer(serializers.ModelSerializer):
            pass
    """,
    "shop/templates/shop/order_detail.html": """
        {% load i18n %}
        <h1>{{ order.number }}</h1>
        {{ order.person.nickname }} {{ customer.badge.colour }}
        {% for line in order.lines.all %}{{ line.product.name }}{% endfor %}
        {# {{ order.person.email }} #}
        {% comment %}{{ order.person.email }}{% endcomment %}
    """,
    "shop/templates/shop/summary.html": """
        {% for one in orders %}{% with who=one.person %}{{ who.nickname }}{% endwith %}{% endfor %}
    """,
    "shop/migrations/__init__.py": "",
    "shop/migrations/0001_initial.py": """
        from django.conf import settings
        from django.db import migrations

        class Migration(migrations.Migration):
            dependencies = [
                ("goods", "0001_initial"),
                ("contenttypes", "0001_initial"),
                ("shop", "0000_zero"),
                migrations.swappable_dependency(settings.AUTH_USER_MODEL),
            ]
            operations = []
    """,
}


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """Write the project once; tests add files of their own to copies of the digests."""
    root = tmp_path_factory.mktemp("project")
    for path, text in FILES.items():
        write(root, path, text)
    return root


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(text).lstrip("\n"))


@pytest.fixture(scope="session")
def graph(project):
    digests = sources.digest_files(project, sources.walk(project, (".py",)))
    return load.load_graph(
        project, settings="config.settings", python=sys.executable, digests=digests, cache=None
    )


@pytest.fixture(scope="session")
def contexts(graph, project):
    return contexts_file.load(project / "contexts.toml", graph)


@pytest.fixture
def read(project, graph, contexts):
    """Read the project with one more file; return that file's crossings as (kind, model, text)."""

    def read_code(code: str, path: str = "shop/extra.py"):
        write(project, path, code)
        try:
            found = read_all(project, graph, contexts)
        finally:
            (project / path).unlink()
        return [crossing for crossing in found.crossings if crossing.path == path]

    return read_code


def read_all(project, graph, contexts, **options):
    digests = sources.digest_files(project, sources.walk(project, (".py",)))
    pages = sources.digest_files(project, sources.walk(project, discover.TEMPLATE_SUFFIXES))
    options.setdefault("processes", 1)
    return survey.survey(project, graph, contexts, digests, pages, **options)


@pytest.fixture(scope="session")
def whole(project, graph, contexts):
    """The crossings of the project as it is."""
    return read_all(project, graph, contexts)
