from django.shortcuts import get_object_or_404
from shop.models import Line, Order


def one(number):
    return Order.objects.select_related("user").get(pk=number)


def first():
    return Order.objects.filter(total__gt=1).select_related("user", "address").first()


def beside_own():
    return Line.objects.select_related("order", "packed_by").order_by("pk")


def through_own():
    return Line.objects.select_related("order__user", "order__address").all()


def merged():
    return Order.objects.select_related("user").filter(total=1).prefetch_related("lines")


def merged_before():
    return Line.objects.prefetch_related("watchers").select_related("order__user")


def locked(pk):
    return Order.objects.select_related("user").select_for_update(of=("self",)).get(pk=pk)


def streamed():
    yield from Order.objects.select_related("user").iterator()


def found(pk):
    return get_object_or_404(Order.objects.select_related("user"), pk=pk)
