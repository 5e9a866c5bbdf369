from shop.models import Line, Order
from users.models import User


def same(order: Order, user: User, request):
    return order.user_id == user.pk or request.user.pk != order.user_id


def same_relation(line: Line, order: Order):
    return line.packed_by_id == order.gift_to_id


def the_key(order: Order):
    return order.user_id, order.user_id, f"{order.address_id}"


def missing(order: Order):
    if (order.gift_to_id is not None and order.total) or order.gift_to_id is None:
        return order.gift_to_id is None, order.gift_to_id is not None
    return "gift" if order.gift_to_id is not None else "order"


def all_missing():
    return [order for order in Order.objects.all() if order.gift_to_id is None]
