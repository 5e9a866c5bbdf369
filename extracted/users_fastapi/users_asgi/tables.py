"""The tables of the service, by the names that the monolith gave them.

    python -m users_asgi.tables      makes those that are missing in DATABASE_URL

Orders are a copy of another service's rows, to read; nothing here writes them.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from users_asgi.database import engine

Key = BigInteger().with_variant(Integer, "sqlite")
Moment = DateTime(timezone=True)


class Table(DeclarativeBase):
    """What all tables share."""


class User(Table):
    """A person with an account; the email address is the login name."""

    __tablename__ = "users_user"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    password: Mapped[str] = mapped_column(String(128))
    last_login: Mapped[datetime | None] = mapped_column(Moment)
    is_superuser: Mapped[bool]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    first_name: Mapped[str] = mapped_column(String(80))
    last_name: Mapped[str] = mapped_column(String(80))
    is_staff: Mapped[bool]
    is_active: Mapped[bool]
    date_joined: Mapped[datetime] = mapped_column(Moment)
    profile: Mapped[Profile | None] = relationship(back_populates="user", lazy="raise")

    __table_args__ = (Index("user_email_unique_without_case", func.lower(email), unique=True),)

    @property
    def public_name(self) -> str:
        """What other customers may read: first name and initial, never the address."""
        initial = f" {self.last_name[0]}." if self.last_name else ""
        return f"{self.first_name}{initial}".strip() or "A customer"

    @property
    def short_name(self) -> str:
        return self.first_name or self.email


class Profile(Table):
    """What the shop knows about a user beyond the login."""

    __tablename__ = "users_profile"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32))
    birth_date: Mapped[date | None]
    marketing_opt_in: Mapped[bool]
    loyalty_points: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), unique=True)
    user: Mapped[User] = relationship(back_populates="profile", lazy="raise")


class Favourite(Table):
    """A product that a profile names, by the key it has with the products service."""

    __tablename__ = "users_profile_favourite_products"
    __table_args__ = (UniqueConstraint("profile_id", "product_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    profile_id: Mapped[int] = mapped_column(BigInteger, index=True)
    product_id: Mapped[int] = mapped_column(BigInteger, index=True)


class Address(Table):
    """Where parcels go; at most one is the user's default."""

    __tablename__ = "users_address"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    label: Mapped[str] = mapped_column(String(40))
    line1: Mapped[str] = mapped_column(String(120))
    line2: Mapped[str] = mapped_column(String(120))
    city: Mapped[str] = mapped_column(String(80))
    postcode: Mapped[str] = mapped_column(String(16))
    country: Mapped[str] = mapped_column(String(2))
    is_default: Mapped[bool]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    user: Mapped[User] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "address_one_default_per_user", user_id, unique=True,
            sqlite_where=text("is_default"), postgresql_where=text("is_default"),
        ),
    )  # fmt: skip


class Token(Table):
    """What an API client sends to be known as a user."""

    __tablename__ = "authtoken_token"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    created: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), unique=True)


class Order(Table):
    """A copy of the orders service's rows."""

    __tablename__ = "orders_order"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    status: Mapped[str] = mapped_column(String(12))
    total: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    currency: Mapped[str] = mapped_column(String(3))
    placed_at: Mapped[datetime] = mapped_column(Moment, index=True)
    shipping_address_id: Mapped[int] = mapped_column(BigInteger, index=True)
    user_id: Mapped[int] = mapped_column(BigInteger, index=True)


class IdempotencyKey(Table):
    """A key, what was asked under it, and what was answered."""

    __tablename__ = "strangler_idempotency_key"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)


if __name__ == "__main__":
    Table.metadata.create_all(engine())
