from django.db import transaction
from users.models import Address, Profile, User


def found(user: User, city, pair):
    profile, is_new = Profile.objects.get_or_create(user=user, defaults={"points": 3, "phone": ""})
    if is_new:
        return profile.points
    Address.objects.update_or_create(city=city, user=user, defaults=dict(is_default=True))
    Address.objects.update_or_create(city=city, user=user, defaults={"is_default": True})
    address = user.addresses.get_or_create(city=city)[0]
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
