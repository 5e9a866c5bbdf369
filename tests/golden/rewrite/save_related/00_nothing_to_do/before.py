from django.db import transaction
from shop.models import Line, Order


def only_set(order: Order):
    order.address.city = "Ghent"


def two_columns(order: Order):
    order.address.city = "Ghent"
    order.address.is_default = True
    order.address.save()


def own(line: Line):
    line.order.total = 0
    line.order.save()


@transaction.atomic
def with_the_order(order: Order):
    order.address.city = "Ghent"
    order.address.save()
    order.save()


def clock(order: Order):
    order.user.name = "Ann"
    order.user.save()


def in_part(order: Order):
    order.address.city = "Ghent"
    order.address.save(update_fields=["city"])
