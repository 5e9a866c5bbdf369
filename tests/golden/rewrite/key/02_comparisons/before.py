from shop.models import Line, Order
from users.models import User


def same(order: Order, user: User, request):
    return order.user == user or request.user != order.user


def same_relation(line: Line, order: Order):
    return line.packed_by == order.gift_to


def the_key(order: Order):
    return order.user.pk, order.user.id, f"{order.address.pk}"


def missing(order: Order):
    if (order.gift_to and order.total) or not order.gift_to:
        return order.gift_to is None, order.gift_to is not None
    return "gift" if order.gift_to else "order"


def all_missing():
    return [order for order in Order.objects.all() if not order.gift_to]
