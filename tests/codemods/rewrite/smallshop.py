"""A small Django project of two contexts with a suite of its own, written to a folder.

`orders` reaches into `users` in the ways that are rewritten, and in one that is not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

REPOSITORY = Path(__file__).parents[3]

FILES = {
    "manage.py": """
        import os
        import sys

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
        """,
    "contexts.toml": """
        [contexts.users]
        apps = ["users"]

        [contexts.orders]
        apps = ["orders"]

        [rewrite]
        services = ["users"]
        """,
    ".gitignore": "__pycache__/\n*.sqlite3\n",
    "shop/__init__.py": "",
    "shop/settings.py": """
        SECRET_KEY = "for tests"
        INSTALLED_APPS = ["shop.users", "shop.orders"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.sqlite3"}}
        DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
        USE_TZ = True
        TEMPLATES = [
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ]
        """,
    "shop/users/__init__.py": "",
    "shop/users/models.py": """
        from django.db import models


        class User(models.Model):
            email = models.EmailField(unique=True)
            name = models.CharField(max_length=40)
            password = models.CharField(max_length=40, default="secret")

            def __str__(self):
                return self.name


        class Address(models.Model):
            user = models.ForeignKey(User, models.CASCADE, related_name="addresses")
            city = models.CharField(max_length=40)

            class Kind(models.TextChoices):
                HOME = "home", "At home"
                WORK = "work"
        """,
    "shop/orders/__init__.py": "",
    "shop/orders/models.py": """
        from django.db import models

        from shop.users.models import User


        class Order(models.Model):
            user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="orders")
            number = models.CharField(max_length=20)

            def label(self):
                return f"{self.number} for {self.user.name}"
        """,
    "shop/orders/selectors.py": '''
        """Reads of orders."""

        from django.db.models import Prefetch

        from shop.orders.models import Order
        from shop.users.models import Address, User

        DELIVERED_TO = (Address.Kind.HOME, Address.Kind.WORK)


        def customer(email):
            try:
                return User.objects.get(email=email).name  # the name only
            except User.DoesNotExist:
                return None


        def orders_of(email):
            user = User.objects.get(email=email)
            return list(Order.objects.filter(user=user))


        def labels():
            return [
                f"{order.number}: {order.user.email}"
                for order in Order.objects.select_related("user").order_by("number")
            ]


        def towns():
            users = User.objects.prefetch_related("addresses")
            return [
                (order.number, [address.city for address in order.user.addresses.all()])
                for order in Order.objects.order_by("number").prefetch_related(
                    Prefetch("user", queryset=users)
                )
            ]


        def by_city(city):
            return Order.objects.filter(user__addresses__city=city)
        ''',
    "shop/orders/letters.py": """
        from django.template.loader import render_to_string

        from shop.orders.models import Order


        def letter(number):
            order = Order.objects.get(number=number)
            return render_to_string("orders/letter.txt", {"order": order})
        """,
    "shop/orders/templates/orders/letter.txt": (
        "Dear {{ order.user.name }}\n"
        "{% for each in order.user.addresses.all %}{{ each.city }}{% endfor %}"
        "{% if order.user.addresses.exists %} is where you are{% endif %}"
    ),
    "shop/orders/tests.py": """
        from django.test import TestCase

        from shop.orders.letters import letter
        from shop.orders.models import Order
        from shop.orders.selectors import (
            DELIVERED_TO, by_city, customer, labels, orders_of, towns
        )
        from shop.users.models import Address, User


        class OrderTests(TestCase):
            def setUp(self):
                self.ann = User.objects.create(email="ann@example.com", name="Ann")
                self.bob = User.objects.create(email="bob@example.com", name="Bob")
                Address.objects.create(user=self.ann, city="Leeds")
                for number, user in (("1", self.ann), ("2", self.bob), ("3", self.ann)):
                    Order.objects.create(number=number, user=user)

            def test_customer(self):
                self.assertEqual(customer("ann@example.com"), "Ann")
                self.assertIsNone(customer("none@example.com"))

            def test_orders_of(self):
                found = orders_of("ann@example.com")
                self.assertEqual([order.number for order in found], ["1", "3"])
                self.assertEqual(found[0].user, self.ann)
                self.assertEqual(found[0].label(), "1 for Ann")
                with self.assertRaises(User.DoesNotExist):
                    orders_of("none@example.com")

            def test_labels(self):
                wanted = ["1: ann@example.com", "2: bob@example.com", "3: ann@example.com"]
                self.assertEqual(labels(), wanted)

            def test_delivered_to(self):
                self.assertEqual(DELIVERED_TO, ("home", Address.Kind.WORK))
                self.assertEqual([kind.label for kind in DELIVERED_TO], ["At home", "Work"])

            def test_by_city(self):
                self.assertEqual(by_city("Leeds").count(), 2)

            def test_letter(self):
                self.assertEqual(letter("2"), "Dear Bob\\n")
                self.assertEqual(letter("1"), "Dear Ann\\nLeeds is where you are")

            def test_towns(self):
                Address.objects.create(user=self.ann, city="York")
                wanted = [("1", ["Leeds", "York"]), ("2", []), ("3", ["Leeds", "York"])]
                with self.assertNumQueries(3):
                    self.assertEqual(towns(), wanted)
        """,
}


def write(root: Path) -> None:
    """Write the project, with the migrations that Django makes of its models."""
    for path, text in FILES.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"))
    for app in ("users", "orders"):
        folder = root / "shop" / app / "migrations"
        folder.mkdir()
        (folder / "__init__.py").write_text("")
    manage(root, "makemigrations", "-v0")


def environment(root: Path) -> dict[str, str]:
    names = ("DJANGO_SETTINGS_MODULE", "PYTHONWARNINGS", "USERS_CLIENT_TRANSPORT")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return kept | {
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "XDG_CACHE_HOME": str(root.parent / "cache"),
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }


def manage(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py; fail with what it printed."""
    done = _run(root, "manage.py", *args)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def codemods(root: Path, *args: str, stdin: bytes | str | None = None, timeout: int = 100):
    """Run a codemods command in the project."""
    return _run(root, "-m", "codemods", *args, stdin=stdin, timeout=timeout)


def rewrite(root: Path, *args: str, **options):
    """Run `codemods rewrite` in the project."""
    return codemods(root, "rewrite", "--python", sys.executable, "--jobs", "1", *args, **options)


def _run(root: Path, *args: str, stdin=None, timeout: int = 100):
    return subprocess.run(
        [sys.executable, *args],
        cwd=root,
        env=environment(root),
        input=stdin,
        capture_output=True,
        text=not isinstance(stdin, bytes),
        timeout=timeout,
        check=False,
    )


def git(root: Path, *args: str) -> str:
    """Run git in the project, as nobody in particular."""
    who = (
        "-c",
        "user.name=nobody",
        "-c",
        "user.email=nobody@example.com",
        "-c",
        "init.defaultBranch=main",
    )
    done = subprocess.run(
        ["git", *who, *args], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(root: Path) -> None:
    """Make the project a repository with all of it committed."""
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "as it was")


def contents(root: Path) -> dict[str, bytes]:
    """Return every file's bytes, without git's own and databases."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.parts and path.suffix != ".sqlite3"
    }
