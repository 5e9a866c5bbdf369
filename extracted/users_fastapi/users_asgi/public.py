"""What customers and staff read of accounts, by token, as the monolith answers it.

    GET /api/users/me/   /api/users/me/addresses/   /api/users/me/addresses/{id}/
    GET /api/users/      /api/users/{id}/

Login, registration and every change stay with the Django service: route only GET to this one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from sqlalchemy import Numeric, Row, Select, func, select, type_coerce
from sqlalchemy.orm import Session

from users_asgi.database import reading
from users_asgi.errors import JSON, ToldError, told
from users_asgi.paging import page_of
from users_asgi.tables import Address, Order, Profile, Token, User

router = APIRouter(prefix="/api")
UNPAID = ("cancelled", "refunded")
RECENT_ORDERS = 5
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
Moment = Annotated[datetime, BeforeValidator(lambda found: found.replace(tzinfo=UTC)
                                             if found.tzinfo is None else found)]  # fmt: skip
Money = Annotated[Decimal, PlainSerializer("{:.2f}".format, return_type=str)]


class Body(BaseModel):
    """A body that is read off a row."""

    model_config = ConfigDict(from_attributes=True)


class Me(Body):
    """A user as they see themselves."""

    id: int
    email: str
    first_name: str
    last_name: str
    is_staff: bool
    date_joined: Moment


class AddressBody(Body):
    """An address, with the number of orders sent there."""

    id: int
    label: str
    line1: str
    line2: str
    city: str
    postcode: str
    country: str
    is_default: bool
    order_count: int


class Customer(Body):
    """A user as staff see them in the list, with what they ordered and spent."""

    id: int
    email: str
    first_name: str
    last_name: str
    is_active: bool
    date_joined: Moment
    loyalty_points: int
    order_count: int
    spent: Money


class RecentOrder(Body):
    """An order in short."""

    number: str
    status: str
    total: Money
    currency: str
    placed_at: Moment


class CustomerInDetail(Customer):
    """The same with the latest orders."""

    recent_orders: list[RecentOrder]


class Page(Body):
    """A page of users."""

    count: int
    next: str | None
    previous: str | None
    results: list[Customer]


def offer(path: str, *allowed: str) -> Callable[..., Any]:
    """Make a function of session, request and user the answer to GET and HEAD of an address.

    `allowed` are the other methods that the address has with the Django service.
    """

    def register(read: Callable[..., BaseModel | list[BaseModel]]) -> Callable[..., Any]:
        def answer(request: Request) -> Response:
            headers = {"Allow": ", ".join(("GET", *allowed, "HEAD", "OPTIONS"))}
            try:
                with reading() as session:
                    found = read(session, request, known(session, request))
            except Exception as error:  # noqa: BLE001 - each is told, or logged
                return refused(told(error), headers)
            content = [one.model_dump(mode="json") for one in found] if isinstance(
                found, list) else found.model_dump(mode="json")  # fmt: skip
            return Response(_compact(content), media_type=JSON, headers=HEADERS | headers)

        router.add_api_route(path, answer, methods=["GET", "HEAD"])
        return read

    return register


def refused(error: ToldError, headers: dict[str, str]) -> Response:
    """Return an answer that tells an error of the public API."""
    told_ = HEADERS | headers
    if error.status == 401:
        told_["WWW-Authenticate"] = "Token"
        if error.code == "not_authenticated":
            told_["Vary"] = "Cookie"
    return Response(_compact(error.content), error.status, told_, media_type=JSON)


def nothing_at(path: str) -> Response:
    """Return the answer to an address that nobody has."""
    error = {"error": {"code": "not_found", "message": f"There is nothing at {path}."}}
    return Response(json.dumps(error), 404, HEADERS, media_type=JSON)


def known(session: Session, request: Request) -> User:
    """Return whose token a request carries.

    Raises:
        ToldError: 401.
    """
    word, *rest = request.headers.get("Authorization", "").split() or [""]
    if word.lower() != "token":
        message = "Authentication credentials were not provided."
        raise ToldError(401, "not_authenticated", message)
    if len(rest) != 1:
        reason = "Token string should not contain spaces" if rest else "No credentials provided"
        raise ToldError(401, "authentication_failed", f"Invalid token header. {reason}.")
    user = session.scalar(select(User).join(Token).where(Token.key == rest[0]))
    if user is None:
        raise ToldError(401, "authentication_failed", "Invalid token.")
    if not user.is_active:
        raise ToldError(401, "authentication_failed", "User inactive or deleted.")
    return user


@offer("/users/me/", "PATCH")
def me(_session: Session, _request: Request, user: User) -> Me:
    return Me.model_validate(user)


@offer("/users/me/addresses/", "POST")
def addresses(session: Session, _request: Request, user: User) -> list[AddressBody]:
    rows = session.execute(_addresses(user).order_by(Address.id))
    return [AddressBody.model_validate(row) for row in rows]


@offer("/users/me/addresses/{id:int}/", "PATCH", "DELETE")
def address(session: Session, request: Request, user: User) -> AddressBody:
    key = _key(request)
    return AddressBody.model_validate(_found(session, _addresses(user).where(Address.id == key)))


@offer("/users/")
def users(session: Session, request: Request, user: User) -> Page:
    if not user.is_staff:
        message = "You do not have permission to perform this action."
        raise ToldError(403, "permission_denied", message)
    count = session.scalar(select(func.count()).select_from(User)) or 0
    page = page_of(request.url, count)
    rows = session.execute(_customers().order_by(User.id).offset(page.offset).limit(page.size))
    results = [Customer.model_validate(row) for row in rows]
    return Page(count=count, next=page.next, previous=page.previous, results=results)


@offer("/users/{id:int}/")
def user_in_detail(session: Session, request: Request, user: User) -> CustomerInDetail:
    visible = _customers().where(User.id == _key(request))
    row = _found(session, visible if user.is_staff else visible.where(User.id == user.id))
    recent = session.scalars(
        select(Order)
        .where(Order.user_id == row.id)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(RECENT_ORDERS)
    )
    orders = [RecentOrder.model_validate(order) for order in recent]
    return CustomerInDetail(**row._asdict(), recent_orders=orders)


def _key(request: Request) -> int:
    """Return the key in the address; 0, which no row has, for one beyond any column."""
    key = int(request.path_params["id"])
    return key if key < 2**63 else 0


def _addresses(user: User) -> Select[Any]:
    sent = select(func.count()).where(Order.shipping_address_id == Address.id).scalar_subquery()
    columns = (getattr(Address, name) for name in AddressBody.model_fields if name != "order_count")
    return select(*columns, sent.label("order_count")).where(Address.user_id == user.id)


def _customers() -> Select[Any]:
    """Return users with `order_count` and `spent`, which leaves out what was not paid."""
    of_user = Order.user_id == User.id
    count = select(func.count()).where(of_user).scalar_subquery()
    paid = select(func.sum(Order.total)).where(of_user, Order.status.not_in(UNPAID))
    spent = type_coerce(func.coalesce(paid.scalar_subquery(), 0), Numeric(12, 2))
    return select(
        User.id, User.email, User.first_name, User.last_name, User.is_active, User.date_joined,
        Profile.loyalty_points, count.label("order_count"), spent.label("spent"),
    ).outerjoin(Profile)  # fmt: skip


def _found(session: Session, rows: Select[Any]) -> Row[Any]:
    row = session.execute(rows).one_or_none()
    if row is None:
        raise ToldError(404, "not_found", "Not found.")
    return row


def _compact(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
