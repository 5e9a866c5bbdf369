"""Names of another service's code: they may be named and declared with, not used."""

import pytest

from strangler.client.elsewhere import ElsewhereError, class_elsewhere, function_elsewhere

User = class_elsewhere("shop.users.models.User")
pay = function_elsewhere("shop.payments.services.pay")


class Admin(User):
    """A class may inherit from what is not here."""

    field = User(read_only=True)
    kind = User.Kind.STAFF


STATES = (User.Kind.STAFF,)


def test_it_may_be_named_declared_with_and_tested_against():
    def typed(user: User) -> "User | None":
        return user

    assert typed(None) is None
    assert not isinstance(3, User)
    assert issubclass(Admin, User)
    assert (User.__name__, User.__module__) == ("User", "shop.users.models")


@pytest.mark.parametrize("use", [lambda: User.objects, lambda: User(email="x"), lambda: pay(1)])
def test_a_use_says_what_is_missing_and_the_next_step(use):
    with pytest.raises(ElsewhereError, match=r"shop\.\w+\.\w+\.\w+.*codemods extract"):
        use()


def test_what_libraries_look_for_is_simply_not_there():
    assert getattr(User, "_meta", None) is None
    assert not hasattr(User, "__wrapped__")
