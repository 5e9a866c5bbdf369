"""Writes of users: registration, passwords, tokens, profiles and addresses."""

from functools import partial
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from rest_framework.authtoken.models import Token

from monolith.common.errors import Conflict
from monolith.users.models import Address, Profile, User
from monolith.users.tasks import send_welcome_mail


def user_register(
    *, email: str, password: str, first_name: str = "", last_name: str = "", phone: str = ""
) -> User:
    """Create an account with its profile and greet its owner by mail.

    Raises:
        ValidationError: the address is taken (compared without case), or the password is weak.
    """
    taken = ValidationError({"email": ["An account with this email address exists."]})
    if User.objects.filter(email__iexact=email).exists():
        raise taken
    _check_password(password, User(email=email, first_name=first_name, last_name=last_name))
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email, password, first_name=first_name, last_name=last_name
            )
            Profile.objects.filter(user=user).update(phone=phone)
    except IntegrityError as error:
        raise taken from error
    transaction.on_commit(partial(send_welcome_mail.delay, user.pk))
    return user


def token_for(*, user: User) -> str:
    """Return the user's API token, made on first use."""
    token, _ = Token.objects.get_or_create(user=user)
    return token.key


@transaction.atomic
def password_change(*, user: User, current_password: str, new_password: str) -> str | None:
    """Set another password and replace the API token, if there is one.

    Returns the token that replaces the former one. Sessions are the caller's affair.

    Raises:
        ValidationError: the current password is wrong, or the other one is weak.
    """
    if not user.check_password(current_password):
        raise ValidationError({"current_password": ["This is not your current password."]})
    _check_password(new_password, user, field="new_password")
    user.set_password(new_password)
    user.save(update_fields=["password"])
    deleted, _ = Token.objects.filter(user=user).delete()
    return Token.objects.create(user=user).key if deleted else None


@transaction.atomic
def profile_update(*, profile: Profile, **values: Any) -> Profile:
    """Change a profile; `favourite_products` replaces the whole set."""
    favourites = values.pop("favourite_products", None)
    if values:
        for name, value in values.items():
            setattr(profile, name, value)
        profile.save(update_fields=list(values))
    if favourites is not None:
        profile.favourite_products.set(favourites)
    return profile


@transaction.atomic
def address_create(*, user: User, is_default: bool = False, **values: Any) -> Address:
    """Add an address; a user's first one is the default one."""
    is_default = is_default or not user.addresses.exists()
    if is_default:
        user.addresses.filter(is_default=True).update(is_default=False)
    return Address.objects.create(user=user, is_default=is_default, **values)


@transaction.atomic
def address_update(*, address: Address, **values: Any) -> Address:
    """Change an address; making it the default one takes that from the other."""
    if values.get("is_default"):
        Address.objects.filter(user=address.user_id, is_default=True).update(is_default=False)
    for name, value in values.items():
        setattr(address, name, value)
    address.save(update_fields=list(values) or None)
    return address


def address_delete(*, address: Address) -> None:
    """Remove an address.

    Raises:
        Conflict: orders were sent there; they keep their address.
    """
    try:
        address.delete()
    except ProtectedError as error:
        raise Conflict("Orders were sent to this address; it cannot be deleted.") from error


def _check_password(password: str, user: User, *, field: str = "password") -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
