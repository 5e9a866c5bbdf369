"""Names of another service's code: they may be named and declared with, not used."""

import pytest

from strangler.client.elsewhere import ElsewhereError, class_elsewhere, function_elsewhere

User = class_elsewhere("shop.users.models.User")
pay = function_elsewhere("shop.payments.services.pay")


class Admin(User):
    """A class may inherit from what is not here."""

    field = User(read_only=True)
    kind = User.Kind.STAFF
    fields = (*User.Meta.fields, "kind")
    rows = User.objects.all()


STATES = (User.Kind.STAFF,)


def test_it_may_be_named_declared_with_and_tested_against():
    def typed(user: User) -> "User | None":
        return user

    assert typed(None) is None
    assert not isinstance(3, User)
    assert issubclass(Admin, User)
    assert (User.__name__, User.__module__) == ("User", "shop.users.models")


@pytest.mark.parametrize(
    "use", [lambda: User.objects, lambda: User(email="x"), lambda: pay(1), lambda: [*User]]
)
def test_a_use_says_what_is_missing_and_the_next_step(use):
    with pytest.raises(ElsewhereError, match=r"shop\.\w+\.\w+\.\w+.*codemods extract"):
        use()


def test_what_libraries_look_for_is_simply_not_there():
    assert getattr(User, "_meta", None) is None
    assert not hasattr(User, "__wrapped__")


def test_with_a_value_it_is_that_as_a_type_and_nothing_more():
    class Value:
        class DoesNotExist(Exception):  # noqa: N818
            pass

    known = class_elsewhere("shop.users.models.User", Value)
    assert isinstance(Value(), known)
    assert not isinstance(3, known)
    assert known.DoesNotExist is Value.DoesNotExist
    with pytest.raises(ElsewhereError, match="objects belongs to another service"):
        _ = known.objects
