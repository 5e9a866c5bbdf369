from django.db.models import F, Q
from shop.models import Line, Order

EVERY = Order.objects.filter(user__email="a@b.c")


class Page:
    queryset = Order.objects.filter(user__email="a@b.c")
    lazily = staticmethod(lambda email: Order.objects.filter(user__email=email))


def by_default(found=Order.objects.filter(user__email="a@b.c")):
    return found


async def later(email):
    return [each async for each in Order.objects.filter(user__email=email)]


def missing(name):
    return (
        Order.objects.filter(gift_to__name__isnull=True),
        Order.objects.filter(gift_to__name=name),
        Order.objects.filter(gift_to__name=None),
        Order.objects.filter(lines__packed_by__name=name),
    )


def wide(flag):
    return Order.objects.filter(user__is_active=flag, user__joined__gt=flag)


def computed():
    return Order.objects.filter(user__name=F("address__city"), total=1)


def at_run_time(email, **more):
    return Order.objects.filter(user__email=email, **more)


def twice(email, ids):
    return Order.objects.filter(user__email=email, user_id__in=ids)


def locked(email):
    return Order.objects.select_for_update().get(user__email=email)


def compared(email):
    return Order.objects.filter(Q(user__email=email) ^ Q(total=1))


def several(email):
    return Order.objects.exclude(lines__packed_by__email="a", lines__packed_by__name="b")


def out_again(total):
    return Line.objects.filter(order__user__gifts__total=total)
