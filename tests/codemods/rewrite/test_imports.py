"""Imports are added where a reader looks for them and dropped when nothing needs them."""

import textwrap

import libcst as cst
import pytest

from codemods.rewrite.imports import Import, add
from codemods.rewrite.unused import remove_unused

CLIENT = Import("shop.clients", "users_client", "users_client")


def text(code: str) -> str:
    return textwrap.dedent(code).lstrip("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""Doc."""\n', '"""Doc."""\n\nfrom shop.clients import users_client\n'),
        (
            "import os\n\nfrom django.db import models\n\nfrom shop.zoo import animal\n\nx = 1\n",
            (
                "import os\n\nfrom django.db import models\n\n"
                "from shop.clients import users_client\n"
                "from shop.zoo import animal\n\nx = 1\n"
            ),
        ),
        (
            "from django.db import models\n\n\nclass A: pass\n",
            (
                "from django.db import models\n\nfrom shop.clients import users_client\n\n\n"
                "class A: pass\n"
            ),
        ),
        (
            "from shop.apples import a\nfrom .models import Order\n",
            (
                "from shop.apples import a\nfrom shop.clients import users_client\n"
                "from .models import Order\n"
            ),
        ),
        (
            "from django.db import models\nfrom .models import Order\n",
            (
                "from django.db import models\n\nfrom shop.clients import users_client\n\n"
                "from .models import Order\n"
            ),
        ),
        (
            "from shop.clients import orders_client, zoo_client\n",
            "from shop.clients import orders_client, users_client, zoo_client\n",
        ),
        (
            "from shop.clients import (\n    orders_client,\n    stock_client,\n)\n",
            (
                "from shop.clients import (\n    orders_client,\n    stock_client,\n"
                "    users_client,\n)\n"
            ),
        ),
        ("from shop.clients import users_client\n", "from shop.clients import users_client\n"),
        (
            "# coding: utf-8\n# licence\nx = 1\n",
            "# coding: utf-8\n# licence\nfrom shop.clients import users_client\n\nx = 1\n",
        ),
    ],
)
def test_an_import_goes_to_its_place(before, after):
    assert add(cst.parse_module(before), [CLIENT], own=frozenset({"shop"})).code == after


def dropped(before, *, exported=(), candidates=(("shop.users.models", "User"),)):
    module = cst.parse_module(text(before))
    return remove_unused(
        module,
        set(candidates),
        module_name="shop.orders.views",
        is_exported=lambda name: name in exported,
    ).code


@pytest.mark.parametrize(
    "before",
    [
        "from shop.users.models import User\nUser.x\n",
        'from shop.users.models import User\ndef f(u: "User"): ...\n',
        "from shop.users.models import User  # noqa: F401\n",
        'from shop.users.models import User\n__all__ = ["User"]\n',
        "try:\n    from shop.users.models import User\nexcept ImportError:\n    User = None\n",
        "from shop.other import User\n",
    ],
)
def test_an_import_that_may_be_needed_stays(before):
    assert dropped(before) == before


def test_an_import_that_others_take_from_here_stays():
    before = "from shop.users.models import User\n"
    assert dropped(before, exported={"User"}) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from shop.users.models import User\nx = 1\n", "x = 1\n"),
        ("from ..users.models import User\nx = 1\n", "x = 1\n"),
        (
            "from shop.users.models import Address, User\n",
            "from shop.users.models import Address\n",
        ),
        (
            "from shop.users.models import (\n    Address,\n    User,\n)\n",
            "from shop.users.models import (\n    Address,\n)\n",
        ),
        (
            "import os\n\nfrom shop.users.models import User\nfrom shop.x import y\n",
            "import os\n\nfrom shop.x import y\n",
        ),
        (
            "def f():\n    from shop.users.models import User\n    return 1\n",
            "def f():\n    return 1\n",
        ),
        ("from shop.users.models import User as U\nx = 1\n", "x = 1\n"),
    ],
)
def test_an_import_that_nothing_needs_goes(before, after):
    assert dropped(before) == after


def test_what_was_unused_before_and_no_candidate_stays():
    before = "from shop.users.models import Address, User\n"
    assert "Address" in dropped(before)
