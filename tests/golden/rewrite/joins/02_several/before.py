from shop.models import Line, Order


def active(email, total):
    return Order.objects.filter(user__email=email, total=total, user__is_active=True).first()


def not_active(order: Order):
    return Order.objects.exclude(user__name=order.user.name, user__is_active=False, total=1)


def two_relations(city, name):
    return Order.objects.filter(user__name=name).filter(address__city=city, user__is_active=True, user__name="x")


def first_of_all(name):
    return Line.objects.filter(order__user__name=name, order__user__is_active=True, order__total=1)
