from clients import users_client
from users.models import Profile, User


def made(user: User, city):
    address = users_client.create_address_with_city_and_is_default_and_user_id(
        user_id=user.pk, city=city, is_default=True
    )
    return address.city, address.pk


def made_at_once(user: User):
    if user.is_active:
        Profile.objects.filter(user=user).count()

        # the first one
        users_client.create_profile_with_phone_and_user_id(user_id=user.pk, phone="1")
