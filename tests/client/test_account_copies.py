"""A service that holds a copy of the accounts: joins, types, links, what is told and refused."""

import subprocess
import sys

MODELS = """
from django.db import models
from strangler.client.accounts.copied import AccountCopy


class Card(models.Model):
    name = models.CharField(max_length=9)


class User(AccountCopy):
    email = models.EmailField(unique=True)
    cards = models.ManyToManyField(Card, related_name="holders")
    USERNAME_FIELD = "email"


class Order(models.Model):
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="orders")
"""
CODE = """
import django
from django.conf import settings

settings.configure(
    DATABASES={
        name: {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{name}.sqlite3"}
        for name in ("default", "theirs")
    },
    INSTALLED_APPS=["strangler.client.replicas", "strangler.client.accounts",
                    "django.contrib.auth", "django.contrib.contenttypes", "users"],
    AUTH_USER_MODEL="users.User", STRANGLER_ACCOUNTS={"model": "users.User"},
    STRANGLER_REPLICAS=["users.User", "users.Card"], USE_TZ=True,
    DATABASE_ROUTERS=["strangler.client.replicas.router.ReplicaRouter"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()
from dataclasses import dataclass
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.db import connection, models
from strangler.client.replicas.copying import models_of
from strangler.client.replicas.router import ReplicaWriteError
from strangler.client.values import Value
from django.apps import apps
from users.models import Card, Order, User

@dataclass(frozen=True, eq=False, repr=False)
class UserValue(Value, model="users.User", pk="id"):
    id: int

links = User.cards.through
with connection.schema_editor() as editor:
    for each in (Card, User, Order):
        editor.create_model(each)
assert "REFERENCES" not in str(connection.cursor().execute(
    "SELECT group_concat(sql) FROM sqlite_master").fetchone())
assert links in models_of(apps, [])
connection.cursor().execute("INSERT INTO users_user (id, email) VALUES (1, 'ada@shop.test')")
connection.cursor().execute("INSERT INTO users_card (id, name) VALUES (5, 'gold')")
connection.cursor().execute("INSERT INTO users_user_cards (user_id, card_id) VALUES (1, 5)")
value = UserValue(1)
Order.objects.create(user_id=1)
assert isinstance(value, get_user_model()) and get_user_model() is User
assert not isinstance(value, Card)
assert [each.pk for each in User.objects.annotate(n=models.Count("orders")).filter(n=1)] == [1]
assert [each.name for each in value.cards.all()] == ["gold"]
assert value.orders.get().pk == 1
ada = User.objects.get()
assert (str(ada), ada.is_authenticated) == ("ada@shop.test", True)
for write in (ada.save, lambda: ada.cards.clear(), lambda: value.cards.add(5)):
    try:
        write()
    except ReplicaWriteError:
        continue
    raise AssertionError(write)
assert not run_checks(), run_checks()

from django.db import connections
from django.db.models.signals import post_delete, post_save
from strangler.client.replicas.copying import copy
theirs = connections["theirs"]
with theirs.schema_editor() as editor:
    for each in (Card, User):
        editor.create_model(each)
def there(*statements):
    with theirs.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
heard, fails = [], []
def saved(*, instance, created, raw, **_):
    heard.append((instance.email, created, raw))
    Order.objects.create(user_id=instance.pk)
    if fails:
        raise RuntimeError
post_save.connect(saved, sender=User)
post_delete.connect(lambda *, instance, **_: heard.append(instance.email), sender=User, weak=False)
there("INSERT INTO users_user (id, email) VALUES (1, 'ada@a.test'), (2, 'bo@b.test')")
copy("theirs", models_of(apps, []), tells=True)
assert heard == [("ada@a.test", False, False), ("bo@b.test", True, False)], heard
heard.clear()
copy("theirs", models_of(apps, []), tells=True)
there("DELETE FROM users_user WHERE id = 1")
copy("theirs", models_of(apps, []))
assert heard == [] and User.objects.count() == 1
def writes(*, instance, **_):
    instance.cards.clear()
post_save.connect(writes, sender=User)
there("UPDATE users_user SET email = 'bo@c.test'")
fails.append(1)
orders = Order.objects.count()
try:
    copy("theirs", models_of(apps, []), tells=True)
except RuntimeError:
    pass
assert (User.objects.get().email, Order.objects.count()) == ("bo@b.test", orders)
fails.clear()
heard.clear()
copy("theirs", models_of(apps, []), tells=True)
there("DELETE FROM users_user")
copy("theirs", models_of(apps, []), tells=True)
assert heard == [("bo@c.test", False, False), "bo@c.test"], heard
there("INSERT INTO users_user (id, email) VALUES (7, 'cy@c.test')")
copy("theirs", models_of(apps, []), tells=True)
assert len(heard) == 2
print("all of it")
"""


def test_a_copy_of_the_accounts_is_joined_and_heard_of_and_never_written(tmp_path):
    (tmp_path / "users").mkdir()
    (tmp_path / "users/__init__.py").touch()
    (tmp_path / "users/models.py").write_text(MODELS)
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.stdout.endswith("all of it\n"), done.stderr
