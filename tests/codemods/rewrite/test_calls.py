"""Who uses an operation, which fields are diverted, and which names others take."""

from codemods.contract.place import Place
from codemods.crossings.discover import Source
from codemods.rewrite.calls import consumers, diverted
from codemods.rewrite.exports import Exports

PLACE = Place(
    service="users", source="", clients="shop.clients", client="shop.clients.users_client",
    provider="shop.users.provider", provider_path="shop/users/provider.py",
    contract_path="contracts/users.json",
)  # fmt: skip
TEXTS = {
    "shop/views.py": """
from shop.clients import users_client as people
from shop.shortcuts import get_or_404

class Page:
    def get(self):
        return get_or_404(people.get_user, id=1)

top = people.get_user(id=2) if people.unknown else None
""",
    "shop/more/__init__.py": "from ..clients import users_client\nusers_client.get_user(id=3)\n",
    "shop/other.py": "from elsewhere import users_client\nusers_client.get_user(id=3)\n",
    "shop/clients/users_client/__init__.py": "from shop.clients import users_client\n"
    "users_client.get_user\n",
    "shop/broken.py": "users_client.get_user(\n",
}
NAMES = {
    "shop/views.py": "shop.views", "shop/more/__init__.py": "shop.more",
    "shop/other.py": "shop.other", "shop/broken.py": "shop.broken",
    "shop/clients/users_client/__init__.py": "shop.clients.users_client",
}  # fmt: skip
SOURCES = [Source(path, "python", name, "shop", "") for path, name in NAMES.items()]


def test_every_use_of_the_client_is_a_consumer_whatever_it_is_called_there():
    found = consumers(SOURCES, TEXTS.get, PLACE, {"get_user"})
    assert [(each.operation, each.path, each.function) for each in found] == [
        ("get_user", "shop/more/__init__.py", "<module>"),
        ("get_user", "shop/views.py", "<module>"),
        ("get_user", "shop/views.py", "Page.get"),
    ]


def test_diverted_fields_are_found_by_class():
    text = """
class Order(Model):
    user = users_client.ForeignKey(User)
    other = models.ForeignKey(User)
    kept: Any = users_client.OneToOneField(User)
    class Inner(Model):
        user = users_client.ForeignKey(User)
if True:
    class Late(Model):
        user = users_client.ForeignKey(User)
"""
    assert diverted(text, "shop.models", "users_client") == {
        ("shop.models:Order", "user"),
        ("shop.models:Order", "kept"),
        ("shop.models:Order.Inner", "user"),
        ("shop.models:Late", "user"),
    }


def exports(**texts):
    sources = [Source(f"{name}.py", "python", name.replace("/", "."), "", "") for name in texts]
    return Exports(sources, lambda path: texts[path.removesuffix(".py")])


def test_a_name_is_exported_that_others_import_or_spell_out():
    found = exports(
        **{
            "shop/views": "from shop.users import User, Address",
            "shop/a": "from .views import User",
            "shop/b": "from shop.others import Address",
            "shop/tests/c": "patch('shop.views.Badge')",
        }
    )
    assert found.is_exported("shop.views", "User")
    assert found.is_exported("shop.views", "Badge")
    assert not found.is_exported("shop.views", "Address")


def test_a_star_takes_all():
    found = exports(**{"shop/views": "", "shop/a": "from shop.views import *", "x": "def f(:"})
    assert found.is_exported("shop.views", "anything")
