from shop.models import Order
from users.models import Address, User


def made(user: User, address: Address):
    Order.objects.create(user_id=user.pk, address_id=address.pk, total=1)


def kept(user: User):
    order = Order(
        user_id=user.pk,
        total=1,
    )
    order.save()
    return order


def found_or_made(user: User):
    return Order.objects.get_or_create(user_id=user.pk, defaults={"total": 1})


def moved(user: User):
    Order.objects.filter(total=1).update(user_id=user.pk)
