"""What travels: the values of the contract, and the types of arguments."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from users_asgi import tables


def _whole(content: Any) -> Any:
    if isinstance(content, bool):
        raise ValueError("must be a whole number")  # noqa: TRY004 - told as any wrong argument
    return content


def _truth(content: Any) -> Any:
    return content == "true" if content in ("true", "false") else content


Int64 = Annotated[int, BeforeValidator(_whole), Field(ge=-(2**63), le=2**63 - 1)]
Truth = Annotated[bool, BeforeValidator(_truth), Field(strict=True)]
Text = Annotated[str, StringConstraints(strict=True)]


class Profile(BaseModel):
    """What is read of users.Profile outside its service."""

    id: int
    loyalty_points: int
    phone: str


class User(BaseModel):
    """What is read of users.User outside its service; a leading underscore is an alias here."""

    id: int
    email: str
    first_name: str
    is_active: bool
    is_staff: bool
    last_name: str
    profile: Profile | None = Field(alias="_profile")
    get_short_name: str = Field(alias="_get_short_name")
    is_authenticated: bool
    public_name: str | None = Field(alias="_public_name")
    text: str = Field(alias="_text")


class Address(BaseModel):
    """What is read of users.Address outside its service, with whose it is."""

    id: int
    city: str
    country: str
    label: str
    line1: str
    line2: str
    postcode: str
    user_id: int
    user: User


def address_of(row: tables.Address) -> Address:
    """Return the value of a row whose user is loaded, with the profile."""
    return Address(
        id=row.id,
        city=row.city,
        country=row.country,
        label=row.label,
        line1=row.line1,
        line2=row.line2,
        postcode=row.postcode,
        user_id=row.user_id,
        user=user_of(row.user),
    )


def user_of(row: tables.User) -> User:
    """Return the value of a row whose profile is loaded."""
    profile = row.profile
    return User(
        id=row.id,
        email=row.email,
        first_name=row.first_name,
        is_active=row.is_active,
        is_staff=row.is_staff,
        last_name=row.last_name,
        _profile=profile
        and Profile(id=profile.id, loyalty_points=profile.loyalty_points, phone=profile.phone),
        _get_short_name=row.short_name,
        is_authenticated=True,
        _public_name=row.public_name,
        _text=row.email,
    )
