from django.db.models import Prefetch
from shop.models import Line, Order
from users.models import User


def joined():
    return Order.objects.prefetch_related("user")


def loaded():
    return Order.objects.prefetch_related("lines__packed_by", "user")


def loaded_whole():
    return Order.objects.prefetch_related(
        "user",
        Prefetch("lines", queryset=Line.objects.prefetch_related("packed_by")),
    )


def some_columns():
    return (
        Order.objects.prefetch_related("user", "address")
        .only("total", "user", "address")
    )


def few_columns():
    return Order.objects.prefetch_related("user").order_by("total")
