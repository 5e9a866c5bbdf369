from clients import users_client
from django.db import transaction
from users.models import Address, Profile, User


def found(user: User, city, pair):
    profile, is_new = users_client.get_or_create_profile_by_user_id_setting_phone_and_points(
        user_id=user.pk, points=3, phone=""
    )
    if is_new:
        return profile.points
    Address.objects.update_or_create(city=city, user=user, defaults=dict(is_default=True))
    users_client.update_or_create_address_by_city_and_user_id_setting_is_default(
        city=city, user_id=user.pk, is_default=True
    )
    address = users_client.get_or_create_address_by_city_and_user_id(user_id=user.pk, city=city)[0]
    return address.city


def refused(user: User, pk, make, given):
    pair = Profile.objects.get_or_create(user=user)
    Profile.objects.filter(points=1).get_or_create(user=user)
    Profile.objects.get_or_create(user=user, defaults=given)
    Profile.objects.get_or_create(user=user, defaults={"phone": lambda: "1"})
    Profile.objects.get_or_create(phone__iexact="x", user=user)
    with transaction.atomic():
        Profile.objects.get_or_create(user=user)
    return pair
