"""Models of others that a service holds a copy of, and serializers written over their rows."""

from dataclasses import replace

import pytest

from codemods.crossings.crossing import Crossing
from codemods.extract.copy_uses import held, is_read_here
from codemods.extract.imports import CALLED, EXTENDED, SHOWN, is_type, serializer_use
from codemods.extract.replicas import configs, replicas
from codemods.extract.shown import Shown
from codemods.extract.stand_ins import render
from codemods.extract.tree import Tree
from codemods.project.contexts import Contexts
from codemods.project.graph import Field
from tests.codemods.extract.test_closure import GRAPH, MODEL

MODELS = '''"""Orders."""

import secrets
from decimal import Decimal

from django.db import models

from shop.users.models import User


def number() -> str:
    return secrets.token_hex(4)


def unused() -> None: ...


class Coupon(models.Model):
    text = models.TextField()


class Order(models.Model):
    """Placed."""

    number = models.CharField(max_length=20, default=number)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="orders")
    tags = models.ManyToManyField(Coupon)

    class Meta:
        ordering = ("-id",)

    def save(self, *args, **kwargs):
        raise NotImplementedError

    def coupon(self) -> "Coupon":
        return Coupon.objects.get()


class Line(models.Model):
    @property
    def total(self) -> Decimal:
        return self.price

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.OneToOneField("products.Product", models.PROTECT)
    price = models.DecimalField(default=Decimal(0))
'''


def field(name, type_, target=None, **told):
    rest = {
        "attname": name, "column": name, "many": False, "generic": False, "one": False,
        "through": None, "through_auto": False, "on_delete": None, "null": False,
        "declared_in": None, "ct_field": None, "fk_field": None, "inherited": False,
    }  # fmt: skip
    return Field(name=name, type=type_, target=target, **{**rest, **told})


def model(label, *fields):
    app, name = label.split(".")
    key = field("id", "BigAutoField", internal_type="BigAutoField")
    return replace(
        MODEL, label=label, app=app, name=f"shop.{app}.models:{name}",
        fields={one.name: one for one in (key, *fields)},
    )  # fmt: skip


FOUND = (
    model("users.User"),
    model("products.Product"),
    model("orders.Coupon"),
    model(
        "orders.Order",
        field("user", "ForeignKey", "users.User", on_delete="CASCADE", null=True),
        field("tags", "ManyToManyField", "orders.Coupon", many=True),
    ),
    model(
        "orders.Line",
        field("order", "ForeignKey", "orders.Order", on_delete="CASCADE"),
        field("product", "OneToOneField", "products.Product", on_delete="PROTECT", one=True),
    ),
)


@pytest.fixture
def tree():
    graph = replace(GRAPH, models={one.label: one for one in FOUND})
    files = {"shop/orders/models.py": MODELS, "shop/users/models.py": "class User: ..."}
    modules = {path.removesuffix(".py").replace("/", "."): path for path in files}
    apps = {name: name for name in ("users", "orders", "products")}
    contexts = Contexts(
        apps,
        tuple((f"shop/{name}", name) for name in apps),
        clients="shop.clients",
        replicas={"products": ("orders.Order", "orders.Line")},
    )
    services = ("users", "orders", "products")
    return Tree(graph, contexts, services, modules, frozenset(files), files.get)


def test_copied_models_join_what_is_here_and_keep_ids_of_the_rest(tree):
    found = replicas(tree, "products")
    text = render(
        "shop.orders.models", found.lacking["shop.orders.models"], owner="orders",
        graph=tree.graph, values={}, copied=found.texts["shop.orders.models"],
    )  # fmt: skip
    compile(text, "models.py", "exec")
    flat = " ".join(text.split())
    for wanted in (
        (
            'order = models.ForeignKey( "orders.Order", on_delete=models.DO_NOTHING,'
            ' db_constraint=False, related_name="lines" )'
        ),
        (
            'product = models.OneToOneField( "products.Product", on_delete=models.PROTECT,'
            " db_constraint=False )"
        ),
        (
            'user = users_client.SERVICE.Reference( "users.User", models.BigIntegerField,'
            ' on_delete=models.CASCADE, null=True, related_name="orders", )'
        ),
        "from shop.clients import users_client",
        "def number() -> str:",
        'Coupon = class_elsewhere("shop.orders.models.Coupon")',
    ):
        assert wanted in flat
    for unwanted in ("tags", "def save", "unused", "shop.users", "class Coupon"):
        assert unwanted not in text
    assert text.count("@property") == 1
    assert found.has("shop.orders.models", "Line")
    assert not found.has("shop.orders.models", "Coupon")


