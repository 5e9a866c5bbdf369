from django.db.models import Count, F, Max, Q
from shop.models import Line, Order


def sorted_rows():
    return Order.objects.order_by("-user__email", "total", "user")


def columns():
    return list(Order.objects.values("pk", "user__email")), Line.objects.values_list(
        "order__user__email", "order__user_id"
    )


def computed():
    Order.objects.aggregate(Max("user__joined"), Count("user"))
    return Order.objects.annotate(name=F("user__name"), of=Count("lines")).filter(
        total__gt=F("user__profile__points")
    )


class OrderFilter:
    email = filters.CharFilter(field_name="user__email", lookup_expr="iexact")
    total = filters.NumberFilter(field_name="total")

    class Meta:
        model = Order
