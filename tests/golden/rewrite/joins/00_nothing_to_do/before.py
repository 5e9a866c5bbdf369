"""Nothing here looks beyond a relation into the service."""

from django.db.models import Q
from shop.models import Line, Order


def by_key(user_id, ids):
    orders = Order.objects.filter(user_id=user_id, user__pk=user_id).exclude(user__in=ids)
    return orders.filter(Q(gift_to__isnull=True) | Q(gift_to_id__in=ids))


def by_own_columns(total):
    return Line.objects.filter(order__total__gt=total, order__user=3).order_by("order__placed")


def of_unknown(rows, email):
    return rows.filter(user__email=email)


def a_dict(email):
    return dict(user__email=email)