USERS = '''
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Who."""

    nick = models.CharField(max_length=9)
    friends = models.ManyToManyField("products.Product", related_name="fans")
    tags = models.ManyToManyField("orders.Coupon")
    REQUIRED_FIELDS = ["nick"]

    class Meta:
        ordering = ("nick",)
        indexes = [models.Index(fields=["password"])]

    def hello(self):
        return f"Hello {self.nick}"

    def may(self):
        return super().has_perm("x") and self.password
'''


def test_a_copy_of_the_accounts_has_all_but_what_signs_in(tree):
    declared = "django.contrib.auth.models:AbstractUser"
    users = model(
        "users.User",
        field("nick", "CharField"),
        field("password", "CharField", declared_in=declared),
        field("first_name", "CharField", declared_in=declared),
        field("friends", "ManyToManyField", "products.Product", many=True, through_auto=True,
              through="users.User_friends"),
        field("tags", "ManyToManyField", "orders.Coupon", many=True, through_auto=True,
              through="users.User_tags"),
    )  # fmt: skip
    files = {"shop/orders/models.py": MODELS, "shop/users/models.py": USERS}
    tree = replace(
        tree, graph=replace(tree.graph, models={**tree.graph.models, "users.User": users}),
        contexts=replace(tree.contexts, replicas={"products": ("users.User",)}), text=files.get,
    )  # fmt: skip
    found = replicas(tree, "products")
    text = found.texts["shop.users.models"]
    compile(text, "models.py", "exec")
    for wanted in (
        "class User(AccountCopy):", "nick = models.CharField(max_length=9)", "def hello(self)",
        'first_name = AbstractUser._meta.get_field("first_name").clone()', "ordering = ('nick',)",
        "friends = models.ManyToManyField('products.Product', related_name='fans')",
    ):  # fmt: skip
        assert wanted in text
    for unwanted in ("password", "REQUIRED_FIELDS", "def may", "indexes", "tags", "UserManager"):
        assert unwanted not in text
    assert held(tree, "products") == {"users.User", "users.User_friends"}
    call = Crossing(
        "shop/products/a.py", 1, 1, 1, 9, "many-to-many", "products", "users", "", "", "read",
        "high", "f", "",
    )  # fmt: skip
    for expression, is_read in (("user.friends.all()", True), ("user.friends.add(x)", False)):
        link = replace(call, model="users.User_friends", expression=expression)
        assert is_read_here(link, tree, "products") == is_read
    secret = replace(call, model="users.User", expression="user.password")
    assert not is_read_here(secret, tree, "products")


def test_the_app_of_copied_models_has_its_owners_label(tree):
    (text,) = configs(tree.graph, {"orders.Order"}).values()
    assert 'label = "orders"' in text
    assert 'default_auto_field = "django.db.models.BigAutoField"' in text


TOLD = {
    "shop.users.public:Card": (
        "users.User", "Of a user.",
        [
            ["id", "rest_framework.fields:IntegerField", {"read_only": True}, True],
            ["name", "rest_framework.fields:CharField", {"source": "public.name"}, False],
        ],
    ),
    "shop.users.public:Secret": (
        "users.User", "", [["password", "rest_framework.fields:CharField", {}, True]],
    ),
    "shop.users.public:Odd": ("users.User", "", None),
}  # fmt: skip


def test_a_serializer_is_written_only_over_what_can_be_read_and_never_to_write():
    over_values = Shown(TOLD, {"users.User": {"id", "public"}})
    assert over_values.has("shop.users.public", "Card", SHOWN)
    for name, use in (("Card", CALLED), ("Card", EXTENDED), ("Secret", SHOWN), ("Odd", SHOWN)):
        assert not over_values.has("shop.users.public", name, use)
    text = render("shop.users.public", ["Card", "Secret"], owner="users", graph=GRAPH, values={},
                  shown=over_values)  # fmt: skip
    assert "class Card(serializers.Serializer):" in text
    assert 'name = serializers.CharField(source="public.name")' in text
    assert 'Secret = class_elsewhere("shop.users.public.Secret")' in text


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("x = Card(read_only=True)\ny = Card(many=True, read_only=True)", SHOWN),
        ("x = Card(read_only=True)\ny = Card(data=1)", CALLED),
        ("class More(Card): ...", EXTENDED),
        ("from a import Card as C\nC(read_only=True)", EXTENDED),
    ],
)
def test_what_is_done_with_a_serializer(text, use):
    assert serializer_use(text, "Card") == use


def test_a_user_model_that_is_only_tested_with_is_a_type():
    asked = "User = get_user_model()\ndef f(x: User): return isinstance(x, User)"
    assert is_type(asked, "User")
    assert not is_type(f"{asked}\nUser.objects", "User")
    assert not is_type(f"{asked}\ntry: ...\nexcept User.DoesNotExist: ...", "User")
