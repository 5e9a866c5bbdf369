import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Dict, List, Optional, Sequence

from django.core.mail import send_mail
from django.db import transaction
from django.utils.html import format_html
from shop.models import Order
from users.models import Address, Receipt, User


class ClosedError(Exception):
    """The account is closed."""


class Desk:
    @staticmethod
    def close(user: User, on: datetime.date) -> None:
        if not user.is_active:
            raise ClosedError(user.email)
        User.objects.filter(pk=user.pk).update(is_active=False)

    @classmethod
    def names(cls, limit: int) -> List[str]:
        return list(User.objects.values_list("name", flat=True)[:limit])


@transaction.atomic
def receipt_write(
    order: Order, user: User, *, number: str, fee: Optional[Decimal] = None
) -> Receipt:
    if order.total < 0:
        raise ClosedError("nothing to pay")
    return Receipt.objects.create(order=order, user=user, number=number)


def receipts_since(day: datetime.date, kinds: Sequence[str] = ()) -> List[Receipt]:
    return list(Receipt.objects.filter(order__placed__gte=day))


def cities(ids: List[int], weights: Dict[str, int]) -> int:
    return Address.objects.filter(pk__in=ids).count() + len(weights)


def greet(user: User):
    send_mail("Hello", "", None, [user.email])


def rename(user: User, name: str) -> None:
    user.name = name
    user.save()


def dear(name: str) -> str:
    return f"Dear {name}"


def bill(order: Order) -> None:
    Receipt.objects.filter(order=order).update(number=order.user.name)


def first(*users: User) -> Optional[User]:
    return users[0] if users else User.objects.first()


def badge(user: User) -> str:
    return format_html("<b>{}</b>", User.objects.get(pk=user.pk).name)


@lru_cache
def oldest() -> int:
    return User.objects.order_by("joined").first().pk


def nobody(pk: int) -> str:
    if not User.objects.filter(pk=pk).exists():
        raise KeyError(pk)
    return "somebody"
