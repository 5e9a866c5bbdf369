from clients import users_client
from django.db import transaction
from users.models import Address, User

from shop.models import Order


def register(name, email, order: Order):
    boss = users_client.create_user_with_boss_id_and_email_and_name(
        name=name,
        email=email,  # as typed
        boss_id=None,
    )
    address = users_client.create_address_with_city_and_user_id(
        user_id=order.user_id, city="Rome"
    )
    users_client.create_address_with_city_and_user_id(
        user_id=order.gift_to_id, city=boss.name
    )
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
