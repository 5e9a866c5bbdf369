from django.db.models import Q
from django.shortcuts import get_object_or_404
from shop.models import Line, Order


def found(email, total):
    orders = Order.objects.filter(user__email=email, total__gt=total)
    return orders.exclude(address__city__startswith="A")


def one(pk, name):
    return Order.objects.get(pk=pk, user__name=name)


def searched(q: str):
    either = Q(user__email__icontains=q) | Q(total=3) | ~Q(gift_to__name__in=["a", q])
    return Order.objects.filter(either) and Order.objects.filter(
        Q(user__email__icontains=q) | Q(total=3) | ~Q(gift_to__name__in=["a", q])
    )


def nested(order: Order, email):
    order.lines.filter(order__user__email__iexact=email).update(order=order)
    return Line.objects.filter(order__address__user__profile__phone=email, packed_by__email="a@b.c")


def bosses(boss_id):
    return [each.total for each in Order.objects.filter(user__boss_id=boss_id)]


def or_404(pk, city):
    return get_object_or_404(Order, pk=pk, address__city=city)
