"""Imports of a file, and which of them it needs for more than a type."""

from textwrap import dedent

import pytest

from codemods.extract.imports import Import, modules_of, read


def uses(text: str, name: str = "User") -> tuple[int, ...]:
    found = read(dedent(text), "shop.orders.selectors", is_package=False)
    return next(one.uses for one in found.imports if one.name == name)


@pytest.mark.parametrize(
    "body",
    [
        "def f(user: User) -> User: ...",
        "def f(user: User | None = None, *rest: list[User]): ...",
        "user: User = other",
        "class A:\n    user: User",
        "try:\n    f()\nexcept User.DoesNotExist:\n    pass",
        "isinstance(x, User)",
        "isinstance(x, (User, int))",
        "x = cast(User, y)",
        "async def f(user: User): ...",
        "",
    ],
)
def test_a_type_to_name_to_catch_or_to_test_with_is_no_need(body):
    assert uses(f"from shop.users.models import User\n{body}") == ()


@pytest.mark.parametrize(
    "body",
    [
        "User.objects.all()",
        "def f(user=User): ...",
        "@register(User)\ndef f(): ...",
        "class A(User): ...",
        "isinstance(User, x)",
        "cast(x, User)",
        "x: int = User",
        '__all__ = ["User"]',
        "def f():\n    return User.Kind.STAFF",
    ],
)
def test_anything_else_is(body):
    assert uses(f"from shop.users.models import User\n{body}") != ()


def test_what_a_type_checker_alone_reads_is_not_imported():
    text = """
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from shop.users.models import User
        else:
            from shop.orders import other
    """
    found = read(dedent(text), "shop.orders.selectors", is_package=False)
    assert [one.module for one in found.imports] == ["typing", "shop.orders"]


def test_relative_imports_are_resolved_and_all_packages_above_are_loaded():
    found = read("from ..users import models\nfrom . import apis\n", "shop.orders.urls",
                 is_package=False)  # fmt: skip
    assert [(one.module, one.name) for one in found.imports] == [
        ("shop.users", "models"),
        ("shop.orders", "apis"),
    ]
    known = {"shop": "shop/__init__.py", "shop.users": "", "shop.users.models": ""}
    assert modules_of(found.imports[0], known) == ("shop", "shop.users", "shop.users.models")
    assert modules_of(Import("django.db", "models", 1), known) == ()


def test_what_a_package_takes_in_it_hands_on():
    found = read("from .models import User\n", "shop.users", is_package=True)
    assert found.imports == (Import("shop.users.models", "User", 1, (1,)),)


def test_text_that_is_no_python_has_no_imports_to_tell():
    assert read("def f(:\n", "shop", is_package=False) is None
