from functools import partial

from django.db import transaction
from shop.models import Order
from users import services
from users.models import User
from users.services import greet, receipt_write, rename


def refused(order: Order, user: User, given, maybe=None):
    rename(order.user, "Ada")
    services.bill(order)
    receipt_write(*given)
    receipt_write(order, user, number="1")
    receipt_write(order, maybe, number="1")
    receipt_write(Order.objects.get(pk=1), order.user, number="1")
    other = User.objects.get(pk=1)
    other.name = "Bo"
    receipt_write(order, other, number="1")
    receipt_write(order, order.gift_to, number="1")
    print(greet(order.user))
    receipt_write(order, order.user, number="1").delete()
    services.cities(User.objects.values_list("pk", flat=True), {})
    services.first(order.user)
    print(services.badge(order.user))
    services.oldest()
    services.nobody(1)


def in_one(order: Order):
    with transaction.atomic():
        order.save()
        receipt_write(order, order.user, number="1")


later = partial(greet)
