from django.db.models import Prefetch
from shop.models import Line, Order
from users.models import Profile, User


def with_addresses():
    return Order.objects.prefetch_related("user")


def through_lines():
    lines = Line.objects.prefetch_related("packed_by")
    return Order.objects.prefetch_related(Prefetch("lines", queryset=lines))


def of_its_own_kind():
    users = User.objects.prefetch_related("team")
    return Order.objects.prefetch_related(Prefetch("user", queryset=users))


def of_another_service():
    users = User.objects.prefetch_related("orders")
    return Order.objects.prefetch_related(Prefetch("user", queryset=users))


def picked():
    friends = Prefetch("fans", queryset=Profile.objects.filter(points=1))
    users = User.objects.prefetch_related(friends)
    return Order.objects.prefetch_related(Prefetch("user", queryset=users))
