from django.db.models import Q
from shop.models import Line, Order
from users.models import Address, User


def by_id(user: User, pk: int):
    return Order.objects.filter(Q(user_id=user.pk) | Q(user=pk), user_id__in=[1, 2])


def own(line: Line, order: Order):
    return Line.objects.filter(order=order), line.order == order, line.order.pk


def of_the_service(user: User):
    return Address.objects.filter(user=user)


def nothing_known(user_or_id, thing, user: User):
    return Order.objects.filter(user=user_or_id), thing.user == user


def never_null(order: Order):
    return order.user is None or not order.user


def value_of_and(order: Order):
    return order.gift_to and order.gift_to.email


def shown_again(user: User):
    order = Order(user=user)
    return order.user.email


def no_key(order: Order):
    order.user.email = "x"
    order.gift_to.pk = 3
    return dict(user=order.user.email), order.gift_to.pk
