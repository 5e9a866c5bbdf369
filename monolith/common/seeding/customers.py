"""Customers with profile, address, cart and payment method; the first of all is staff."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import make_password

from monolith.common.seeding.clock import PRESENT
from monolith.orders.models import Cart
from monolith.payments.factories import PaymentMethodFactory
from monolith.payments.models import PaymentMethod
from monolith.users.factories import (
    DEFAULT_PASSWORD,
    AddressFactory,
    ProfileFactory,
    UserFactory,
)
from monolith.users.models import Address, Profile, User

STAFF_EMAIL = "staff@shop.test"
OLDEST_ACCOUNT_DAYS = 1095
YOUNGEST_ACCOUNT_DAYS = 735
BRANDS = ("Visa", "Mastercard", "Amex")


@dataclass(frozen=True)
class Customer:
    """The unsaved rows of one account."""

    user: User
    profile: Profile
    address: Address
    cart: Cart
    method: PaymentMethod


def build_customers(*, count: int, first_number: int, rng: random.Random) -> Iterator[Customer]:
    """Yield customers user<n>@shop.test, all with the password DEFAULT_PASSWORD.

    When numbering starts at 1, the first is the superuser STAFF_EMAIL.
    """
    # One hash for all: hashing is slow on purpose, and the password is public anyway.
    password = make_password(DEFAULT_PASSWORD, salt=f"seed{rng.getrandbits(64):016x}")
    for number in range(first_number, first_number + count):
        staff = number == 1
        joined_days = rng.randint(YOUNGEST_ACCOUNT_DAYS, OLDEST_ACCOUNT_DAYS)
        user = UserFactory.build(
            email=STAFF_EMAIL if staff else f"user{number}@shop.test",
            password=password,
            is_staff=staff,
            is_superuser=staff,
            date_joined=PRESENT - timedelta(days=joined_days, seconds=rng.randrange(86_400)),
        )
        yield Customer(
            user=user,
            profile=ProfileFactory.build(user=user),
            address=AddressFactory.build(user=user, is_default=True),
            cart=Cart(user=user, created_at=user.date_joined),
            method=PaymentMethodFactory.build(
                user=user,
                brand=rng.choice(BRANDS),
                last4=f"{rng.randrange(10_000):04d}",
                is_default=True,
                created_at=user.date_joined,
            ),
        )
