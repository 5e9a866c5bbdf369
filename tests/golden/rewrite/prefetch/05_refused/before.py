from django.db.models import Prefetch
from shop.models import Line, Order
from users.models import User


def every_relation():
    return Order.objects.select_related()


def active():
    return Order.objects.prefetch_related(Prefetch("user", queryset=User.active.all()))


def named():
    return Order.objects.prefetch_related(Prefetch("user", to_attr="buyer"))


def locked():
    return Line.objects.select_related("packed_by").select_for_update(of=("self", "packed_by"))


def told():
    return Order.objects.select_related(
        "pk",
        "user",  # for the letter
    )


def forgotten():
    return Order.objects.select_related("user").prefetch_related(None)
