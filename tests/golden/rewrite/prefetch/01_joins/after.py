from django.shortcuts import get_object_or_404
from shop.models import Line, Order


def one(number):
    return Order.objects.prefetch_related("user").get(pk=number)


def first():
    return Order.objects.filter(total__gt=1).prefetch_related("user", "address").first()


def beside_own():
    return Line.objects.select_related("order").prefetch_related("packed_by").order_by("pk")


def through_own():
    return Line.objects.select_related("order").prefetch_related("order__user", "order__address").all()


def merged():
    return Order.objects.filter(total=1).prefetch_related("lines", "user")


def merged_before():
    return Line.objects.prefetch_related("watchers", "order__user").select_related("order")


def locked(pk):
    return Order.objects.prefetch_related("user").select_for_update(of=("self",)).get(pk=pk)


def streamed():
    yield from Order.objects.prefetch_related("user").iterator(chunk_size=2000)


def found(pk):
    return get_object_or_404(Order.objects.prefetch_related("user"), pk=pk)
