from django.db import transaction
from users.models import Address, User

from shop.models import Order


def register(name, email, order: Order):
    boss = User.objects.create(
        name=name,
        email=email,  # as typed
        boss=None,
    )
    address = order.user.addresses.create(city="Rome")
    Address.objects.create(user=order.gift_to, city=boss.name)
    return address.pk, boss.pk


@transaction.atomic
def decorated(user: User):
    user.addresses.create(city="Rome")


def refused(user: User, **columns):
    with transaction.atomic():
        Address.objects.create(user=user, city="Rome")
    User.objects.create(**columns)
    User.objects.bulk_create([User(name="x")])
    saved = Address.objects.create(user=user, city="Rome")
    saved.city = "Paris"
    print(columns)
    saved.save()
    return Address.objects.create(user=user, city="Rome")
