from django.db.models import Prefetch
from shop.models import Line, Order
from users.models import User


def joined():
    return Order.objects.select_related("user__profile", "user__manager_of", "user")


def loaded():
    return Order.objects.prefetch_related("lines__packed_by__addresses", "user__addresses")


def loaded_whole():
    return Order.objects.prefetch_related(
        Prefetch("user", queryset=User.objects.select_related("profile")),
        Prefetch("lines", queryset=Line.objects.select_related("packed_by__profile")),
    )


def some_columns():
    return (
        Order.objects.select_related("user", "address")
        .only("total", "user__email", "user__name", "address__city")
        .defer("user__joined")
    )


def few_columns():
    return Order.objects.select_related("user").defer("user__joined").order_by("total")
