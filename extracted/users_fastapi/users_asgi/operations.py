"""The operations of the contract, over SQLAlchemy: a function each, named as there.

Arguments and answers travel as annotated. Reads come as GET and POST, writes as POST. Those of
addresses are for a monolith whose orders are rewritten and not lifted out yet: the orders service
keeps a copy of the table, so its contract has them no more.
"""

from __future__ import annotations

import os

from sqlalchemy import ColumnElement, Select, case, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from users_asgi import once
from users_asgi.errors import ToldError, missing
from users_asgi.tables import Address, Favourite, Profile, User
from users_asgi.values import Address as AddressValue
from users_asgi.values import Int64, Text, Truth, address_of, user_of
from users_asgi.values import User as UserValue

MAX_ROWS = int(os.environ.get("SERVICE_MAX_ROWS") or 10_000)


def find_address_ids_by_city_iexact(session: Session, *, city_iexact: Text) -> list[Int64]:
    """Return the keys that such rows of Address hold."""
    return _ids(session, Address.id, _is(Address.city, city_iexact))


def find_user_ids_by_email_icontains(session: Session, *, email_icontains: Text) -> list[Int64]:
    """Return the keys that such rows of User hold."""
    return _ids(session, User.id, _holds(User.email, email_icontains))


def find_user_ids_by_email_iexact(session: Session, *, email_iexact: Text) -> list[Int64]:
    """Return the keys that such rows of User hold."""
    return _ids(session, User.id, _is(User.email, email_iexact))


def find_user_ids_by_last_name_icontains(
    session: Session, *, last_name_icontains: Text
) -> list[Int64]:
    """Return the keys that such rows of User hold."""
    return _ids(session, User.id, _holds(User.last_name, last_name_icontains))


def first_address_by_is_default_and_user_id(
    session: Session, *, is_default: Truth, user_id: Int64
) -> AddressValue | None:
    """Return the first Address, or None."""
    return _first(session, Address.user_id == user_id, Address.is_default == is_default)


def first_address_by_user_id(session: Session, *, user_id: Int64) -> AddressValue | None:
    """Return the first Address, or None."""
    return _first(session, Address.user_id == user_id)


def get_address(session: Session, *, id: Int64) -> AddressValue:
    """Return the one Address."""
    row = session.scalar(_with_user().where(Address.id == id))
    if row is None:
        raise missing("users.Address")
    return address_of(row)


def get_addresses_by_ids(session: Session, *, ids: list[Int64]) -> list[AddressValue]:
    """Return the values of Address with these ids; ids that are nowhere are left out."""
    rows = _with_user().where(Address.id.in_(_batch(ids))).order_by(Address.id)
    return [address_of(row) for row in session.scalars(rows)]


def get_user(session: Session, *, id: Int64) -> UserValue:
    """Return the one User."""
    return user_of(_one(session, id))


def get_users_by_ids(session: Session, *, ids: list[Int64]) -> list[UserValue]:
    """Return the values of User with these ids; ids that are nowhere are left out."""
    return _users(session, _with_profile().where(User.id.in_(_batch(ids))).order_by(User.id))


def has_profiles_by_favourite_products(session: Session, *, favourite_products: Int64) -> bool:
    """Tell whether there is such a row of Profile."""
    found = exists().where(
        Favourite.profile_id == Profile.id, Favourite.product_id == favourite_products
    )
    return bool(session.scalar(select(found)))


def list_users_by_is_active_and_is_staff_ordered_by_email(
    session: Session, *, is_active: Truth, is_staff: Truth
) -> list[UserValue]:
    """Return the values of User."""
    rows = _with_profile().where(User.is_active == is_active, User.is_staff == is_staff)
    return _users(session, rows.order_by(User.email))


def user_public_name(session: Session, *, id: Int64) -> str:
    """Return what `public_name` of the User with this id gives."""
    return _one(session, id).public_name


def loyalty_give(session: Session, *, key: Text, points: Int64, user_id: Int64) -> None:
    """Give a customer points under a key, once."""
    once.effect_once(
        session,
        f"loyalty-{key}",
        lambda: session.execute(
            update(Profile)
            .where(Profile.user_id == user_id)
            .values(loyalty_points=Profile.loyalty_points + points)
        ),
    )


def loyalty_take(session: Session, *, key: Text, points: Int64, user_id: Int64) -> None:
    """Take points from a customer under a key, once, or as many as there are."""
    left = case((Profile.loyalty_points > points, Profile.loyalty_points - points), else_=0)
    once.effect_once(
        session,
        f"loyalty-taken-{key}",
        lambda: session.execute(
            update(Profile).where(Profile.user_id == user_id).values(loyalty_points=left)
        ),
    )


READS = (
    find_address_ids_by_city_iexact,
    find_user_ids_by_email_icontains,
    find_user_ids_by_email_iexact,
    find_user_ids_by_last_name_icontains,
    first_address_by_is_default_and_user_id,
    first_address_by_user_id,
    get_address,
    get_addresses_by_ids,
    get_user,
    get_users_by_ids,
    has_profiles_by_favourite_products,
    list_users_by_is_active_and_is_staff_ordered_by_email,
    user_public_name,
)
WRITES = (loyalty_give, loyalty_take)


def _with_profile() -> Select[tuple[User]]:
    return select(User).options(joinedload(User.profile))


def _with_user() -> Select[tuple[Address]]:
    return select(Address).options(joinedload(Address.user).joinedload(User.profile))


def _first(session: Session, *conditions: ColumnElement[bool]) -> AddressValue | None:
    row = session.scalar(_with_user().where(*conditions).order_by(Address.id).limit(1))
    return row and address_of(row)


def _batch(ids: list[int]) -> set[int]:
    if len(ids) > MAX_ROWS:
        raise ValueError(
            f"argument 'ids' has {len(ids)} items, at most {MAX_ROWS} are taken at once"
        )
    return set(ids)


def _one(session: Session, id: int) -> User:
    row = session.scalar(_with_profile().where(User.id == id))
    if row is None:
        raise missing("users.User")
    return row


def _users(session: Session, rows: Select[tuple[User]]) -> list[UserValue]:
    found = session.scalars(rows.limit(MAX_ROWS + 1)).all()
    if len(found) > MAX_ROWS:
        raise ToldError(422, "too_many_rows", _too_many("rows"))
    return [user_of(row) for row in found]


def _ids(
    session: Session, key: InstrumentedAttribute[int], condition: ColumnElement[bool]
) -> list[int]:
    found = session.scalars(select(key).where(condition).limit(MAX_ROWS + 1)).all()
    if len(found) > MAX_ROWS:
        raise ToldError(422, "too_many_ids", _too_many("ids"))
    return list(found)


def _too_many(what: str) -> str:
    return (
        f"more than {MAX_ROWS} {what} are found and none is left out; narrow the conditions, or "
        "set SERVICE_MAX_ROWS higher where the owner runs"
    )


def _is(column: InstrumentedAttribute[str], whole: str) -> ColumnElement[bool]:
    """Return what finds a text, in whatever case."""
    return func.upper(column) == func.upper(whole)


def _holds(column: InstrumentedAttribute[str], part: str) -> ColumnElement[bool]:
    """Return what finds a part of a text, in whatever case, as the other stack's SQL does."""
    escaped = part.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return func.upper(column).like(func.upper(f"%{escaped}%"), escape="\\")
