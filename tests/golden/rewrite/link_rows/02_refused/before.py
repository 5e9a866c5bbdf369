from django.db import transaction
from shop.models import Order
from users.models import Address, Profile, User


def befriend(pk, user: User, anybody, city):
    profile = Profile.objects.get(pk=pk)
    with transaction.atomic():
        profile.friends.add(user)
    profile.friends.add(anybody)
    profile.friends.add(user, through_defaults={})
    given = profile.friends.add(user)
    profile.friends.add(
        user,  # one more
    )
    user = User.objects.get(pk=pk)
    user.addresses.add(Address(city=city))
    profile = Profile.objects.filter(pk=1).first()
    profile.friends.clear()
    return given


def given(profile: Profile, order: Order):
    profile.friends.clear()
    order.user.fans.clear()


def watched(order: Order, user: User):
    user.watched.set([])
