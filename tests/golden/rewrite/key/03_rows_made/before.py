from shop.models import Order
from users.models import Address, User


def made(user: User, address: Address):
    Order.objects.create(user=user, address=address, total=1)


def kept(user: User):
    order = Order(
        user=user,
        total=1,
    )
    order.save()
    return order


def found_or_made(user: User):
    return Order.objects.get_or_create(user=user, defaults={"total": 1})


def moved(user: User):
    Order.objects.filter(total=1).update(user=user)
