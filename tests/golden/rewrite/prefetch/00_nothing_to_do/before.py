from django.db.models import Prefetch
from shop.models import Line, Order
from users.models import Profile


def own(pk):
    return Line.objects.select_related("order").prefetch_related("order__lines").get(pk=pk)


def batched_already():
    return Order.objects.prefetch_related("user", Prefetch("lines", queryset=Line.objects.all()))


def of_the_service():
    return Profile.objects.select_related("user")


def by_name(path):
    return Order.objects.select_related(path)


def nothing_known(orders):
    for order in orders.select_related("user"):
        print(order.user.email)


def forget():
    return Order.objects.select_related(None).only("total", "user_id").defer("user")


def keys():
    return [(order.user.pk, order.user_id) for order in Order.objects.all()]


def of_one(order: Order):
    for line in order.lines.all():
        print(line.packed_by)
