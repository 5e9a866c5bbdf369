from django.db.models import Count, F, Q
from shop.models import Line, Order
from users.models import User


def by_key(pk, user_ids):
    orders = Order.objects.filter(user__pk=pk, gift_to__id__gt=pk).exclude(gift_to__in=user_ids)
    return orders.filter(Q(gift_to__isnull=True) | ~Q(address__pk__in=[1, 2]))


def by_rows(order_ids):
    return Line.objects.filter(order__user__in=[1, 2], packed_by__isnull=bool(order_ids))


def counted():
    return Line.objects.annotate(
        buyers=Count("order__user", distinct=True), sent_to=F("order__gift_to__pk")
    ).filter(packed_by=F("order__user"))


def left_alone(users: list[User]):
    Order.objects.filter(user__in=users, gift_to__in=User.objects.filter(is_active=True))
    Order.objects.annotate(Count("user")).filter(user__email="x")
    return Order.objects.filter(user__pk=F("gift_to__pk")).values("user").order_by("user")
